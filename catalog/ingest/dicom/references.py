"""References from one DICOM object to images of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalog.ingest.dicom.targets import Reference


def references(items: Iterable[Any] | None) -> list[Reference]:
    """The instances and frames (from 0) that items of a SOP reference macro name; frame 0 where none is named."""
    return [
        (str(item.ReferencedSOPInstanceUID), frame)
        for item in items or ()
        if item.get("ReferencedSOPInstanceUID")
        for frame in _frames(item.get("ReferencedFrameNumber"))
    ]


def series(items: Iterable[Any] | None) -> list[str]:
    """The Series Instance UIDs of items."""
    return [str(item.SeriesInstanceUID) for item in items or () if item.get("SeriesInstanceUID")]


def _frames(value: Any) -> list[int]:
    if value is None or value == "":
        return [0]
    numbers = list(value) if hasattr(value, "__len__") and not isinstance(value, str) else [value]
    return [int(number) - 1 for number in numbers] or [0]
