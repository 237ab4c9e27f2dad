"""What a DICOMDIR refers to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.ingest.dicom import privacy
from catalog.ingest.dicom.quiet import pydicom_quiet, unreadable


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a DICOMDIR names, and where it was found (None: nowhere)."""

    name: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The references of a DICOMDIR, the identifiers that its records spell, and what is wrong with it."""

    references: tuple[Reference, ...] = ()
    identifiers: tuple[str, ...] = ()
    problem: str | None = None


def read(path: str) -> Listing:
    """List the files that the DICOMDIR at ``path`` refers to, in the order of its records."""
    with pydicom_quiet():
        from pydicom import dcmread

        try:
            records = list(dcmread(path).get("DirectoryRecordSequence") or [])
            names = [name for record in records if (name := _file_id(record))]
            identifiers = {word for record in records for word in privacy.of_dataset(record)}
        except unreadable() as error:
            return Listing(problem=f"the DICOMDIR cannot be read ({type(error).__name__}); give the folder instead")
    if not names:
        return Listing(problem="the DICOMDIR refers to no file; give the folder instead")
    folder = Path(path).parent
    references = tuple(Reference("/".join(name), _locate(folder, name)) for name in names)
    return Listing(references, tuple(sorted(identifiers)))


def _file_id(record: Any) -> list[str]:
    value = record.get("ReferencedFileID")
    if not value:
        return []
    return [str(part) for part in ([value] if isinstance(value, str) else value)]


def _locate(folder: Path, name: list[str]) -> str | None:
    """The file of a file ID: as spelled, or in lower case, as some media mount; never outside the folder."""
    if any(part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part for part in name):
        return None
    for spelled in (name, [part.lower() for part in name]):
        found = folder.joinpath(*spelled)
        if found.is_file():
            return str(found)
    return None
