"""Whether an image file is all there, told without decoding it."""

from __future__ import annotations

import zlib

from catalog.errors import InputError

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


def check_whole(data: bytes) -> None:
    """Refuse a PNG or JPEG that breaks off; other formats are told when they are decoded.

    Raises:
        InputError: It is "truncated", or a PNG's checksums say that it is "damaged".
    """
    if data.startswith(_PNG):
        _check_png(data)
    # In the data of a scan 0xFF is followed by 0x00, so the last of these markers are the picture's own.
    elif data.startswith(_JPEG) and data.rfind(_END_OF_IMAGE) < data.rfind(_START_OF_SCAN):
        raise InputError(f"the JPEG breaks off after {len(data)} bytes; copy or download it again", kind="truncated")


def _check_png(data: bytes) -> None:
    place, name = len(_PNG), b""
    while name != b"IEND":
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(data):
            raise InputError(f"the PNG breaks off after {len(data)} bytes; copy or download it again", kind="truncated")
        if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            raise InputError(f"the PNG is damaged at byte {place}; copy or download it again", kind="damaged")
        place = end
