"""Whether a DICOM header promises more pixels than its file can hold; asked before anything is allocated."""

from __future__ import annotations

import math
from typing import Any

from catalog.errors import InputError

MAX_FRAME_BYTES = 1 << 30
"""Decoded bytes of one frame."""
MAX_INFLATED_BYTES = 2 << 30
"""Bytes a deflated file may unfold to."""
_SUSPECT_BYTES = 64 << 20
"""Below this, what is promised is allocated without harm."""
_MAX_RATIO = 1000
"""What a lossless codec reaches on real images, with a wide margin."""
_ITEM_BYTES = 8
"""Every compressed frame begins with the tag and the length of its fragment."""


def frame_bytes(header: Any) -> int:
    """Bytes of one decoded frame, as Rows, Columns, SamplesPerPixel and BitsAllocated promise."""
    pixels = int(header.Rows) * int(header.Columns) * int(header.get("SamplesPerPixel") or 1)
    return math.ceil(pixels * int(header.get("BitsAllocated") or 8) / 8)


def check_size(header: Any, available: int, *, frame: int = 0, encapsulated: bool) -> None:
    """Hold a header against the bytes that its pixel element has in the file.

    Args:
        header: Dataset with the image pixel module.
        available: Bytes from the start of the pixel element's value to its end, or to the end of the file.
        frame: The frame that is wanted, from 0.
        encapsulated: Whether the transfer syntax compresses frames.

    Raises:
        InputError: The promise cannot be kept ("size"), or the frame lies beyond the end ("truncated").
    """
    one, frames = frame_bytes(header), int(header.get("NumberOfFrames") or 1)
    promised = one * frames
    if encapsulated:
        hopeless = frames * _ITEM_BYTES > available or promised > available * _MAX_RATIO
    else:
        hopeless = promised > 2 * available
    if one > MAX_FRAME_BYTES or (hopeless and promised > _SUSPECT_BYTES):
        raise InputError(
            f"the DICOM header promises {frames} frames of {header.Columns}x{header.Rows} pixels "
            f"({promised} bytes), the file holds {available} bytes of them; copy the file again",
            kind="size",
        )
    if encapsulated:
        return
    end = one * (frame + 1)
    if header.get("PhotometricInterpretation") == "YBR_FULL_422":
        end = end // 3 * 2
    if available < end:
        raise InputError(
            f"the DICOM file ends {end - available} bytes before the end of frame {frame}; copy it again",
            kind="truncated",
        )
