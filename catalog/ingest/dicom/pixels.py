"""Whether the pixels that a header announces can be there, told without reading them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from catalog.errors import InputError
from catalog.ingest.dicom import tags, uids
from catalog.ingest.dicom.headers import Header, Pixels

_ITEM = b"\xfe\xff\x00\xe0"
_DELIMITER = b"\xfe\xff\xdd\xe0"
_TAIL = 512
_MOST_FRAMES = 1 << 18


def frames(header: Header) -> int:
    """The number of frames of an image, at least 1, after checking that the file can hold them.

    Raises:
        InputError: No pixel data, no size, a file that ends inside them, or more frames than they can hold.
    """
    pixels = header.pixels
    if pixels is None and not header.whole:
        raise InputError("the file ends inside its header; fetch it again", kind="truncated")
    if pixels is None:
        raise InputError("the object has no pixel data: it is neither an image nor an annotation", kind="no-pixels")
    rows, columns = header.integer(tags.ROWS), header.integer(tags.COLUMNS)
    if not rows or not columns:
        raise InputError(
            f"the image has no size (Rows {rows}, Columns {columns}); the header is damaged", kind="no-size"
        )
    count = _announced(header)
    if header.transfer_syntax.removesuffix(".1") in uids.VIDEO or header.transfer_syntax in uids.VIDEO:
        message = f"transfer syntax {header.transfer_syntax} is video, whose frames cannot be read; extract the frames"
        raise InputError(message, kind="video")
    if pixels.length is None:
        _check_encapsulated(header, pixels, count)
    else:
        _check_native(header, pixels, rows * columns * count)
    return count


def _announced(header: Header) -> int:
    if header.raw(tags.FRAMES) is None:
        return 1
    count = header.number(tags.FRAMES)
    if count is None:
        raise InputError("Number of Frames is not a number; the header is damaged", kind="frames")
    if not 0 <= count <= _MOST_FRAMES:
        raise InputError(f"Number of Frames is {count}; the header is damaged", kind="frames")
    return max(count, 1)


def _check_native(header: Header, pixels: Pixels, samples: int) -> None:
    length = pixels.length or 0
    bits = {0x7FE00008: 32, 0x7FE00009: 64}.get(pixels.tag) or header.integer(tags.BITS_ALLOCATED)
    if not bits:
        raise InputError("the image does not say its Bits Allocated; the header is damaged", kind="no-size")
    per_pixel = 2 if header.text(tags.PHOTOMETRIC) == "YBR_FULL_422" else header.integer(tags.SAMPLES) or 1
    expected = (samples * per_pixel * bits + 7) // 8
    if length < expected:
        message = (
            f"{_announced(header)} frames need {expected} bytes, the pixel data have {length}; the header is damaged"
        )
        raise InputError(message, kind="frames")
    if pixels.available < expected:
        message = f"the file ends inside its pixels ({pixels.available} of {expected} bytes); fetch it again"
        raise InputError(message, kind="truncated")


def _check_encapsulated(header: Header, pixels: Pixels, count: int) -> None:
    with Path(header.path).open("rb") as stream:
        if count == 1 and _delimited(stream, pixels):
            return
        fragments = _fragments(stream, pixels)
    if fragments is None:
        raise InputError("the file ends inside its compressed pixels; fetch it again", kind="truncated")
    if fragments < count:
        message = f"{count} frames are announced, {fragments} are there; the header or the file is damaged"
        raise InputError(message, kind="frames")


def _delimited(stream: BinaryIO, pixels: Pixels) -> bool:
    stream.seek(pixels.offset + max(0, pixels.available - _TAIL))
    return _DELIMITER in stream.read(_TAIL)


def _fragments(stream: BinaryIO, pixels: Pixels) -> int | None:
    """The fragments of encapsulated pixels, the offset table not counted; None when the file ends within them."""
    stream.seek(pixels.offset)
    end, items = pixels.offset + pixels.available, 0
    while len(head := stream.read(8)) == 8 and stream.tell() <= end:
        if head[:4] == _DELIMITER:
            return items - 1
        if head[:4] != _ITEM:
            return None
        stream.seek(int.from_bytes(head[4:], "little"), io.SEEK_CUR)
        items += 1
    return None
