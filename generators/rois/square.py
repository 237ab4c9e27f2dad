"""Between an image and the square that segmentation models see: pixels and boxes into it, masks out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BAND = 2**24
"""Pixel values that are turned into floating point at once."""


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width of an image when its longer side is ``side`` pixels."""
    share = side / max(size)
    return max(1, int(size[0] * share + 0.5)), max(1, int(size[1] * share + 0.5))


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """An image with a longer side of ``side`` pixels, each the mean of the area that it covers.

    That is what OpenCV calls INTER_AREA, for smaller and for larger images.

    Args:
        pixels: Shape (height, width) or (height, width, channels).
        side: Pixels of the longer side.
    """
    height, width, channels = (*pixels.shape, 1)[:3]
    rows, columns = fitted((height, width), side)
    flat = pixels.reshape(height, width * channels)
    down, step = _coverage(height, rows), max(1, rows * _BAND // pixels.size)
    halves = [_rows(flat, down[start : start + step]) for start in range(0, rows, step)]
    half = np.concatenate(halves).reshape(rows, width, channels)
    across = _coverage(width, columns) @ half.transpose(1, 0, 2).reshape(width, rows * channels)
    shape = (rows, columns, channels)[: pixels.ndim]
    made = np.rint(across.reshape(columns, rows, channels).transpose(1, 0, 2)).astype(np.uint8)
    return np.ascontiguousarray(made.reshape(shape))


def padded(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A square with the image at its upper left and its darkest value elsewhere."""
    square = np.full((side, side, *pixels.shape[2:]), pixels.min(), dtype=np.uint8)
    square[: pixels.shape[0], : pixels.shape[1]] = pixels
    return square


def boxes_in(boxes: Sequence[Sequence[float]], size: tuple[int, int], side: int) -> NDArray[np.float32]:
    """Half-open boxes of an image of (height, width) as first and last pixels in its square.

    Returns:
        float32, (boxes, 4): x and y of the first pixel, x and y of the last one, whole numbers.
    """
    first = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    corners = np.concatenate([first[:, :2], np.maximum(first[:, 2:] - 1, first[:, :2])], axis=1)
    return np.floor(corners * (side / max(size))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SquareMask:
    """A mask of an image as the logits of its square: an array of booleans of (height, width) as soon as NumPy asks.

    Until then an image may have hundreds of them without filling the memory: only the part around what is set is kept.
    """

    shape: tuple[int, int]
    """Height and width of the image."""
    within: tuple[int, int]
    """Height and width that the image has in the square."""
    top: int
    left: int
    logits: NDArray[np.float16]
    """Rows from ``top``, columns from ``left``; above 0 belongs to the mask, and all around is below."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        mask = np.zeros(self.shape, dtype=bool)
        rows = _Line.of(self.shape[0], self.within[0], self.top, self.logits.shape[0])
        columns = _Line.of(self.shape[1], self.within[1], self.left, self.logits.shape[1])
        tall = rows.blend(self.logits.astype(np.float32))
        mask[rows.place, columns.place] = columns.blend(tall.T).T > 0
        return mask if dtype is None else mask.astype(dtype)


def mask_of(logits: NDArray[np.floating[Any]], size: tuple[int, int]) -> SquareMask | None:
    """The mask of an image of (height, width) from the logits of its square; None when nothing is set.

    Args:
        logits: Shape (side, side); above 0 belongs to the mask. They are enlarged bilinearly.
        size: Height and width of the image.
    """
    height, width = fitted(size, logits.shape[0])
    inside = logits[:height, :width] > 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if rows.size == 0:
        return None
    top, left = max(0, int(rows[0]) - 1), max(0, int(columns[0]) - 1)
    bottom, right = min(height, int(rows[-1]) + 2), min(width, int(columns[-1]) + 2)
    kept = logits[top:bottom, left:right].clip(-60_000, 60_000).astype(np.float16)
    return SquareMask(size, (height, width), top, left, kept)


@dataclass(frozen=True, slots=True)
class _Line:
    """Bilinear sampling along one axis, of the pixels whose two neighbours were kept."""

    place: slice
    """Those pixels of the image."""
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    share: NDArray[np.float32]
    """Of the upper neighbour."""

    @classmethod
    def of(cls, length: int, within: int, start: int, count: int) -> _Line:
        """For ``length`` pixels from ``within`` in the square, of which ``count`` from ``start`` on were kept."""
        at = np.maximum((np.arange(length) + 0.5) * (within / length) - 0.5, 0)
        lower = np.minimum(at.astype(np.int64), within - 1)
        upper = np.minimum(lower + 1, within - 1)
        first = int(np.searchsorted(lower, start))
        last = int(np.searchsorted(upper, start + count))
        last = max(first, last)
        part = slice(first, last)
        return cls(part, lower[part] - start, upper[part] - start, (at - lower)[part].astype(np.float32))

    def blend(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values along the first axis, sampled."""
        share = self.share[:, None]
        mixed: NDArray[np.float32] = values[self.lower] * (1 - share) + values[self.upper] * share
        return mixed


def _rows(flat: NDArray[np.uint8], coverage: Any) -> NDArray[np.float32]:
    """Some rows of the shrunk image, from the rows of the image that they cover."""
    first, last = int(coverage.indices.min()), int(coverage.indices.max()) + 1
    made: NDArray[np.float32] = coverage[:, first:last] @ flat[first:last].astype(np.float32)
    return made


def _coverage(length: int, wanted: int) -> Any:
    """Sparse (wanted, length): the share that each pixel has in each of the wanted ones."""
    from scipy.sparse import csr_array

    cuts = np.union1d(np.arange(wanted + 1) * (length / wanted), np.arange(length + 1))
    cuts = cuts[cuts <= length]
    middle = (cuts[1:] + cuts[:-1]) / 2
    into = np.minimum((middle * (wanted / length)).astype(np.int64), wanted - 1)
    share = (np.diff(cuts) * (wanted / length)).astype(np.float32)
    return csr_array((share, (into, middle.astype(np.int64))), shape=(wanted, length))
