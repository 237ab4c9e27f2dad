"""Width, height, channels and depth of very many images: plain PNG and JPEG headers here, all else by Pillow."""

from __future__ import annotations

from catalog.errors import InputError

Size = tuple[int, int, int, int]
"""Width and height in pixels (viewer's frame), channels, bits a sample."""
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_PNG_PLAIN = {0: 1, 2: 3}
"""Channels by colour type; palettes and transparency are Pillow's."""
_FRAME_STARTS = frozenset({0xC0, 0xC1, 0xC2})
_EXIF = 0xE1
HEAD_BYTES = 16_384
"""Enough of a file for nearly every header."""


def size_of(data: bytes | memoryview, *, head: bytes | None = None) -> Size:
    """What the header says; ``head`` is the beginning of ``data`` where the caller has it already.

    Raises:
        InputError: This is no image.
    """
    first = bytes(data[:HEAD_BYTES]) if head is None else head
    return plain_size(first) or _probed(bytes(data))


def plain_size(head: bytes) -> Size | None:
    """The size from the beginning of a PNG or JPEG file; None where that does not settle it."""
    if head.startswith(_PNG):
        return _png(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8\xff") else None


def _png(head: bytes) -> Size | None:
    channels = _PNG_PLAIN.get(head[25]) if len(head) > 33 else None
    data = head.find(b"IDAT", 33)
    if channels is None or data < 0 or any(word in head[33:data] for word in (b"eXIf", b"exif", b"tRNS", b"Orient")):
        return None
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    return (width, height, channels, head[24]) if width and height else None


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while at + 10 < len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _FRAME_STARTS:
            high, wide = int.from_bytes(head[at + 5 : at + 7], "big"), int.from_bytes(head[at + 7 : at + 9], "big")
            return (wide, high, head[at + 9], head[at + 4]) if wide and high and head[at + 9] in (1, 3) else None
        if marker in (_EXIF, 0xE2) or not 0xC4 <= marker <= 0xFE:  # Exif may turn the picture, MPF may add others
            return None
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _probed(data: bytes) -> Size:
    from catalog.pixels.raster import probe

    if not data:
        raise InputError("it is empty", kind="empty")
    info = probe(data)
    return info.width, info.height, info.channels, info.bit_depth
