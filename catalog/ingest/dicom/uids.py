"""The few UIDs that decide how an object is read."""

from __future__ import annotations

DICOMDIR = "1.2.840.10008.1.3.10"
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
SEGMENTATIONS = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
"""Segmentation and Label Map Segmentation."""
_STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
VIDEO = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (100, 101, 102, 103, 104, 105, 106, 107, 108))
"""MPEG-2, MPEG-4 and HEVC (their fragmentable forms end in .1): frames that cannot be decoded one by one."""


def is_report(sop_class: str) -> bool:
    """Whether a SOP class is a structured report with a content tree of measurements."""
    return sop_class.startswith(_STRUCTURED_REPORTS) and sop_class != _KEY_OBJECT_SELECTION


def is_annotation(sop_class: str) -> bool:
    """Whether an object of this SOP class annotates images that other files hold."""
    return sop_class in SEGMENTATIONS or sop_class == RTSTRUCT or is_report(sop_class)
