"""Overlay planes (groups 60xx) that lie in a header beside the pixels: each becomes a region with a mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import masks
from catalog.ingest.dicom import tags
from catalog.ingest.dicom.headers import Header
from catalog.records import Image, Roi

_ROWS, _COLUMNS, _FRAMES, _TYPE, _ORIGIN, _FIRST, _BITS, _BIT, _DATA = tags.OVERLAY


def groups(header: Header) -> list[int]:
    """The overlay groups that a header has."""
    return [group for group in tags.OVERLAY_GROUPS if group << 16 | _ROWS in header.elements]


def regions(header: Header, group: int, images: Sequence[Image]) -> Iterator[Roi]:
    """The regions of one overlay on the frames that it lies over. Its label is free text and not taken.

    Raises:
        InputError: The overlay cannot be placed on its image; the message says why.
    """
    planes = _planes(header, group)
    label = "ROI" if header.text(group << 16 | _TYPE) == "R" else "overlay"
    first = (header.integer(group << 16 | _FIRST) or 1) - 1
    width, height = images[0].width or 0, images[0].height or 0
    measured = lru_cache(1)(
        lambda shown: masks.region(_placed(planes[shown], _origin(header, group), width=width, height=height))
    )
    for index, image in enumerate(images):
        shown = index - first if header.raw(group << 16 | _FRAMES) else 0
        if not 0 <= shown < len(planes):
            continue
        found = measured(shown)
        if found is not None:
            fields = {"width": width, "height": height, **found.fields()}
            yield Roi(image_id=image.image_id, label=label, origin="source_mask", **fields)
        elif planes[shown].any():
            raise InputError(f"overlay {group:04X} lies outside its image of {width}x{height}", kind="outside")


def _planes(header: Header, group: int) -> NDArray[Any]:
    """The bits of an overlay, of shape (frames, rows, columns), not 0 where it is set."""
    rows, columns = header.integer(group << 16 | _ROWS) or 0, header.integer(group << 16 | _COLUMNS) or 0
    count = header.number(group << 16 | _FRAMES) or 1
    data = header.raw(group << 16 | _DATA)
    if data is None:
        what = "has no Overlay Data (overlays inside the pixels are retired)"
        raise InputError(f"overlay {group:04X} {what}; export it as a plane of its own or as SEG", kind="overlay")
    if min(rows, columns, count) < 1 or len(data) * 8 < rows * columns * count:
        size = f"{count} frames of {columns}x{rows}"
        raise InputError(f"overlay {group:04X} says {size} and has {len(data)} bytes; it is damaged", kind="overlay")
    if not header.elements[group << 16 | _DATA].is_little_endian and header.elements[group << 16 | _DATA].VR == "OW":
        data = np.frombuffer(data, dtype=np.uint16).byteswap().tobytes()
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=rows * columns * count, bitorder="little")
    return bits.reshape(count, rows, columns)


def _origin(header: Header, group: int) -> tuple[int, int]:
    """Row and column of the overlay's first pixel in the image, from 0; may be negative."""
    element = header.elements.get(group << 16 | _ORIGIN)
    raw = header.raw(group << 16 | _ORIGIN)
    if element is None or raw is None or len(raw) < 4:
        return 0, 0
    row, column = np.frombuffer(raw[:4], dtype="<i2" if element.is_little_endian else ">i2")
    return int(row) - 1, int(column) - 1


def _placed(plane: NDArray[Any], origin: tuple[int, int], *, width: int, height: int) -> NDArray[np.bool_]:
    """``plane`` at ``origin`` in an image of shape (height, width); what lies outside is cut."""
    mask = np.zeros((height, width), dtype=bool)
    top, left = origin
    rows, columns = plane.shape
    inside = plane[max(0, -top) : max(0, height - top), max(0, -left) : max(0, width - left)]
    if inside.size and top < height and left < width and top + rows > 0 and left + columns > 0:
        start_row, start_column = max(0, top), max(0, left)
        mask[start_row : start_row + inside.shape[0], start_column : start_column + inside.shape[1]] = inside != 0
    return mask
