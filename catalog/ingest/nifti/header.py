"""The free text of a NIfTI header: what may name a patient, and never enters a lake."""

from __future__ import annotations

import gzip
import math
import struct
import zlib

from catalog.errors import InputError

_TEXTS_1 = ((4, 32), (148, 252), (328, 344))  # data_type and db_name, descrip and aux_file, intent_name
_TEXTS_2 = ((240, 344), (508, 524), (525, 540))  # descrip and aux_file, intent_name, unused_str
_GZIP = b"\x1f\x8b"


def without_free_text(data: bytes) -> bytes:
    """The bytes of a NIfTI file with its free text blanked: header strings and extensions (DICOM, AFNI, ...).

    Voxels and their place in the file stay. A compressed file comes back compressed, the same every time.

    Raises:
        InputError: The bytes are not NIfTI, or are cut off.
    """
    if not data.startswith(_GZIP):
        return _blanked(data)
    try:
        plain = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        message = f"a compressed volume is cut off or damaged ({error}); copy it again from its source"
        raise InputError(message, kind="truncated") from error
    return gzip.compress(_blanked(plain), compresslevel=6, mtime=0)


def _blanked(data: bytes) -> bytes:
    order, header = _byte_order_and_size(data)
    texts = _TEXTS_2 if header == 540 else _TEXTS_1
    extensions = (header, max(header + 4, min(_voxel_offset(data, order, header), len(data))))
    blank = bytearray(data)
    for low, high in (*texts, extensions):
        blank[low:high] = bytes(high - low)
    return bytes(blank)


def _byte_order_and_size(data: bytes) -> tuple[str, int]:
    for order in "<>":
        for header in (348, 540):
            if data.startswith(struct.pack(f"{order}i", header)) and len(data) >= header + 4:
                return order, header
    raise InputError(f"{len(data)} bytes beginning {data[:4]!r} hold no NIfTI header")


def _voxel_offset(data: bytes, order: str, header: int) -> int:
    if header == 540:
        return int(struct.unpack_from(f"{order}q", data, 168)[0])
    said: float = struct.unpack_from(f"{order}f", data, 108)[0]
    return int(said) if math.isfinite(said) else 0
