"""One picture as it goes out: the file's own bytes where they are what a viewer shows, else a PNG of the view."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import InputError
from catalog.lake.keys import digest

if TYPE_CHECKING:
    from catalog.pixels.source import PixelSource

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_TAIL = 64
"""Bytes at the end of a file in which its end marker is looked for."""
_ORIENTATION = 0x0112
_TURNING = (b"eXIf", b"Raw profile type exif", b"tiff:Orientation")
"""What a PNG holds when it may have an orientation."""
_PLAIN_NAME = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes to write, or the file to link to."""

    data: bytes
    suffix: str
    link: Path | None = None


def take(source: PixelSource, row: Mapping[str, Any], *, link: bool = False, data: bytes | None = None) -> Picture:
    """The picture of a row of ``images`` (image_id, uri, frame, axis, file_name), in the frame of its regions.

    A PNG or JPEG is taken byte for byte (or, with ``link``, pointed at), unless EXIF would turn it or another frame
    than its first is meant. A file whose name the lake hides is never linked, as the link would tell the name. ``data``
    is what lies at the uri, where that is at hand.

    Raises:
        InputError: No pixels are known, or they are gone or damaged.
    """
    from catalog.pixels.view import png_bytes, view_of

    uri = row["uri"]
    if not uri:
        raise InputError(
            f"no pixels are known for {row['image_id']!r}; ingest the files that hold them", kind="missing"
        )
    path = source.path(uri) if data is None else None
    held = data if data is not None else path or source.read(uri)
    raster = held if isinstance(held, bytes) else _raster_bytes(held, uri)
    if raster is not None and isinstance(held, Path):
        _check_unchanged(raster, row)
    if raster is None or not _as_it_is(raster, row):
        return Picture(png_bytes(view_of(source, held, row)), ".png")
    if not _ends_well(raster):
        view_of(source, held, row)
    return Picture(raster, ".png" if raster.startswith(_PNG) else ".jpg", path if link and "~" not in uri else None)


def _check_unchanged(data: bytes, row: Mapping[str, Any]) -> None:
    """Refuse a file that is another than when it was taken in: its regions and its size are no longer its own."""
    known = row.get("sha256")
    if known and hashlib.sha256(data).hexdigest() != known:
        raise InputError(f"{row['uri']!r} has changed since it was taken in; ingest it again", kind="changed")


def place(image_id: str, suffix: str) -> str:
    """Where an image lies under its folder: one of 256 folders, then its id, or a digest where that is no file name."""
    key = digest(image_id)
    name = image_id if _PLAIN_NAME.fullmatch(image_id) else key
    return f"{key[:2]}/{name}{suffix}"


def _raster_bytes(path: Path, uri: str) -> bytes | None:
    """The bytes of a PNG or JPEG file; None for any other, which may be large and is read by its own reader."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            return head + file.read() if head.startswith((_PNG, _JPEG)) else None
    except OSError as error:
        raise InputError(f"{uri!r}: cannot be read: {error.strerror or type(error).__name__}") from error


def _as_it_is(data: bytes, row: Mapping[str, Any]) -> bool:
    """Whether a viewer shows the file as the lake does."""
    if row["axis"] is not None or row["frame"] not in {None, 0}:
        return False
    return data.startswith((_PNG, _JPEG)) and _upright(data)


def _upright(data: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    if data.startswith(_PNG) and not any(mark in data for mark in _TURNING):
        return True
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            return int(image.getexif().get(_ORIENTATION, 1)) == 1
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False


def _ends_well(data: bytes) -> bool:
    """Whether the end marker is where it belongs; otherwise the picture must be decoded to know that it is whole."""
    return (b"IEND" if data.startswith(_PNG) else b"\xff\xd9") in data[-_TAIL:]
