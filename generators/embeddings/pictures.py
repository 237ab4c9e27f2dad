"""Pictures made ready for a model: three channels, one size, parts cut out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Pixels = NDArray[np.uint8]


def colour(pixels: Pixels) -> Pixels:
    """Pixels of (height, width) or (height, width, 3) as (height, width, 3)."""
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels


def fitted(pixels: Pixels, height: int, width: int) -> Pixels:
    """The whole picture as (height, width, 3), stretched: what lies at its border is often what matters."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels))
    resized = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return colour(np.asarray(resized))


def crop(pixels: Pixels, box: Box, *, margin: float = 0.0) -> Pixels:
    """The part of a picture in a box, at least one pixel.

    Args:
        pixels: (height, width) or (height, width, 3).
        box: x0, y0, x1, y1 in pixels, half-open.
        margin: What is shown around it on each side, as a share of its width and height.
    """
    x0, y0, x1, y1 = box
    beside, above = margin * (x1 - x0), margin * (y1 - y0)
    left, right = _within(x0 - beside, x1 + beside, pixels.shape[1])
    top, bottom = _within(y0 - above, y1 + above, pixels.shape[0])
    return pixels[top:bottom, left:right]


def by_shape(prepared: list[NDArray[Any]], size: int) -> list[list[int]]:
    """Places of pictures that may go through a model together: of one shape, at most ``size``."""
    places: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(prepared):
        places.setdefault(picture.shape, []).append(place)
    return [same[start : start + size] for same in places.values() for start in range(0, len(same), size)]


def _within(low: float, high: float, extent: int) -> tuple[int, int]:
    first = min(max(int(np.floor(low)), 0), extent - 1)
    return first, min(max(int(np.ceil(high)), first + 1), extent)
