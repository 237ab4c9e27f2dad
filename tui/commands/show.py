"""``triptych show``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from catalog.errors import UsageError
from tui import output
from tui.ambient import Ambient
from tui.portrait import portrait

if TYPE_CHECKING:
    from catalog.api import Lake


def show(
    image_id: str,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    png: Path | None = None,
    session: Ambient,
) -> int:
    """Show one image: its fields, its ROIs, and what is said of it.

    Example: triptych show 4f2a --png image.png

    Parameters
    ----------
    image_id
        Its id; triptych ls lists them.
    as_json
        One JSON object, with rois, descriptions and findings as lists.
    png
        Also write the picture there, its ROIs outlined and what lies outside them dimmed.
    """
    with session.lake() as lake:
        image = lake.image(image_id)
        if png is not None:
            _draw(lake, image, png)
            session.say(f"wrote {png}")
    if as_json:
        output.document({**image, "extra": image["extra"] and json.loads(image["extra"])})
    else:
        print(portrait(image))
    return 0


def _draw(lake: Lake, image: dict[str, Any], file: Path) -> None:
    from catalog.pixels.draw import draw
    from catalog.pixels.view import view

    picture = draw(view(lake.pixels(), image), image["rois"])
    try:
        picture.save(file, "PNG")
    except OSError as error:
        raise UsageError(f"cannot write '{file}': {error.strerror or error}; choose another file") from error
