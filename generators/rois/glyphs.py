"""What tells a rectangle that was drawn from strokes of green text that lie as one would.

Letters and digits have sides, too, and lines of text lie above one another. But their corners are round or open, their
strokes end, and they come beside others: a small outline is a box only if little else of its colour is near, and the
less if it is not whole. A large one is not made by letters, and something may cover a part of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generators.rois.outline import Outline

_LETTER = 28
"""Pixels of the shorter side, up to which an outline may be one of letters."""
_WHOLE, _PARTIAL = 0.97, 0.85
"""Share of a small outline, and of a large one, that has the pen's colour and brightness to the pixel."""
_STRONG = 60
"""Greenness of text, of 255: JPEG leaves less of it around a line."""
_AROUND = 8
"""Pixels around an outline that are looked at for text; to its sides, as much as its height if that is more."""
_TEXT, _LITTLE = 0.5, 0.1
"""Green pixels around a small outline that is whole, and around one that is not, as a share of its own."""


def apart_from_text(outlines: Sequence[Outline], coloured: NDArray[np.bool_], green: NDArray[np.uint8]) -> list[bool]:
    """Of each outline, whether it is one of a box, for all the text that is near.

    Args:
        outlines: All that were found in the image.
        coloured: Where pixels may be the pen's.
        green: How green they are.
    """
    whole = [_is_whole(outline, coloured) for outline in outlines]
    rest = coloured & (green >= _STRONG)
    for outline, is_whole in zip(outlines, whole, strict=True):
        if is_whole:
            _clear(rest, outline)
    return [
        is_whole if one.shortest > _LETTER else _around(one, rest) <= (_TEXT if is_whole else _LITTLE)
        for one, is_whole in zip(outlines, whole, strict=True)
    ]


def _is_whole(outline: Outline, coloured: NDArray[np.bool_]) -> bool:
    share = outline.along(coloured, out=0.5).mean()
    return bool(share >= (_WHOLE if outline.shortest <= _LETTER else _PARTIAL))


def _clear(rest: NDArray[np.bool_], outline: Outline) -> None:
    for line in outline.lines(rest.shape, thick=7):
        rest[line] = False


def _around(outline: Outline, rest: NDArray[np.bool_]) -> float:
    """Pixels of a map around an outline that are not its own, as a share of its length."""
    wide = max(_AROUND, outline.bottom - outline.top)
    top, left = max(int(outline.top) - _AROUND, 0), max(int(outline.left - wide), 0)
    near = rest[top : int(outline.bottom) + _AROUND + 1, left : int(outline.right + wide) + 1].copy()
    _clear(near, Outline(outline.left - left, outline.top - top, outline.right - left, outline.bottom - top))
    return float(near.sum() / outline.along(rest).size)
