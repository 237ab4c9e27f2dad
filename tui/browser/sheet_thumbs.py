"""Small pictures of the rows of a table, with a caption each. No screen here; its methods may take their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import TriptychError
from catalog.pixels.overlay import Overlay, overlaid
from catalog.pixels.view import view
from tui.browser.pages import PAGE, Pages
from tui.browser.preview.kept import Kept
from tui.cells import visible

if TYPE_CHECKING:
    from PIL import Image

    from catalog.api import Lake

MOST, MOST_BYTES = 1024, 32 << 20
"""Small pictures that are kept."""
_NAMED_BY = ("modality", "organ", "disease")


@dataclass(frozen=True, slots=True)
class Thumb:
    """One small picture."""

    picture: Image.Image | None
    """None where there are no pixels."""
    trouble: str = ""


class Thumbs:
    """Reads and draws, from any thread. Close it."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._source = lake.pixels()
        self._drawn: Kept[tuple[str, tuple[int, int]], Thumb] = Kept(most=MOST, most_bytes=MOST_BYTES, weigh=_weight)

    def images(self, pages: Pages, first: int, count: int) -> dict[int, dict[str, Any]]:
        """The images of some rows of the table by the numbers of the rows; rows that are no images are left out.

        Raises:
            TriptychError: The lake cannot be read.
        """
        for page in range(first // PAGE, (first + count - 1) // PAGE + 1):
            pages.read(page)
        ids = {number: pages.image_id(number) for number in range(first, first + count)}
        rows = self._lake.images([name for name in ids.values() if name is not None], also=())["images"].to_pylist()
        known = {row["image_id"]: row for row in rows}
        return {number: known[name] for number, name in ids.items() if name in known}

    def known(self, image: Mapping[str, Any], size: tuple[int, int]) -> Thumb | None:
        """What was drawn before, at once."""
        return self._drawn.get((image["image_id"], size))

    def draw(self, image: Mapping[str, Any], size: tuple[int, int]) -> Thumb:
        """An image drawn into ``size`` pixels."""
        try:
            thumb = Thumb(overlaid(view(self._source, image), (), Overlay(size, mode="none")))
        except TriptychError as error:
            thumb = Thumb(None, str(error))
        self._drawn.put((image["image_id"], size), thumb)
        return thumb

    def close(self) -> None:
        """Let go of files."""
        self._source.close()


def caption(image: Mapping[str, Any]) -> str:
    """What an image is of, in a line."""
    said = [str(image[name]) for name in _NAMED_BY if image[name]]
    return visible(" · ".join(said) or str(image["file_name"] or image["image_id"]))


def _weight(thumb: Thumb) -> int:
    return 3 * thumb.picture.width * thumb.picture.height if thumb.picture is not None else 0
