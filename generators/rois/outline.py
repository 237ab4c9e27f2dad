"""The outline of one rectangle, measured in the pixels that it was drawn into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL = 255
"""Green of the pen above the mean of its red and blue."""
WEIGHTS = np.array([0.25, 0.625, 0.125])
"""Of red, green and blue in what is called brightness here: close to the luminance that JPEG does not blur."""
PEN = 159
"""Brightness of the pen."""
_CONTRAST = 40
"""Least difference in brightness between the pen and what it was drawn on, for a line to be measured by it."""
_GROUND = (2.4, 4.0)
"""Pixels from the middle of a line, between which brightness is that of the ground."""
_SHARP = 2.6
"""Pixels to either side of its middle that hold a line's brightness."""
_LOOKED_AT = 6
"""Pixels to either side of a line of which its profile is made."""
_DRIFT = 2.5
"""Pixels by which the middle of a line may be off where it was found."""
_BLUR = 3
"""Pixels to either side of its middle that hold a line's colour after JPEG."""
_CORNER = 6
"""Pixels at the ends of a side that its neighbours colour, too."""
_BESIDE = 5
"""Pixels from a line at which its colour is gone."""

Line = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the middles of the four lines run, in pixels from the image's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    stroke: float = 0.0
    """How wide the lines are, in pixels: the median of the four."""

    def lines(self, shape: tuple[int, ...], *, out: float = 0.0, thick: int = 1) -> Iterator[Line]:
        """The rows and columns of pixels of the four sides that lie in an image of this shape.

        Args:
            shape: Height and width of the image.
            out: Pixels by which they are moved away from the middle of the rectangle.
            thick: Pixels across, odd.
        """
        edges = (self.left - out, self.top - out, self.right + out, self.bottom + out)
        left, top, right, bottom = (int(np.floor(edge)) for edge in edges)
        along = slice(max(left, 0), max(right, left) + 1), slice(max(top, 0), max(bottom, top) + 1)
        half = thick // 2
        for row in (top, bottom):
            if 0 <= row < shape[0]:
                yield slice(max(row - half, 0), row + half + 1), along[0]
        for column in (left, right):
            if 0 <= column < shape[1]:
                yield along[1], slice(max(column - half, 0), column + half + 1)

    def along(self, values: NDArray[Any], *, out: float = 0.0) -> NDArray[Any]:
        """The values of the pixels of all sides, one after the other."""
        sides = [values[line].ravel() for line in self.lines(values.shape, out=out)]
        return np.concatenate(sides) if sides else values[:0, 0]

    @property
    def shortest(self) -> float:
        """Of width and height the lesser, in pixels."""
        return min(self.right - self.left, self.bottom - self.top)


def measured(pixels: NDArray[np.uint8], edges: NDArray[np.float64]) -> Outline:
    """The outline near these edges (left, upper, right, lower), to a fraction of a pixel."""
    left, top, right, bottom = edges
    upright = pixels.swapaxes(0, 1)
    sides = [
        _middle(upright, left, top, bottom),
        _middle(pixels, top, left, right),
        _middle(upright, right, top, bottom),
        _middle(pixels, bottom, left, right),
    ]
    stroke = float(np.median([width for _, width in sides]))
    middles = [middle for middle, _ in sides]
    return Outline(middles[0], middles[1], middles[2], middles[3], stroke)


def _middle(pixels: NDArray[np.uint8], at: float, start: float, stop: float) -> tuple[float, float]:
    """Middle and width of a line that runs along the second axis."""
    first, last = max(round(at) - _LOOKED_AT, 0), min(round(at) + _LOOKED_AT, pixels.shape[0])
    colours = _between_corners(pixels[first:last], start, stop)
    places = np.arange(first, last) + 0.5
    found = _by_colour(colours, places, at)
    return found if found[1] <= 0 else _by_brightness(colours, places, found[0]) or found


def _between_corners(rows: NDArray[np.uint8], start: float, stop: float) -> NDArray[np.float64]:
    """Mean colour of each row, shape (rows, 3), where no other side colours it."""
    first, last = max(int(start), 0), int(stop)
    cut = min(_CORNER, max((last - first) // 2 - 1, 0))
    return np.asarray(rows[:, first + cut : max(last - cut, first + cut + 1)].mean(axis=1))


def _by_colour(colours: NDArray[np.float64], places: NDArray[np.float64], at: float) -> tuple[float, float]:
    """Middle and width by green above the mean of red and blue.

    JPEG at 4:2:0 blurs the colour of a line to both sides alike, and is linear: the centre of mass stays where the line
    is, and the mass is that of the line, but for what was cut off at black and white.
    """
    green = colours[:, 1] - (colours[:, 0] + colours[:, 2]) / 2
    peak = int(np.argmax(np.where(np.abs(places - at) <= _DRIFT, green, -np.inf)))
    ground = min(green[max(peak - _BLUR - 1, 0)], green[min(peak + _BLUR + 1, green.size - 1)])
    above = np.clip(green - ground, 0, None) * (np.abs(places - places[peak]) <= _BLUR)
    if (mass := above.sum()) <= 0:
        return at, 0.0
    return float((above * places).sum() / mass), float(mass / (FULL - ground))


def _by_brightness(
    colours: NDArray[np.float64], places: NDArray[np.float64], middle: float
) -> tuple[float, float] | None:
    """Middle and width by brightness, which is sharper; None unless both sides are much darker, or much brighter."""
    bright, away = colours @ WEIGHTS, places - middle
    sides = [bright[(away * sign >= _GROUND[0]) & (away * sign <= _GROUND[1])] for sign in (-1, 1)]
    known = [PEN - side.mean() for side in sides if side.size]
    if not known or min(map(abs, known)) < _CONTRAST or known[0] * known[-1] < 0:
        return None
    ground = np.interp(away, (-sum(_GROUND) / 2, sum(_GROUND) / 2), (known[0], known[-1]))
    share = np.clip(1 - (PEN - bright) / ground, 0, None) * (np.abs(away) <= _SHARP)
    mass = share.sum()
    return (float((share * places).sum() / mass), float(mass)) if mass > 0 else None


def ground_beside(colour: NDArray[np.uint8], outline: Outline) -> float:
    """How coloured it is beside the lines, as a share of how coloured they are: the median of the sides' means."""
    means = [colour[line].mean() for line in outline.lines(colour.shape, out=_BESIDE)]
    if outline.shortest > 3 * _BESIDE:
        means += [colour[line].mean() for line in outline.lines(colour.shape, out=-_BESIDE)]
    return float(np.median(means) / max(outline.along(colour).mean(), 1.0)) if means else 0.0
