"""A DICOM SEG and an RTSTRUCT that refer to real CT images, drawn by threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, SegmentationStorage, generate_uid

from tui.demo.regions import Mask

_DRAWN = "drawn by threshold for triptych demo"
_CODES = {
    "Right kidney": ("64033007", "Kidney"),
    "Left kidney": ("64033007", "Kidney"),
    "Brain": ("12738006", "Brain"),
}
"""SNOMED CT codes of what is drawn."""


def hounsfield(image: Dataset) -> NDArray[np.float64]:
    """The pixels of a CT in Hounsfield units."""
    slope, intercept = float(image.get("RescaleSlope", 1)), float(image.get("RescaleIntercept", 0))
    return np.asarray(image.pixel_array * slope + intercept, dtype=np.float64)


def write_seg(image: Dataset, masks: Mapping[str, Mask], file: Path) -> None:
    """A binary SEG: one segment and one frame a mask."""
    made = _derived(image, SegmentationStorage, "SEG")
    frames = np.stack(list(masks.values()))
    rows, columns = frames.shape[1:]
    made.update({"ContentLabel": "KIDNEYS", "ContentDescription": _DRAWN, "SegmentationType": "BINARY"})
    made.update({"Rows": rows, "Columns": columns, "NumberOfFrames": len(frames), "SamplesPerPixel": 1})
    made.update({"PhotometricInterpretation": "MONOCHROME2", "PixelRepresentation": 0})
    made.update({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0})
    numbered = list(enumerate(masks, start=1))
    made.SegmentSequence = Items(_segment(number, label) for number, label in numbered)
    made.PerFrameFunctionalGroupsSequence = Items(_frame(number, image) for number, _ in numbered)
    data = np.packbits(frames.ravel(), bitorder="little").tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OB"
    made.save_as(file, enforce_file_format=True)


def write_rtstruct(image: Dataset, masks: Mapping[str, Mask], file: Path) -> None:
    """A structure set: one ROI a mask, closed planar contours in mm."""
    made = _derived(image, RTStructureSetStorage, "RTSTRUCT")
    made.update({"StructureSetLabel": "HEAD", "StructureSetDescription": _DRAWN})
    numbered = list(enumerate(masks.items(), start=1))
    frame = str(image.FrameOfReferenceUID)
    made.StructureSetROISequence = Items(
        _item(ROINumber=number, ReferencedFrameOfReferenceUID=frame, ROIName=label, ROIGenerationAlgorithm="AUTOMATIC")
        for number, (label, _) in numbered
    )
    made.ROIContourSequence = Items(
        _item(ReferencedROINumber=number, ContourSequence=_contours(mask, image)) for number, (_, mask) in numbered
    )
    made.RTROIObservationsSequence = Items(
        _item(
            ObservationNumber=number, ReferencedROINumber=number, RTROIInterpretedType=_type(label), ROIInterpreter=""
        )
        for number, (label, _) in numbered
    )
    made.save_as(file, enforce_file_format=True)


def _derived(image: Dataset, sop_class: str, modality: str) -> Dataset:
    """An object of the image's patient and study, in a series of its own."""
    made = Dataset()
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "FrameOfReferenceUID", "BodyPartExamined"):
        if keyword in image:
            setattr(made, keyword, image[keyword].value)
    made.SOPClassUID, made.Modality = sop_class, modality
    made.SOPInstanceUID = generate_uid(entropy_srcs=[image.SOPInstanceUID, modality])
    made.SeriesInstanceUID = generate_uid(entropy_srcs=[image.SOPInstanceUID, modality, "series"])
    made.SeriesDescription = _DRAWN
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _segment(number: int, label: str) -> Dataset:
    value, meaning = _CODES[label]
    return _item(
        SegmentNumber=number,
        SegmentLabel=label,
        SegmentAlgorithmType="AUTOMATIC",
        SegmentAlgorithmName=_DRAWN,
        SegmentedPropertyCategoryCodeSequence=[_code("123037004", "Anatomical Structure")],
        SegmentedPropertyTypeCodeSequence=[_code(value, meaning)],
    )


def _frame(number: int, image: Dataset) -> Dataset:
    return _item(
        SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=number)],
        DerivationImageSequence=[_item(SourceImageSequence=[_reference(image)])],
        PlanePositionSequence=[_item(ImagePositionPatient=image.ImagePositionPatient)],
        PlaneOrientationSequence=[_item(ImageOrientationPatient=image.ImageOrientationPatient)],
        PixelMeasuresSequence=[_item(PixelSpacing=image.PixelSpacing)],
    )


def _contours(mask: Mask, image: Dataset) -> list[Dataset]:
    from skimage.measure import approximate_polygon, find_contours

    outlines = (approximate_polygon(line, 0.5)[:-1] for line in find_contours(np.pad(mask, 1).astype(float), 0.5))
    return [_contour(outline - 1, image) for outline in outlines if len(outline) > 2]


def _contour(points: NDArray[np.float64], image: Dataset) -> Dataset:
    """Points of shape (n, 2), row and column of pixel centres, as a contour in mm of the patient."""
    origin = np.array(image.ImagePositionPatient, dtype=float)
    along = np.array(image.ImageOrientationPatient, dtype=float).reshape(2, 3)
    down, right = (float(value) for value in image.PixelSpacing)
    placed = origin + points[:, 1:] * right * along[0] + points[:, :1] * down * along[1]
    return _item(
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(placed),
        ContourData=[f"{value:.3f}" for value in placed.ravel()],
        ContourImageSequence=[_reference(image)],
    )


def _type(label: str) -> str:
    return "ORGAN" if label in _CODES else "EXTERNAL"


def _reference(image: Dataset) -> Dataset:
    return _item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)


def _code(value: str, meaning: str) -> Dataset:
    return _item(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=meaning)


def _item(**attributes: Any) -> Dataset:
    made = Dataset()
    for keyword, value in attributes.items():
        items = keyword.endswith("Sequence") and isinstance(value, Sequence)
        setattr(made, keyword, Items(value) if items else value)
    return made


def read(file: Path) -> Dataset:
    """One image of the demo."""
    return pydicom.dcmread(file)
