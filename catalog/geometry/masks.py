"""Masks as COCO run-length encoding, and what can be measured on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_EIGHT_CONNECTED = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True, slots=True)
class MaskRegion:
    """A mask with its box (half-open pixels), the pixels set and the number of 8-connected parts."""

    x0: float
    y0: float
    x1: float
    y1: float
    counts: str
    area: int
    components: int

    def fields(self) -> dict[str, Any]:
        """The fields of a ``Roi`` that come from its mask."""
        return {
            "x0": self.x0,
            "y0": self.y0,
            "x1": self.x1,
            "y1": self.y1,
            "mask": self.counts,
            "mask_area": self.area,
            "components": self.components,
        }


def region(mask: NDArray[Any]) -> MaskRegion | None:
    """Measure a mask of shape (height, width); every value that is not 0 belongs to it. None when nothing is set."""
    from scipy import ndimage

    set_pixels = np.asarray(mask) != 0
    rows, columns = np.flatnonzero(set_pixels.any(axis=1)), np.flatnonzero(set_pixels.any(axis=0))
    if rows.size == 0:
        return None
    inside = set_pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    _, components = ndimage.label(inside, structure=_EIGHT_CONNECTED)
    return MaskRegion(
        x0=float(columns[0]),
        y0=float(rows[0]),
        x1=float(columns[-1] + 1),
        y1=float(rows[-1] + 1),
        counts=encode(set_pixels),
        area=int(inside.sum()),
        components=int(components),
    )


def instances(labels: NDArray[Any]) -> Iterator[tuple[int, MaskRegion]]:
    """One region for every value of a label map of shape (height, width) except 0, in ascending order."""
    from scipy import ndimage

    values, codes = np.unique(labels, return_inverse=True)
    codes = codes.reshape(labels.shape) + 1
    for code, place in enumerate(ndimage.find_objects(codes), start=1):
        if values[code - 1] != 0:
            alone = np.zeros(labels.shape, dtype=bool)
            alone[place] = codes[place] == code
            found = region(alone)
            assert found is not None, "a value of np.unique has a pixel"  # noqa: S101
            yield int(values[code - 1]), found


def encode(mask: NDArray[Any]) -> str:
    """COCO compressed RLE counts of a mask of shape (height, width)."""
    from pycocotools import mask as coco

    return str(coco.encode(np.asfortranarray(np.asarray(mask) != 0, dtype=np.uint8))["counts"].decode())


def decode(counts: str, *, width: int, height: int) -> NDArray[np.uint8]:
    """The mask of shape (height, width), values 0 and 1, behind COCO compressed RLE counts.

    Raises:
        ValueError: The counts do not add up to width times height. (pycocotools fills the rest with whatever its memory
            held before.)
    """
    from pycocotools import mask as coco

    if (pixels := _pixels(counts)) != width * height:
        raise ValueError(f"RLE counts add up to {pixels} pixels, the image has {width * height}")
    return np.asarray(coco.decode({"size": [height, width], "counts": counts.encode()}), dtype=np.uint8)


def _pixels(counts: str) -> int:
    """Pixels that COCO compressed counts cover: 5 bits a character, signed, each run less the run two before it."""
    digits = np.frombuffer(counts.encode(), dtype=np.uint8).astype(np.int64) - ord("0")
    last = (digits & 0x20) == 0
    if digits.size == 0 or not last[-1] or digits.min() < 0:
        raise ValueError(f"{counts[:20]!r} are not COCO RLE counts")
    first = np.concatenate([[0], np.flatnonzero(last)[:-1] + 1])
    place = 5 * (np.arange(digits.size) - first[np.cumsum(last) - last])
    signed = (digits & 0x1F) - np.where(last & ((digits & 0x10) != 0), 0x20, 0)
    steps = np.add.reduceat(signed << place, first)
    return int(steps[0] + np.cumsum(steps[1::2]).sum() + np.cumsum(steps[2::2]).sum())


def from_counts(counts: str | Sequence[int], *, width: int, height: int) -> NDArray[np.uint8]:
    """The mask of a COCO segmentation, whose counts are compressed (text) or plain (numbers).

    Raises:
        ValueError: The counts do not add up to width times height.
    """
    from pycocotools import mask as coco

    if isinstance(counts, str):
        return decode(counts, width=width, height=height)
    if sum(counts) != width * height:
        raise ValueError(f"RLE counts add up to {sum(counts)} pixels, the image has {width * height}")
    return np.asarray(coco.decode(coco.frPyObjects({"size": [height, width], "counts": list(counts)}, height, width)))


def from_polygons(polygons: Sequence[Sequence[float]], *, width: int, height: int) -> NDArray[np.uint8]:
    """The union of COCO polygons (x, y, x, y, ... in pixels) as a mask of shape (height, width)."""
    from pycocotools import mask as coco

    encoded = coco.frPyObjects([list(polygon) for polygon in polygons], height, width)
    return np.asarray(coco.decode(coco.merge(encoded)), dtype=np.uint8)
