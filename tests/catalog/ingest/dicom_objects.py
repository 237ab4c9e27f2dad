"""DICOM objects made for tests from a real CT slice, and a lake in memory to read them into."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from catalog.ingest.contract import Options
from catalog.ingest.dicom import DicomReader
from catalog.lake.keys import KeyedHash

KEYS = KeyedHash(bytes(range(32)))
FRAME_OF_REFERENCE = "1.2.826.0.1.3680043.8.498.77"
SERIES = "1.2.826.0.1.3680043.8.498.78"


def real(name: str) -> Path:
    """A file of pydicom's test data."""
    return Path(str(get_testdata_file(name)))


@dataclass
class Taken:
    """All that an input yielded; a Lookup over its images."""

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    units: list[Any] = field(default_factory=list)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for one in self.tables.get(table, []) for row in one.to_pylist()]

    def images(self, ids: Sequence[str]) -> pa.Table:
        return self._images().filter(pc.is_in(pc.field("image_id"), pa.array(list(ids), pa.string())))

    def in_frame_of_reference(self, key: str) -> pa.Table:
        return self._images().filter(pc.field("frame_of_reference_key") == key)

    def text(self) -> str:
        """Every value of every table, to search for what must not be there."""
        return "\n".join(repr(row) for table in self.tables for row in self.rows(table))

    def _images(self) -> pa.Table:
        from catalog import records

        empty = records.record_schema(records.Image).empty_table()
        return pa.concat_tables([empty, *self.tables.get("images", [])])


def take(*paths: Path, into: Taken | None = None, **options: Any) -> Taken:
    """Read ``paths`` unit by unit, as the ingest does."""
    taken = into or Taken()
    reader = DicomReader(list(paths), Options(keys=KEYS, **options))
    for unit in reader.units():
        taken.units.append(unit)
        batch = reader.read(unit, taken)
        for name, table in batch.tables.items():
            taken.tables.setdefault(name, []).append(table)
        if batch.blobs is not None:
            taken.blobs |= {row["sha256"]: row["data"] for row in batch.blobs.to_pylist()}
    return taken


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path)
    return path


def ct(*, z: float = 0.0, **attributes: Any) -> Dataset:
    """The real CT slice (128x128) as the axial slice at ``z`` mm of one series, pixels 0.5 mm high and 0.8 mm wide."""
    dataset = pydicom.dcmread(real("CT_small.dcm"))
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = SERIES
    dataset.FrameOfReferenceUID = FRAME_OF_REFERENCE
    dataset.ImagePositionPatient = [-40.0, -20.0, z]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [0.5, 0.8]
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, Items(value) if keyword.endswith("Sequence") else value)
    return dataset


