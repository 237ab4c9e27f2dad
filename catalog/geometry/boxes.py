"""Properties of boxes, over whole columns at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def properties(
    box: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    *,
    width: ArrayLike,
    height: ArrayLike,
    mask_area: ArrayLike | None = None,
) -> dict[str, NDArray[Any]]:
    """The derived columns of ``rois`` for n boxes.

    Args:
        box: x0, y0, x1, y1, each of n pixels, half-open, in the viewer's frame.
        width: Widths of the images in pixels.
        height: Heights of the images in pixels.
        mask_area: Pixels set in each mask, NaN where there is none.

    Returns:
        area_ratio and box_ratio (shares of the image, 0 to 1), zone_h and zone_v (the fifth of the image that the
        centre of the box falls in, as a place in ``zones.ZONES_H`` and ``ZONES_V``), aspect (width over height; NaN for
        a flat box).
    """
    x0, y0, x1, y1 = (np.asarray(edge, dtype=np.float64) for edge in box)
    wide, high = np.asarray(width, dtype=np.float64), np.asarray(height, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        box_ratio = (x1 - x0) * (y1 - y0) / (wide * high)
        aspect = np.where(y1 > y0, (x1 - x0) / (y1 - y0), np.nan)
        area = box_ratio if mask_area is None else np.asarray(mask_area, dtype=np.float64) / (wide * high)
    return {
        "area_ratio": np.where(np.isnan(area), box_ratio, area),
        "box_ratio": box_ratio,
        "zone_h": _fifth((x0 + x1) / 2, wide),
        "zone_v": _fifth((y0 + y1) / 2, high),
        "aspect": aspect,
    }


def problem(box: tuple[float, float, float, float], *, width: int, height: int) -> str | None:
    """What is wrong with one box, or None: not finite, empty, or reaching outside its image by over a pixel."""
    x0, y0, x1, y1 = box
    if not np.isfinite(box).all():
        return f"the box {_shown(box)} is not finite"
    if x1 <= x0 or y1 <= y0:
        return f"the box {_shown(box)} is empty"
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        return f"the box {_shown(box)} lies outside its image of {width}x{height}"
    if x0 < -1 or y0 < -1 or x1 > width + 1 or y1 > height + 1:
        return f"the box {_shown(box)} reaches outside its image of {width}x{height}"
    return None


def clip(
    box: tuple[float, float, float, float], *, width: int, height: int
) -> tuple[float, float, float, float] | None:
    """The part of a box that lies in its image, or None when nothing of it does."""
    if not np.isfinite(box).all():
        return None
    x0, y0, x1, y1 = max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _fifth(centre: NDArray[np.float64], extent: NDArray[np.float64]) -> NDArray[np.intp]:
    with np.errstate(divide="ignore", invalid="ignore"):
        fifth = np.floor(5 * centre / extent)
    whole: NDArray[np.intp] = np.clip(np.nan_to_num(fifth), 0, 4).astype(np.intp)
    return whole


def _shown(box: tuple[float, float, float, float]) -> str:
    return "[" + ", ".join(f"{edge:g}" for edge in box) + "]"
