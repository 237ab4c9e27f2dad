"""What a file is, from its first bytes: an image, an annotation, a DICOMDIR, or none of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from catalog.ingest.dicom import uids
from catalog.ingest.dicom.quiet import pydicom_quiet, unreadable

Kind = Literal["image", "annotation", "directory"]

_SNIFFED = 512
_SOP_CLASS = b"\x02\x00\x02\x00UI"
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08", b"\x00\x02")
_NAMED_DICOM = (".dcm", ".dicom", ".ima")
_UNNAMED = re.compile(r"\.\d+|")


def sniff(path: str, *, named: bool = False) -> Kind | None:
    """The kind of a file, or None when it is not ours.

    One read of 512 bytes decides for files with the DICOM magic. A file without it is taken for DICOM when its name
    says so or the user has ``named`` it; without an extension, when it begins like a DICOM data set.
    """
    try:
        with Path(path).open("rb", buffering=0) as file:
            head = file.read(_SNIFFED)
    except OSError:
        return "image"  # reading it again says why it cannot be read
    if head[128:132] == b"DICM":
        return _kind(_meta_sop_class(head) or _slow_sop_class(path))
    suffix = Path(path).suffix.lower()
    if head[:2] in _FIRST_GROUPS and (named or suffix in _NAMED_DICOM or _UNNAMED.fullmatch(suffix)):
        return _kind(_slow_sop_class(path))
    return "image" if named or suffix in _NAMED_DICOM else None


def _kind(sop_class: str) -> Kind:
    if sop_class == uids.DICOMDIR:
        return "directory"
    return "annotation" if uids.is_annotation(sop_class) else "image"


def _meta_sop_class(head: bytes) -> str:
    at = head.find(_SOP_CLASS, 132)
    if at < 0:
        return ""
    start = at + 8
    length = int.from_bytes(head[at + 6 : start], "little")
    return head[start : start + length].rstrip(b"\0 ").decode("ascii", "replace")


def _slow_sop_class(path: str) -> str:
    """The SOP class of a file whose meta header does not say it, or nothing."""
    with pydicom_quiet():
        from pydicom.filereader import read_partial

        try:
            with Path(path).open("rb") as file:
                return str(read_partial(file, lambda tag, *_: tag > 0x00080018, force=True).get("SOPClassUID", ""))
        except unreadable():
            return ""
