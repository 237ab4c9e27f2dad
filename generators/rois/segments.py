"""Horizontal and vertical lines in a map of how much of a pen's colour each pixel has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.rois.sliding import closed, opened, padded, slid, widened

SHORTEST = 7
"""Pixels of the shortest run that may be a side."""
_SMOOTH = 7
"""Pixels along a line over which its colour is summed, so that the noise of JPEG does not break it."""
_ACROSS = 5
"""Pixels across a line within which only its ridge counts: JPEG spreads the colour of two pixels over six."""
_RIDGE = (17, 20)
"""Share of the greatest colour across that a ridge has at least."""
_HOLE, _GAP = 3, 8
"""Gaps in pixels, that are filled in a run, and between two runs."""
_LEVEL = 1.5
"""Pixels across by which two runs of one line may differ."""
_COVERED = 0.4
"""Share of a line that may be missing between two runs of it."""
_THICKEST = 7
"""Pixels across the ridge of a line, at most."""
_MOST = 1000
"""Lines of a direction; in images with more the longest are kept."""

Segments = NDArray[np.float64]
"""Shape (n, 3): where the middle of each line runs across, then where it starts and ends along; pixels."""


def segments(colour: NDArray[np.uint8], coloured: NDArray[np.bool_], axis: int) -> Segments:
    """The lines along an axis, in order of where they run.

    Args:
        colour: How much of the pen's colour each pixel has.
        coloured: Where that is enough.
        axis: 1 for horizontal lines, 0 for vertical ones.
    """
    from scipy import ndimage

    runs = opened(closed(_ridges(colour, coloured, axis), _HOLE, axis), SHORTEST, axis)
    labels, _ = ndimage.label(closed(runs, _GAP, axis), np.ones((3, 3)))
    places = [(place[1 - axis], place[axis]) for place in ndimage.find_objects(labels)]
    found = [
        ((across.start + across.stop) / 2, along.start, along.stop)
        for across, along in places
        if across.stop - across.start <= _THICKEST
    ]
    longest = sorted(found, key=lambda line: line[1] - line[2])[:_MOST]
    lines = np.array(longest, dtype=np.float64).reshape(-1, 3)
    lines = np.concatenate([lines, _bridged(lines)])
    return np.asarray(lines[np.argsort(lines[:, 0])])


def _bridged(lines: Segments) -> Segments:
    """Lines over two that run on one another with a gap between, which something may cover."""
    one, other = np.triu_indices(len(lines), 1)
    start, stop = np.minimum(lines[one, 1], lines[other, 1]), np.maximum(lines[one, 2], lines[other, 2])
    gap = np.maximum(lines[one, 1], lines[other, 1]) - np.minimum(lines[one, 2], lines[other, 2])
    level = np.abs(lines[one, 0] - lines[other, 0]) <= _LEVEL
    kept = level & (gap > 0) & (gap <= _COVERED * (stop - start))
    return np.asarray(np.column_stack([(lines[one, 0] + lines[other, 0]) / 2, start, stop])[kept])


def _ridges(colour: NDArray[np.uint8], coloured: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    half = _SMOOTH // 2
    along = slid(padded(colour.astype(np.uint16), half, half, axis), _SMOOTH, axis, np.add)
    share, whole = _RIDGE
    ridges: NDArray[np.bool_] = coloured & (whole * along >= share * widened(along, _ACROSS, 1 - axis))
    return ridges
