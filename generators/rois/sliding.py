"""Least, greatest and sum over windows that slide along one axis: morphology without a loop over pixels.

A window of any size takes a handful of whole-array steps, each of which doubles how far it reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]


def slid(values: Values, size: int, axis: int, join: Callable[[Values, Values], Values]) -> Values:
    """``join`` of every ``size`` neighbours along an axis, which gets shorter by ``size - 1``."""
    values, reach = np.moveaxis(values, axis, 0), 1
    while 2 * reach <= size:
        values, reach = join(values[:-reach], values[reach:]), 2 * reach
    if (rest := size - reach) > 0:
        values = join(values[:-rest], values[rest:])
    return np.moveaxis(values, 0, axis)


def padded(values: Values, before: int, after: int, axis: int) -> Values:
    """With zeros at both ends of an axis."""
    widths = [(0, 0)] * values.ndim
    widths[axis] = (before, after)
    return np.pad(values, widths)


def widened(values: Values, size: int, axis: int) -> Values:
    """The greatest value within ``size`` (odd) pixels around each."""
    return slid(padded(values, size // 2, size // 2, axis), size, axis, np.maximum)


def opened(values: Values, size: int, axis: int) -> Values:
    """Without what is shorter than ``size`` along an axis."""
    if values.shape[axis] < size:
        return np.zeros_like(values)
    least = slid(values, size, axis, np.minimum)
    return slid(padded(least, size - 1, size - 1, axis), size, axis, np.maximum)


def closed(mask: Values, size: int, axis: int) -> Values:
    """With gaps shorter than ``size`` along an axis filled; what lies beyond the ends counts as a gap without end."""
    ends = size - 1
    greatest = slid(padded(mask, 2 * ends, 2 * ends, axis), size, axis, np.maximum)
    least = np.moveaxis(slid(greatest, size, axis, np.minimum), axis, 0)
    return np.moveaxis(least[ends : ends + mask.shape[axis]], 0, axis)


def broad(values: Values, size: int) -> Values:
    """Values of what holds a square of ``size`` pixels; 0 of what is thinner or smaller."""
    if min(values.shape) < size:
        return np.zeros_like(values)
    least = slid(slid(values, size, 0, np.minimum), size, 1, np.minimum)
    if not least.any():
        return np.zeros_like(values)
    ends = size - 1
    rows = slid(padded(least, ends, ends, 0), size, 0, np.maximum)
    return slid(padded(rows, ends, ends, 1), size, 1, np.maximum)
