"""From a row of ``images`` to the picture it stands for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.pixels import address
from catalog.pixels.source import PixelSource

if TYPE_CHECKING:
    from catalog.pixels.depth import Look

Kind = Literal["dicom", "volume", "raster"]
_VOLUME_SUFFIXES = (".nii", ".nii.gz")
_DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
_NIFTI_MAGIC = (b"n+1\0", b"ni1\0", b"n+2\0", b"ni2\0")
_GZIP = b"\x1f\x8b"


def view(source: PixelSource, row: Mapping[str, Any]) -> NDArray[np.uint8]:
    """The pixels of one image as a person sees them, in the frame that its ROIs are given in.

    Args:
        source: Opens the address.
        row: A row of ``images``: ``uri``, and where they are known ``frame``, ``axis`` and ``file_name``.

    Returns:
        uint8, (height, width) for grey or (height, width, 3) for colour.

    Raises:
        InputError: No pixels are known ("missing"), they are gone, damaged, or of no known format. The message
            begins with the address.
    """
    return look(source, row).picture


def look(source: PixelSource, row: Mapping[str, Any]) -> Look:
    """The same, with the measured values and the window of an image of more than 8 bits, to see it through others.

    Raises:
        InputError: As ``view``.
    """
    uri = row.get("uri")
    if not uri:
        raise InputError(
            f"no pixels are known for image {row.get('image_id')!r}; ingest the files that hold them", kind="missing"
        )
    path = source.path(uri)
    return _look_at(source, source.read(uri) if path is None else path, row)


def view_of(source: PixelSource, data: Path | bytes, row: Mapping[str, Any]) -> NDArray[np.uint8]:
    """What ``view`` gives, when the file or the bytes behind the row's address are at hand.

    Raises:
        InputError: As ``view``.
    """
    return _look_at(source, data, row).picture


def _look_at(source: PixelSource, data: Path | bytes, row: Mapping[str, Any]) -> Look:
    uri = row["uri"]
    try:
        return _by_kind(source, data, row)
    except InputError as error:
        hidden = str(error) if isinstance(data, bytes) else str(error).replace(data.name, Path(uri).name)
        raise InputError(f"{uri!r}: {hidden}", kind=error.kind) from error
    except OSError as error:
        raise InputError(f"{uri!r}: cannot be read: {error.strerror or type(error).__name__}") from error


def kind_of(head: bytes, *, name: str = "") -> Kind:
    """What a file is, by its first 512 bytes, else by its name; a picture unless it looks like something else."""
    lower = name.lower()
    if head[128:132] == b"DICM":
        return "dicom"
    if head[344:348] in _NIFTI_MAGIC or head[4:8] in _NIFTI_MAGIC:
        return "volume"
    if head.startswith(_GZIP) or lower.endswith(_VOLUME_SUFFIXES):
        return "volume"
    if lower.endswith(_DICOM_SUFFIXES) or _begins_as_dicom(head):
        return "dicom"
    return "raster"


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    """A PNG of uint8 pixels of shape (height, width) or (height, width, 3); the same bytes every time."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(file, "PNG", compress_level=6)
    return file.getvalue()


def _by_kind(source: PixelSource, data: Path | bytes, row: Mapping[str, Any]) -> Look:
    kind, frame = kind_of(_head(data), name=_name(row)), row.get("frame")
    if kind == "volume":
        return _plane(source, data, row)
    if kind == "dicom":
        from catalog.pixels.dicom import look_frame

        return look_frame(data, frame)
    from catalog.pixels.raster import look_raster

    return look_raster(data, frame)


def _plane(source: PixelSource, data: Path | bytes, row: Mapping[str, Any]) -> Look:
    from catalog.pixels.depth import Look, Window
    from catalog.pixels.volume import to_uint8

    axis, index = row.get("axis"), row.get("frame")
    volume = source.volume(row["uri"], data)
    axis = 2 if axis is None else int(axis)
    index = 0 if index is None else int(index)
    try:
        plane = volume.plane(axis, index)
    except IndexError as error:
        raise InputError(str(error), kind="frame") from error
    picture = to_uint8(plane, *volume.window)
    return Look(picture) if plane.ndim == 3 else Look(picture, plane, Window.between(*volume.window))


def _head(data: Path | bytes) -> bytes:
    if isinstance(data, bytes):
        return data[:512]
    with data.open("rb") as file:
        return file.read(512)


def _name(row: Mapping[str, Any]) -> str:
    return str(address.parse(row["uri"]).name or row.get("file_name") or "")


def _begins_as_dicom(head: bytes) -> bool:
    """Whether a file without preamble begins with an element of the groups that DICOM files begin with."""
    return head[:2] in {b"\x02\0", b"\x08\0"} and head[3:4] == b"\0"
