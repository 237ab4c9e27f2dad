"""DICOM: files, folders and DICOMDIRs; images, and the SEG, RTSTRUCT, SR and overlays that annotate them."""

from catalog.ingest.dicom.reader import DicomReader

__all__ = ["DicomReader"]
