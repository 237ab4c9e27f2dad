"""The reader of DICOM input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from catalog import records
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.dicom import listing
from catalog.ingest.dicom.quiet import pydicom_quiet


@dataclass(frozen=True, slots=True)
class DicomReader:
    """Reads files, folders and DICOMDIRs (see ``catalog.ingest.contract.Reader``).

    Files are told apart by their first bytes while they are listed; images are then read once, in units of a few
    hundred, and SEG, RTSTRUCT and SR objects after them. Pixels of images are read only to be copied.
    """

    kind: ClassVar[str] = "dicom"
    parallel: ClassVar[bool] = True

    paths: Sequence[Path]
    options: Options

    def units(self) -> Iterator[Unit]:
        """The files found, in the order of their paths: first images, then annotations.

        Raises:
            MissingExtraError: pydicom is not installed.
        """
        with pydicom_quiet():
            pass  # says at once when pydicom is missing
        return listing.units(self.paths, self.options)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read the files of one unit."""
        from catalog.ingest.dicom.reading import Reading

        reading = Reading(self.options, lookup)
        with pydicom_quiet():
            found = list(reading.records(unit.payload))
        return Batch(tables=records.tables(found), blobs=reading.blobs())
