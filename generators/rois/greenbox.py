"""Regions from green rectangles that are burnt into published pixels.

MedTrinity draws the box of a region into its image, as an outline of pure green and width 2, and saves it as JPEG; no
column holds the box. It is found again by what is left of the outline:

1. Where green stands out from red and blue, and brightness is that of the pen: JPEG spreads the colour of a line (at
   4:2:0 over six pixels), but keeps its brightness where it was.
2. Thin runs of it are lines; lines that meet are candidates; each is measured to a fraction of a pixel.
3. One that is coloured all around, as wide and as bright as the pen draws, and not just a part of green tissue, of
   green text or of outlines that were found before it, is a box.

The box is that which was drawn. Of an outline of two pixels (as Pillow draws width 2) the outer ones are its edge, and
the outline belongs to it; of three (as OpenCV draws thickness 2) the middle ones are. A side of which the image's edge
cuts a part off lies on that edge. What cannot be seen is not found: a side that lies in pure green, on another
box's side, or wholly outside the image. Nor is a box of less than eight pixels, or a small one close to green text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import UsageError
from generators.contract import Generator, Item, Region
from generators.rois.glyphs import apart_from_text
from generators.rois.outline import PEN, Outline, ground_beside, measured
from generators.rois.rectangles import candidates
from generators.rois.segments import segments
from generators.rois.sliding import broad, widened

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]

_BROAD = 15
"""Pixels: what is green this far in both directions is no line."""
_PIXEL = (PEN - 44, PEN + 46)
"""Brightness of a pixel that may be the pen's: JPEG at 75 is as far off."""
_SIDE = (PEN - 39, PEN + 31)
"""Brightness of the median pixel of a side."""
_WHOLE = (PEN - 16, PEN + 13)
"""Brightness of the median pixel of an outline."""
_QUARTER = PEN - 44
"""Brightness that three quarters of an outline have at least."""
_STROKE = (1.3, 3.8)
"""Pixels that a stroke of two or three is measured as."""
_THREE = 2.55
"""Pixels from which a stroke is taken for three."""
_CUT = 0.25
"""Pixels of a line beyond the edge of the image, from which it is said to be cut off."""
_SMALLEST = 4.0
"""Pixels between the middles of two opposite sides."""
_BESIDE = 0.45
"""Greenness beside an outline, as a share of its own."""
_NEW = 0.3
"""Share of an outline that no outline before explains."""
_TRIED = 2000
"""Candidates an image that are measured."""
_MARGIN = 16
"""Pixels around what is green that are looked at, too."""


@dataclass
class GreenBox(Generator):
    """The boxes whose green outlines are drawn into an image."""

    name = "roi-greenbox"
    layer = "rois"
    reads = "pixels"
    version = 2
    batch_size = 64
    completeness: float = 0.8
    """Least share of an outline that is green; the score of a region is this share."""
    greenness: int = 36
    """Least difference, of 255, between green and the greater of red and blue."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.completeness <= 1:
            raise UsageError(f"{self.name}: completeness is a share from 0.5 to 1, not {self.completeness:g}")
        if not 1 <= self.greenness <= 255:
            raise UsageError(f"{self.name}: greenness is a difference from 1 to 255, not {self.greenness}")

    def prepare(self, item: Item) -> list[Region]:
        """The boxes, found in a worker process: there is no model."""
        found = find(item.pixels(), completeness=self.completeness, greenness=self.greenness)
        return [
            Region(label=None, x0=x0, y0=y0, x1=x1, y1=y1, origin="greenbox", score=score)
            for (x0, y0, x1, y1), score in found
        ]

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        """The regions, as they are."""
        return list(batch)


def find(pixels: Pixels, *, completeness: float = 0.8, greenness: int = 36) -> list[tuple[Box, float]]:
    """Boxes (x0, y0, x1, y1; half-open pixels) and how complete their outlines are.

    Args:
        pixels: Shape (height, width) or (height, width, 3). In grey nothing is green.
        completeness: Least share of an outline that is green.
        greenness: Least difference between green and the greater of red and blue.
    """
    if pixels.ndim != 3:
        return []
    green = _greenness(pixels)
    rows, columns = (np.flatnonzero((green >= greenness).any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        return []
    top, left = max(rows[0] - _MARGIN, 0), max(columns[0] - _MARGIN, 0)
    part = np.s_[top : rows[-1] + _MARGIN + 1, left : columns[-1] + _MARGIN + 1]
    found = _outlines(pixels[part], green[part], completeness, greenness)
    height, width = green.shape
    return [(_box(outline, int(left), int(top), width, height), score) for outline, score in found]


def _greenness(pixels: Pixels) -> Pixels:
    """Green above the greater of red and blue, 0 where it is below."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return np.asarray(green - np.minimum(green, np.maximum(red, blue)))


