"""What a mask file says: one mask, one region an instance, or one a colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import masks

_MOST_VALUES = 20_000
_SOFT_FROM = 128
"""Values from here up belong to a mask whose edges were smoothed."""


def regions(values: NDArray[Any], label: str) -> Iterator[tuple[str, masks.MaskRegion]]:
    """The regions of a mask of shape (height, width) or (height, width, channels), with their labels.

    Two values make one region, whatever its parts; more make one region an instance; colours one region each, named by
    the colour. Values smeared between 0 and 255, as JPEG and smoothing leave them, are cut in the middle.

    Raises:
        InputError: So many values that this is a picture, not a mask ("mask").
    """
    flat = _grey(values)
    if flat is None:
        yield from _colours(values[..., :3], label)
        return
    if _is_soft(flat):
        flat = flat >= _SOFT_FROM
    _check_few(flat)
    yield from ((label, region) for _, region in masks.instances(np.asarray(flat)))


def _check_few(values: NDArray[Any]) -> None:
    count = len(np.unique(values))
    if count > _MOST_VALUES:
        raise InputError(f"the mask has {count} values, so it is a picture; give masks one value a region", kind="mask")


def _grey(values: NDArray[Any]) -> NDArray[Any] | None:
    """One value a pixel, or None for true colours."""
    if values.ndim == 2:
        return values
    colours = values[..., :1] if values.shape[-1] == 2 else values[..., :3]
    same = bool((colours == colours[..., :1]).all())
    return colours[..., 0] if same else None


def _is_soft(values: NDArray[Any]) -> bool:
    if values.dtype != np.uint8 or values.max(initial=0) < 250:
        return False
    counts = np.bincount(values.ravel(), minlength=256)
    lit = counts[1:].sum()
    return bool((counts[1:] > 0).sum() > 1 and counts[250:].sum() * 2 >= lit)


def _colours(values: NDArray[Any], label: str) -> Iterator[tuple[str, masks.MaskRegion]]:
    codes = values.astype(np.int64) @ np.array([1 << 32, 1 << 16, 1])
    _check_few(codes)
    for code, region in masks.instances(codes):
        name = f"#{code >> 32:02x}{code >> 16 & 0xFFFF:02x}{code & 0xFFFF:02x}"
        yield (name if label == "mask" else f"{label} {name}"), region
