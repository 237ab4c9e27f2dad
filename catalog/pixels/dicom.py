"""One frame of a DICOM file, right side up, as 8-bit grey or RGB or as measured values.

Only the header and the frame asked for are read. A header that promises more pixels than the file can hold is
refused before anything is allocated. Messages name neither the file nor what the header says of a patient.
"""

from __future__ import annotations

import io
import os
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError, MissingExtraError, TriptychError
from catalog.pixels.depth import Look, Window
from catalog.pixels.dicom_size import MAX_INFLATED_BYTES, check_size
from catalog.pixels.volume import to_uint8
from catalog.pixels.window import by_full_scale, by_window, percentiles

_KEYWORDS = {0x7FE00010: "PixelData", 0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData"}
_DEFLATED = b"1.2.840.10008.1.2.1.99"


@dataclass(frozen=True, slots=True)
class _Frame:
    """One decoded frame with the header that says what its values mean."""

    stored: NDArray[Any]
    header: Any
    """Dataset: the root, with the functional groups of this frame laid over it."""

    @property
    def photometric(self) -> str:
        return str(self.header.get("PhotometricInterpretation", "MONOCHROME2"))

    @property
    def bits(self) -> int:
        return int(self.header.get("BitsStored") or self.stored.dtype.itemsize * 8)


def view_frame(data: Path | bytes, frame: int | None = 0) -> NDArray[np.uint8]:
    """A frame as a person sees it, in the viewer's frame: uint8, (height, width) or (height, width, 3).

    Grey goes through the modality LUT, then the file's VOI LUT or window; without one, 8-bit values are kept
    and deeper ones stretched between their 0.5th and 99.5th percentiles. MONOCHROME1 is inverted, and every
    colour space becomes RGB.

    Args:
        data: The file, or its bytes.
        frame: Index from 0; None means the first.

    Raises:
        InputError: Not DICOM, no pixels, no such frame, cut short, or larger than the file can hold.
    """
    return look_frame(data, frame).picture


def look_frame(data: Path | bytes, frame: int | None = 0) -> Look:
    """The same, with the values and the window of grey of more than 8 bits; errors are those of ``view_frame``."""
    with _decoding():
        decoded = _decode(data, frame or 0)
        if decoded.stored.ndim == 3:
            return Look(by_full_scale(decoded.stored[..., :3], bits=decoded.bits))
        return Look(_palette(decoded)) if decoded.photometric == "PALETTE COLOR" else _grey(decoded)


def raw_frame(data: Path | bytes, frame: int | None = 0) -> NDArray[Any]:
    """The values of a frame after the modality LUT (Hounsfield units in CT); colour as RGB of stored depth.

    Shape (height, width) or (height, width, 3); MONOCHROME1 and palette indices are left as they are.
    Arguments and errors are those of ``view_frame``.
    """
    with _decoding():
        decoded = _decode(data, frame or 0)
        return decoded.stored if decoded.stored.ndim == 3 else _values(decoded)


def _decode(data: Path | bytes, frame: int) -> _Frame:
    with ExitStack() as stack:
        opened: BinaryIO = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
        file = _inflated(stack.enter_context(opened))
        header = _header(file)
        count = int(header.get("NumberOfFrames") or 1)
        if not 0 <= frame < count:
            raise InputError(f"no frame {frame} in a DICOM file of {count} frames", kind="frame")
        return _Frame(_stored(file, header, frame), _of_frame(header, frame))


def _inflated(file: BinaryIO) -> BinaryIO:
    """The dataset of a deflated file, unfolded within bounds; any other file as it is."""
    head = file.read(1024)
    file.seek(0)
    if head[128:138] != b"DICM\x02\0\0\0UL" or _DEFLATED not in head:
        return file
    file.seek(144 + int.from_bytes(head[140:144], "little"))
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    dataset = inflate.decompress(file.read(), MAX_INFLATED_BYTES)
    if inflate.unconsumed_tail:
        raise InputError(f"the deflated DICOM file unfolds to over {MAX_INFLATED_BYTES} bytes", kind="size")
    return io.BytesIO(dataset)


def _header(file: BinaryIO) -> Any:
    """Everything before the pixels; leaves ``file`` at the pixel element."""
    from pydicom import dcmread

    header = dcmread(file, stop_before_pixels=True, force=True)
    if not {"Rows", "Columns", "SOPClassUID", "BitsAllocated"} & set(header.dir()):
        raise InputError("this is not a DICOM file, whatever its name says")
    if "Rows" not in header or "Columns" not in header:
        raise InputError("the DICOM file holds no image (no Rows and Columns)", kind="pixels")
    return header


def _stored(file: BinaryIO, header: Any, frame: int) -> NDArray[Any]:
    """Decode one frame from ``file``, which is at the pixel element."""
    from pydicom.pixels import get_decoder
    from pydicom.pixels.utils import as_pixel_options

    syntax = _syntax(header)
    keyword, vr, length = _pixel_element(file, syntax)
    start = file.tell()
    available = min(length, file.seek(0, os.SEEK_END) - start)
    file.seek(start)
    check_size(header, available, frame=frame, encapsulated=syntax.is_encapsulated)
    options = as_pixel_options(header, pixel_keyword=keyword, transfer_syntax_uid=syntax)
    if vr is not None:
        options["pixel_vr"] = vr
    array, _ = get_decoder(syntax).as_array(file, index=frame, validate=True, **options)
    return np.asarray(array.astype(array.dtype.newbyteorder("="), copy=False))


def _syntax(header: Any) -> Any:
    """The transfer syntax (UID), by the encoding of the header where the file does not say."""
    from pydicom import uid

    said = header.file_meta.get("TransferSyntaxUID")
    if said:
        return said
    implicit, little = header.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def _pixel_element(file: BinaryIO, syntax: Any) -> tuple[str, str | None, int]:
    """Keyword, VR and length of the element that ``file`` is at; leaves ``file`` at its value."""
    order: Literal["little", "big"] = "little" if syntax.is_little_endian else "big"
    head = file.read(8)
    tag = int.from_bytes(head[:2], order) << 16 | int.from_bytes(head[2:4], order)
    if tag not in _KEYWORDS:
        raise InputError("the DICOM file ends before its pixels, or has none", kind="pixels")
    if syntax.is_implicit_VR or not head[4:6].isalpha():  # some writers forget the VR of this one element
        return _KEYWORDS[tag], None, int.from_bytes(head[4:8], order)
    return _KEYWORDS[tag], head[4:6].decode("ascii"), int.from_bytes(file.read(4), order)


def _of_frame(header: Any, frame: int) -> Any:
    """The header with the value transformation and the VOI LUT that enhanced files give each frame."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        items = header.get(groups) or []
        at = 0 if groups.startswith("Shared") else frame
        for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in (items[at].get(name) or []) if at < len(items) else []:
                header.update(item)
    return header


def _values(decoded: _Frame) -> NDArray[Any]:
    """The stored values through the modality LUT; as they are where that would change nothing."""
    header = decoded.header
    if header.get("ModalityLUTSequence"):
        return _looked_up(decoded.stored, header.ModalityLUTSequence[0], header)
    slope, intercept = _first(header.get("RescaleSlope")), _first(header.get("RescaleIntercept"))
    if slope is None or intercept is None or (slope, intercept) == (1, 0):
        return decoded.stored
    return np.asarray(decoded.stored * np.float64(slope) + np.float64(intercept))


def _looked_up(values: NDArray[Any], item: Any, header: Any) -> NDArray[Any]:
    """Values through an item of a Modality or VOI LUT Sequence (PS3.3 C.11.1.1); its ends hold beyond it."""
    entries, first, bits = (int(part) for part in item.LUTDescriptor)
    data = item.LUTData
    if isinstance(data, bytes):
        order = "<" if header.original_encoding[1] else ">"
        data = np.frombuffer(data, np.uint8 if bits == 8 and len(data) <= entries + 1 else f"{order}u2")
    table = np.asarray(data, dtype=np.uint16)[: entries or 1 << 16]
    at = np.rint(values).astype(np.int64) - first
    return np.asarray(table[np.clip(at, 0, len(table) - 1)])


def _grey(decoded: _Frame) -> Look:
    values, header = _values(decoded), decoded.header
    window, windowed = _window(header), _by_voi(values, header)
    if windowed is None or (windowed.min() == windowed.max() and values.min() != values.max()):
        if decoded.bits <= 8 and values.dtype.kind == "u" and "ModalityLUTSequence" not in header:
            window, windowed = None, by_full_scale(values, bits=decoded.bits)
        else:
            window, windowed = _by_range(decoded, values)
    elif window is None:
        window, _ = _by_range(decoded, values)
    inverted = decoded.photometric == "MONOCHROME1"
    picture = 255 - windowed if inverted else windowed
    if window is None or decoded.bits <= 8:
        return Look(picture)
    function = _function(header) if window == _window(header) else "LINEAR_EXACT"
    return Look(picture, values, window, function, inverted)


def _by_range(decoded: _Frame, values: NDArray[Any]) -> tuple[Window | None, NDArray[np.uint8]]:
    """The window between the percentiles of the values that are no padding, and the values through it."""
    padding = decoded.header.get("PixelPaddingValue")
    found = percentiles(values, ignore=None if padding is None else decoded.stored == padding)
    if found is None:
        return None, np.zeros(values.shape, dtype=np.uint8)
    return Window.between(*found), to_uint8(values, *found)


def _by_voi(values: NDArray[Any], header: Any) -> NDArray[np.uint8] | None:
    """Values through the file's first VOI LUT or window, or None where it has none that can be used."""
    if header.get("VOILUTSequence"):
        item = header.VOILUTSequence[0]
        return by_full_scale(_looked_up(values, item, header), bits=int(item.LUTDescriptor[2]))
    window = _window(header)
    if window is None:
        return None
    return by_window(values, center=window.level, width=window.width, function=_function(header))


def _window(header: Any) -> Window | None:
    """The file's first window, if it has one that can be used and no lookup table that goes before it."""
    center, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    if header.get("VOILUTSequence") or center is None or width is None or width <= 0:
        return None
    return Window(center, width)


def _function(header: Any) -> str:
    return str(header.get("VOILUTFunction") or "LINEAR").upper()


def _first(value: Any) -> float | None:
    """The first of a multi-valued number, or None where it is empty."""
    one = value[0] if isinstance(value, Sequence) and not isinstance(value, str) and value else value
    return float(one) if one not in (None, "", []) else None


def _palette(decoded: _Frame) -> NDArray[np.uint8]:
    from pydicom.pixels import apply_color_lut

    colour = np.asarray(apply_color_lut(decoded.stored, decoded.header))[..., :3]
    return (colour >> 8 if colour.max() > 255 else colour).astype(np.uint8)  # 16-bit palettes use the high byte


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn what pydicom and its decoders raise on damaged data into InputError; keep their warnings quiet."""
    try:
        import pydicom  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("pydicom", extra="medical") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (TriptychError, FileNotFoundError):
        raise
    except Exception as error:  # decoders raise anything, RuntimeError and struct.error among it
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"the DICOM pixels cannot be decoded: {reason}") from error
