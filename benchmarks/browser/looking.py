"""Images that are looked at: from files and from what was drawn before."""

from __future__ import annotations

import time
from itertools import pairwise
from random import Random
from typing import Any

from benchmarks.browser.driven import Driven


async def looking(driven: Driven, *, seed: int = 7) -> dict[str, Any]:
    """Look at every image once, in a random order, and each time at the one before again.

    Seconds from the cursor's move to the picture, the moment that a row is rested upon included.
    """
    found: dict[str, list[float]] = {"JPEG": [], "DICOM": [], "cached": []}
    rows = list(range(driven.table.count))
    Random(seed).shuffle(rows)  # noqa: S311 - repeatable on purpose
    for before, row in pairwise(rows):
        drawn = _is_known(driven, row)
        seconds = await _look(driven, row)
        if not drawn:
            found["DICOM" if _name(driven).endswith(".dcm") else "JPEG"].append(seconds)
        if _is_known(driven, before):
            found["cached"].append(await _look(driven, before))
    return found


async def _look(driven: Driven, row: int) -> float:
    table, preview = driven.table, driven.preview
    began = time.perf_counter()
    table.action_jump(row)

    def seen() -> bool:
        shown = preview.seen
        return shown is not None and shown.picture is not None and shown.image["image_id"] == table.image_id

    seconds = await driven.until(seen) - began
    await driven.idle()
    return seconds


def _is_known(driven: Driven, row: int) -> bool:
    """Whether its picture has been drawn, because it was looked at or is the next of one that was."""
    pages, preview = driven.table.pages, driven.preview
    image_id = pages.image_id(row) if pages is not None else None
    gallery = preview.gallery
    return image_id is not None and gallery is not None and bool(gallery.known(image_id, preview.sight, preview._room))


def _name(driven: Driven) -> str:
    seen = driven.preview.seen
    return str(seen.image["file_name"]) if seen is not None else ""
