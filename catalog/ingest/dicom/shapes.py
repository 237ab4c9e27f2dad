"""Outlines to masks and boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fill(outlines: Sequence[Array], *, width: int, height: int) -> NDArray[np.bool_]:
    """The pixels whose centres lie inside an odd number of closed outlines, as a mask of shape (height, width).

    Even-odd over all outlines at once: an outline inside another cuts a hole, and a keyhole outline does too.

    Args:
        outlines: Points of shape (n, 2), x and y in pixels, where (0, 0) is the centre of the first pixel.
        width: Of the image, in pixels.
        height: Of the image, in pixels.
    """
    toggles = np.zeros(height * (width + 1), dtype=np.int64)
    for outline in outlines:
        rows, columns = _crossings(outline, width=width, height=height)
        toggles += np.bincount(rows * (width + 1) + columns, minlength=toggles.size)
    crossed = np.cumsum(toggles.reshape(height, width + 1), axis=1)
    return np.asarray(crossed[:, :width] % 2 == 1)


def ellipse(centre: Array, major: Array, minor: Array, *, width: int, height: int) -> NDArray[np.bool_]:
    """The pixels whose centres lie in an ellipse given by its half axes, as a mask of shape (height, width).

    All in pixels, where (0, 0) is the *corner* of the first pixel. An axis of no length gives an empty mask.
    """
    lengths = float(major @ major), float(minor @ minor)
    if min(lengths) == 0:
        return np.zeros((height, width), dtype=bool)
    x, y = np.arange(width) + 0.5 - centre[0], (np.arange(height) + 0.5 - centre[1])[:, np.newaxis]
    along, across = (x * major[0] + y * major[1]) / lengths[0], (x * minor[0] + y * minor[1]) / lengths[1]
    return np.asarray(along**2 + across**2 <= 1)


def box(points: Array, *, width: int, height: int) -> tuple[float, float, float, float] | None:
    """The half-open box of the pixels that hold ``points`` (x, y; (0, 0) is the corner of the first pixel), or None.

    None when no part of it lies in the image.
    """
    low, high = np.floor(points.min(axis=0)), np.floor(points.max(axis=0)) + 1
    x0, y0 = max(low[0], 0), max(low[1], 0)
    x1, y1 = min(high[0], width), min(high[1], height)
    return (float(x0), float(y0), float(x1), float(y1)) if x0 < x1 and y0 < y1 else None


def _crossings(outline: Array, *, width: int, height: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the edges of an outline cross rows of pixel centres: the row, and the first column at or right of it."""
    ends = np.roll(outline, -1, axis=0)
    top, bottom = np.minimum(outline[:, 1], ends[:, 1]), np.maximum(outline[:, 1], ends[:, 1])
    first = np.clip(np.ceil(top), 0, height).astype(np.int64)
    counts = np.clip(np.ceil(bottom), 0, height).astype(np.int64) - first
    edges = np.repeat(np.arange(len(outline)), counts)
    rows = np.arange(edges.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edges]
    start, run = outline[edges], ends[edges] - outline[edges]
    crossing = start[:, 0] + (rows - start[:, 1]) * run[:, 0] / run[:, 1]
    return rows, np.clip(np.ceil(crossing), 0, width).astype(np.int64)
