"""Rectangles that horizontal and vertical lines may be the sides of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.rois.segments import Segments
from generators.rois.sliding import padded, widened

_REACH = 4
"""Pixels by which a line may end before its corner."""
_STRETCH = 0.15
"""Share of its length by which it may, besides."""
_BEYOND = 6
"""Pixels beyond its corner from which a line is said to go on."""
_SMALLEST = 3
"""Pixels between the middles of two opposite sides."""
_SLACK = 5
"""Pixels across, within which a side may be coloured."""
_WEAKER = 0.2
"""How much less of a single side may be coloured than of all."""
_MOST = 100_000
"""Rectangles whose corners are met, of which the sides are looked at."""

Edges = NDArray[np.float64]
"""Shape (n, 4): where the middles of the left, upper, right and lower side run; pixels from the image's edges."""


def candidates(rows: Segments, columns: Segments, coloured: NDArray[np.bool_], *, completeness: float) -> Edges:
    """Rectangles of whose sides at least so much is coloured, likely ones first.

    Those whose sides end at their corners come first: of two that cross each other, the part in common has four
    coloured sides, too, but two of these go on.
    """
    quads = _quads(_joined(rows, columns))
    edges = np.column_stack(
        [columns[quads[:, 0], 0], rows[quads[:, 1], 0], columns[quads[:, 2], 0], rows[quads[:, 3], 0]]
    )
    large = ((edges[:, 2:] - edges[:, :2]) >= _SMALLEST).all(axis=1)
    quads, edges = quads[large], edges[large]
    shares, lengths = _shares(edges, coloured), _lengths(edges)
    whole = (shares * lengths).sum(axis=1) / lengths.sum(axis=1)
    kept = (whole >= completeness) & (shares.min(axis=1) >= completeness - _WEAKER)
    quads, edges, whole = quads[kept], edges[kept], whole[kept]
    area = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
    order = np.lexsort((-area, -whole, _going_on(edges, quads, rows, columns)))
    return np.asarray(edges[order])


def _joined(rows: Segments, columns: Segments) -> NDArray[np.bool_]:
    """Which column meets which row: shape (columns, rows)."""
    return _reaches(columns, rows[:, 0]) & _reaches(rows, columns[:, 0]).T


def _reaches(lines: Segments, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    slack = _REACH + _STRETCH * (lines[:, 2] - lines[:, 1])
    after = places >= (lines[:, 1] - slack)[:, None]
    before = places <= (lines[:, 2] + slack)[:, None]
    return np.asarray(after & before)


def _quads(joined: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Two columns and two rows that all meet: shape (n, 4), in the order of edges."""
    common = joined.astype(np.float32) @ joined.T.astype(np.float32)
    found, count = [np.empty((0, 4), dtype=np.intp)], 0
    for one, other in np.argwhere(np.triu(common >= 2, 1)):
        meeting = np.flatnonzero(joined[one] & joined[other])
        upper, lower = np.triu_indices(meeting.size, 1)
        pair = np.full(upper.size, one), np.full(upper.size, other)
        found.append(np.column_stack([pair[0], meeting[upper], pair[1], meeting[lower]]))
        count += upper.size
        if count >= _MOST:
            break
    return np.concatenate(found)


def _lengths(edges: Edges) -> Edges:
    high, wide = edges[:, 3] - edges[:, 1], edges[:, 2] - edges[:, 0]
    return np.column_stack([high, wide, high, wide])


def _shares(edges: Edges, coloured: NDArray[np.bool_]) -> NDArray[np.float64]:
    left, top, right, bottom = edges.T
    across, along = _running(coloured, 1), _running(coloured, 0).T
    of_columns = (_share(along, edge, top, bottom) for edge in (left, right))
    of_rows = (_share(across, edge, left, right) for edge in (top, bottom))
    return np.column_stack([side for pair in zip(of_columns, of_rows, strict=True) for side in pair])


def _running(coloured: NDArray[np.bool_], axis: int) -> NDArray[np.int32]:
    """Coloured pixels before each place along an axis, where a little to either side counts as well."""
    return padded(np.cumsum(widened(coloured, _SLACK, 1 - axis), axis, dtype=np.int32), 1, 0, axis)


def _share(
    running: NDArray[np.int32], edge: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.float64]:
    line = np.clip(edge.astype(np.intp), 0, running.shape[0] - 1)
    first, last = (np.clip(np.round(end).astype(np.intp), 0, running.shape[1] - 1) for end in (start, stop))
    return np.asarray((running[line, last] - running[line, first]) / np.maximum(last - first, 1))


def _going_on(edges: Edges, quads: NDArray[np.intp], rows: Segments, columns: Segments) -> NDArray[np.int64]:
    """How many of the eight ends of a rectangle's sides lie beyond its corners."""
    beyond = np.zeros(len(edges), dtype=np.int64)
    for side, lines in enumerate((columns, rows, columns, rows)):
        ends = lines[quads[:, side], 1:]
        start, stop = (edges[:, 1], edges[:, 3]) if lines is columns else (edges[:, 0], edges[:, 2])
        beyond += (start - ends[:, 0] > _BEYOND).astype(np.int64) + (ends[:, 1] - stop > _BEYOND)
    return beyond