def _brightness(pixels: Pixels) -> Pixels:
    """The brightness of ``outline.WEIGHTS``, rounded down, without a larger type."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return np.asarray((red >> 2) + (green >> 1) + (green >> 3) + (blue >> 3))


def _outlines(pixels: Pixels, green: Pixels, completeness: float, greenness: int) -> list[tuple[Outline, float]]:
    thin, bright = green - broad(green, _BROAD), _brightness(pixels)
    coloured = (thin >= greenness) & (bright >= _PIXEL[0]) & (bright <= _PIXEL[1])
    likely = candidates(segments(thin, coloured, 1), segments(thin, coloured, 0), coloured, completeness=completeness)
    near = widened(widened(coloured, 3, 0), 3, 1)
    explained = np.zeros_like(near)
    found = []
    for edges in likely[:_TRIED]:
        if Outline(*edges).along(explained).mean() > 1 - _NEW / 2:
            continue
        outline = measured(pixels, edges)
        if not _is_drawn(outline, thin, bright):
            continue
        lit = outline.along(near)
        new = lit & ~outline.along(explained)
        if lit.mean() >= completeness and new.sum() >= _NEW * lit.sum():
            found.append((outline, float(lit.mean())))
            for line in outline.lines(near.shape, thick=7):
                explained[line] = True
    alone = apart_from_text([outline for outline, _ in found], coloured, thin)
    return [one for one, kept in zip(found, alone, strict=True) if kept]


def _is_drawn(outline: Outline, thin: Pixels, bright: Pixels) -> bool:
    """Whether it is as wide and as bright as the pen draws, and more than a part of something green."""
    if outline.shortest < _SMALLEST or not _STROKE[0] <= outline.stroke <= _STROKE[1]:
        return False
    sides = [bright[line] for line in outline.lines(bright.shape, out=0.5)]
    if not all(_SIDE[0] <= np.median(side) <= _SIDE[1] for side in sides):
        return False
    quarter, median = np.percentile(outline.along(bright, out=0.5), [25, 50])
    if quarter < _QUARTER or not _WHOLE[0] <= median <= _WHOLE[1]:
        return False
    return ground_beside(thin, outline) <= _BESIDE


def _box(outline: Outline, left: int, top: int, width: int, height: int) -> Box:
    """The box that was drawn, in an image of which the outline's own begins at left and top."""
    pen = 3 if outline.stroke > _THREE else 2
    x0, x1 = _start(outline.left + left, pen), width - _start(width - left - outline.right, pen)
    y0, y1 = _start(outline.top + top, pen), height - _start(height - top - outline.bottom, pen)
    return x0, y0, x1, y1


def _start(middle: float, pen: int) -> int:
    """Pixels from the image's edge to that of a box, whose line runs at this distance; one that is cut off is at it."""
    if middle - pen / 2 < -_CUT:
        return 0
    return max(round(middle - (0.5 if pen == 3 else 1.0)), 0)
