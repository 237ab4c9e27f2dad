"""From measured values to 8-bit grey: by a window where one is known, else by percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.pixels.volume import to_uint8

_SAMPLES = 1 << 20
"""Percentiles of more pixels than this are taken of every n-th one."""


def by_percentiles(values: NDArray[Any], *, ignore: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Grey between the 0.5th and the 99.5th percentile of what is finite and not ignored; same shape.

    Where these coincide (a sparse mask), between the smallest and the largest value; constant is black.
    """
    found = percentiles(values, ignore=ignore)
    return np.zeros(values.shape, dtype=np.uint8) if found is None else to_uint8(values, *found)


def percentiles(values: NDArray[Any], *, ignore: NDArray[np.bool_] | None = None) -> tuple[float, float] | None:
    """The values that ``by_percentiles`` makes black and white; None where all are ignored or not finite."""
    step = max(1, values.size // _SAMPLES)
    sample = values.reshape(-1)[::step]
    used = np.isfinite(sample)
    if ignore is not None:
        used &= ~ignore.reshape(-1)[::step]
    kept = sample[used]
    if kept.size == 0:
        return None
    low, high = np.percentile(kept, (0.5, 99.5))
    if low == high:
        finite = values[np.isfinite(values)]
        low, high = finite.min(), finite.max()
    return float(low), float(high)


def by_window(values: NDArray[Any], *, center: float, width: float, function: str) -> NDArray[np.uint8]:
    """Grey of a DICOM window (PS3.3 C.11.2.1.2 and .3): function is LINEAR, LINEAR_EXACT or SIGMOID."""
    if function == "SIGMOID":
        with np.errstate(over="ignore"):
            share = 1 / (1 + np.exp(-4 * (values.astype(np.float64) - center) / width))
        return to_uint8(share, 0.0, 1.0)
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, max(width - 1, 1e-6)
    return to_uint8(values, center - width / 2, center + width / 2)


def by_full_scale(values: NDArray[Any], *, bits: int) -> NDArray[np.uint8]:
    """Unsigned samples of ``bits`` bits as 8-bit samples: zero stays zero, the largest value becomes 255."""
    if bits == 8 and values.dtype == np.uint8:
        return values
    return to_uint8(values, 0.0, float(2**bits - 1))