def coded(value: str, scheme: str, meaning: str) -> list[Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def reference(image: Dataset, frame: int | None = None) -> Dataset:
    named = item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
    if frame is not None:
        named.ReferencedFrameNumber = frame
    return named


def annotation(sop_class: str, modality: str, **attributes: Any) -> Dataset:
    """An object of the CT's patient without pixels."""
    source = ct()
    dataset = item(
        SOPClassUID=sop_class,
        SOPInstanceUID=generate_uid(),
        Modality=modality,
        PatientName=source.PatientName,
        PatientID=source.PatientID,
        StudyInstanceUID=source.StudyInstanceUID,
        SeriesInstanceUID=generate_uid(),
        FrameOfReferenceUID=FRAME_OF_REFERENCE,
        **attributes,
    )
    dataset.file_meta = copy.deepcopy(source.file_meta)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def seg(masks: Sequence[np.ndarray], frames: Sequence[Dataset], **attributes: Any) -> Dataset:
    """A binary SEG of one liver segment; ``frames`` are its per-frame functional groups."""
    rows, columns = masks[0].shape
    segment = item(
        SegmentNumber=1,
        SegmentLabel="Liver, as drawn",
        SegmentedPropertyCategoryCodeSequence=coded("123037004", "SCT", "Anatomical Structure"),
        SegmentedPropertyTypeCodeSequence=coded("10200004", "SCT", "Liver"),
    )
    values: dict[str, Any] = {
        "SegmentationType": "BINARY",
        "NumberOfFrames": len(masks),
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 1,
        "BitsStored": 1,
        "HighBit": 0,
        "PixelRepresentation": 0,
        "SegmentSequence": [segment],
        "PerFrameFunctionalGroupsSequence": list(frames),
    }
    dataset = annotation("1.2.840.10008.5.1.4.1.1.66.4", "SEG", **(values | attributes))
    stacked = np.stack(masks)
    binary = dataset.BitsAllocated == 1
    data = np.packbits(stacked.ravel() != 0, bitorder="little") if binary else stacked.astype(np.uint8)
    raw = data.tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OB"
    return dataset


def seg_frame(*sources: Dataset, segment: int = 1, z: float | None = None) -> Dataset:
    """The functional groups of a SEG frame that names its source images, its plane, or both."""
    frame = item(SegmentIdentificationSequence=[item(ReferencedSegmentNumber=segment)])
    if sources:
        frame.DerivationImageSequence = Items([item(SourceImageSequence=list(sources))])
    if z is not None:
        frame.PlanePositionSequence = Items([item(ImagePositionPatient=[-40.0, -20.0, z])])
        frame.PlaneOrientationSequence = Items([item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
        frame.PixelMeasuresSequence = Items([item(PixelSpacing=[0.5, 0.8])])
    return frame


def contour(points: Any, image: Dataset | None = None, shape: str = "CLOSED_PLANAR") -> Dataset:
    """A contour of points of shape (n, 3), in mm."""
    values = np.asarray(points, dtype=float)
    made = item(
        ContourGeometricType=shape,
        NumberOfContourPoints=len(values),
        ContourData=[f"{value:.6g}" for value in values.ravel()],
    )
    if image is not None:
        made.ContourImageSequence = Items([reference(image)])
    return made


def rtstruct(contours: Sequence[Dataset], *, name: str = "Liver", kind: str = "ORGAN") -> Dataset:
    """A structure set of one ROI."""
    return annotation(
        "1.2.840.10008.5.1.4.1.1.481.3",
        "RTSTRUCT",
        StructureSetROISequence=[item(ROINumber=1, ROIName=name, ReferencedFrameOfReferenceUID=FRAME_OF_REFERENCE)],
        RTROIObservationsSequence=[item(ReferencedROINumber=1, RTROIInterpretedType=kind)],
        ROIContourSequence=[item(ReferencedROINumber=1, ContourSequence=list(contours))],
    )


def content(value_type: str, relationship: str = "CONTAINS", **attributes: Any) -> Dataset:
    return item(ValueType=value_type, RelationshipType=relationship, **attributes)


def code_item(name: list[Dataset], value: list[Dataset], **attributes: Any) -> Dataset:
    return content("CODE", ConceptNameCodeSequence=name, ConceptCodeSequence=value, **attributes)


def number(name: list[Dataset], value: float, unit: str, **attributes: Any) -> Dataset:
    measured = item(NumericValue=str(value), MeasurementUnitsCodeSequence=coded(unit, "UCUM", unit))
    return content("NUM", ConceptNameCodeSequence=name, MeasuredValueSequence=[measured], **attributes)


def scoord(shape: str, points: Sequence[float], image: Dataset, relationship: str = "INFERRED FROM") -> Dataset:
    return content(
        "SCOORD",
        relationship,
        GraphicType=shape,
        GraphicData=list(points),
        ContentSequence=[content("IMAGE", "SELECTED FROM", ReferencedSOPSequence=[reference(image)])],
    )


def report(*items: Dataset) -> Dataset:
    """A measurement report (TID 1500) with one measurement group."""
    group = content("CONTAINER", ConceptNameCodeSequence=coded("125007", "DCM", "Measurement Group"))
    group.ContentSequence = Items(items)
    return annotation(
        "1.2.840.10008.5.1.4.1.1.88.33",
        "SR",
        ValueType="CONTAINER",
        ConceptNameCodeSequence=coded("126000", "DCM", "Imaging Measurement Report"),
        ContentSequence=[group],
    )
