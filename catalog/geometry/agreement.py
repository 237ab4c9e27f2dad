"""How far two makers agree on the regions of one image: boxes matched one to one, by intersection over union."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
THRESHOLD = 0.5
"""Smallest IoU of boxes that are taken for the same region, as COCO and PASCAL VOC have it."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two boxes that are taken for the same region."""

    first: int
    """Place among the boxes of the first maker."""
    second: int
    """Place among those of the second."""
    iou: float
    """Intersection over union, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which boxes of two makers belong together, and which stand alone."""

    matches: tuple[Match, ...]
    """The best first; no box is in two of them."""
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]

    @property
    def mean_iou(self) -> float | None:
        """Of the matches; None without one."""
        return float(np.mean([match.iou for match in self.matches])) if self.matches else None


def iou(first: Sequence[Box], second: Sequence[Box]) -> NDArray[np.float64]:
    """Intersection over union of every box with every other, (len(first), len(second)).

    Boxes are x0, y0, x1, y1 in half-open pixels; one that is empty or not finite meets none.
    """
    one, other = (np.asarray(boxes, dtype=np.float64).reshape(-1, 4) for boxes in (first, second))
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.maximum(one[:, None, :2], other[None, :, :2])
        high = np.minimum(one[:, None, 2:], other[None, :, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=2)
        areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (one, other)]
        found = shared / (areas[0][:, None] + areas[1][None, :] - shared)
    return np.asarray(np.nan_to_num(found), dtype=np.float64)


def agreement(first: Sequence[Box], second: Sequence[Box], *, threshold: float = THRESHOLD) -> Agreement:
    """Match boxes of two makers so that the sum of their IoU is the largest (the assignment problem).

    Args:
        first: x0, y0, x1, y1 in half-open pixels, of one maker.
        second: The same of the other, on the same image.
        threshold: Smallest IoU of a match.
    """
    from scipy.optimize import linear_sum_assignment

    overlaps = iou(first, second)
    counted = np.where(overlaps >= threshold, overlaps, 0.0)
    rows, columns = linear_sum_assignment(counted, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    found = [Match(i, j, float(overlaps[i, j])) for i, j in pairs if overlaps[i, j] >= threshold]
    return Agreement(
        tuple(sorted(found, key=lambda match: -match.iou)),
        tuple(sorted(set(range(len(first))) - {match.first for match in found})),
        tuple(sorted(set(range(len(second))) - {match.second for match in found})),
    )
