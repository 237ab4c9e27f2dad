"""RT structure sets: the contours of each ROI on each image become one region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from catalog.geometry import masks
from catalog.ingest.dicom import codes, shapes
from catalog.ingest.dicom.annotations import Annotation, Losses
from catalog.ingest.dicom.listing import Problem
from catalog.ingest.dicom.planes import Array
from catalog.ingest.dicom.references import references, series
from catalog.ingest.dicom.targets import Reference, Target
from catalog.records import Roi, RoiKind

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_TYPES = (*_CLOSED, "POINT", "OPEN_PLANAR")
_KINDS: Mapping[str, RoiKind] = {
    "ORGAN": "organ",
    "GTV": "lesion",
    "CTV": "lesion",
    "PTV": "lesion",
    "BRACHY_CHANNEL": "device",
    "BRACHY_ACCESSORY": "device",
    "BRACHY_SRC_APP": "device",
    "BRACHY_CHNL_SHLD": "device",
    "MARKER": "device",
    "SUPPORT": "device",
    "FIXATION": "device",
}


@dataclass(frozen=True, slots=True)
class _Structure:
    number: int
    label: str | None
    kind: RoiKind
    frame_of_reference: str
    contours: tuple[Any, ...]


@dataclass(slots=True)
class _Drawn:
    """The contours of a structure on one image, in pixels ((0, 0) is the centre of the first pixel)."""

    target: Target
    closed: list[Array] = field(default_factory=list)
    open: list[Array] = field(default_factory=list)


def read(annotation: Annotation) -> Iterator[Roi | Problem]:
    """Regions of an RTSTRUCT: one an ROI and image. Several closed contours on one image are combined by exclusive or,
    so one inside another is a hole (PS3.3 C.8.8.6.3); points and open contours become boxes of their own.
    """
    structures = list(_structures(annotation))
    annotation.targets.load(
        reference for structure in structures for contour in structure.contours for reference in _images(contour)
    )
    series_keys = annotation.targets.series_keys(_series(annotation.dataset))
    losses = Losses(annotation, "contours")
    for structure in structures:
        for drawn in _drawn(annotation, structure, series_keys, losses).values():
            yield from _regions(structure, drawn, losses)
    yield from losses.problems()


def _structures(annotation: Annotation) -> Iterator[_Structure]:
    dataset = annotation.dataset
    named = {int(item.ROINumber): item for item in dataset.get("StructureSetROISequence") or ()}
    observed = {int(item.ReferencedROINumber): item for item in dataset.get("RTROIObservationsSequence") or ()}
    for item in dataset.get("ROIContourSequence") or ():
        number = int(item.ReferencedROINumber)
        roi, observation = named.get(number, {}), observed.get(number, {})
        meaning = codes.code(observation.get("RTROIIdentificationCodeSequence"))
        yield _Structure(
            number=number,
            label=annotation.label(roi.get("ROIName"), meaning and meaning.meaning, f"ROI {number}"),
            kind=_KINDS.get(str(observation.get("RTROIInterpretedType") or ""), "other"),
            frame_of_reference=str(roi.get("ReferencedFrameOfReferenceUID") or ""),
            contours=tuple(item.get("ContourSequence") or ()),
        )


def _drawn(
    annotation: Annotation, structure: _Structure, series_keys: frozenset[str], losses: Losses
) -> dict[str, _Drawn]:
    """The contours of a structure by the image they lie on."""
    found: dict[str, _Drawn] = {}
    item = f"ROI {structure.number}"
    for contour in structure.contours:
        points, shape = _points(contour), str(contour.get("ContourGeometricType") or "")
        if points is None or shape not in _TYPES:
            losses.add(item, "contour", "have no usable points or type; export the structure set again")
            continue
        target = _target(annotation, structure, contour, points, series_keys)
        if target is None:
            losses.missing(item)
            continue
        if target.plane is None:
            message = "are of images without position, orientation or spacing; they cannot be placed"
            losses.add(item, "no-position", message, target.image_id)
            continue
        drawn = found.setdefault(target.image_id, _Drawn(target))
        (drawn.closed if shape in _CLOSED else drawn.open).append(target.plane.pixels(points))
    return found


def _target(
    annotation: Annotation, structure: _Structure, contour: Any, points: Array, series_keys: frozenset[str]
) -> Target | None:
    """The image that a contour names, else the one whose plane it lies in.

    Where the image it names is not in the lake, only one in the very same plane will do, and not the nearest slice.
    """
    named = _images(contour)
    for reference in named:
        target = annotation.targets.instance(reference)
        if target is not None:
            return target
    if not structure.frame_of_reference:
        return None
    return annotation.targets.nearest(points, structure.frame_of_reference, series_keys, exact=bool(named))


def _regions(structure: _Structure, drawn: _Drawn, losses: Losses) -> Iterator[Roi]:
    target = drawn.target
    mask = masks.region(shapes.fill(drawn.closed, width=target.width, height=target.height)) if drawn.closed else None
    thin = [] if mask else [np.concatenate(drawn.closed)] if drawn.closed else []
    if mask is not None:
        yield _roi(structure, target, origin="source_mask", **mask.fields())
    for points in (*thin, *drawn.open):
        box = shapes.box(points + 0.5, width=target.width, height=target.height)
        if box is None:
            message = f"lie outside their image of {target.width}x{target.height}; check the frame of reference"
            losses.add(f"ROI {structure.number}", "outside", message, target.image_id)
            continue
        x0, y0, x1, y1 = box
        yield _roi(structure, target, origin="source_box", x0=x0, y0=y0, x1=x1, y1=y1)


def _roi(structure: _Structure, target: Target, **fields: Any) -> Roi:
    fields |= {"width": target.width, "height": target.height}
    return Roi(image_id=target.image_id, label=structure.label, kind=structure.kind, **fields)


def _points(contour: Any) -> Array | None:
    """The points of a contour, of shape (n, 3) in mm, or None when they are none."""
    element = contour.get_item("ContourData")
    value = None if element is None else element.value
    try:
        split = value.rstrip(b"\0 ").split(b"\\") if isinstance(value, bytes) else value
        points = np.array(split, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        return None
    return points if len(points) and np.isfinite(points).all() and np.abs(points).max() < 1e6 else None


def _images(contour: Any) -> list[Reference]:
    return references(contour.get("ContourImageSequence"))


def _series(dataset: Any) -> list[str]:
    """The series that the structure set was drawn on."""
    return [
        uid
        for frame in dataset.get("ReferencedFrameOfReferenceSequence") or ()
        for study in frame.get("RTReferencedStudySequence") or ()
        for uid in series(study.get("RTReferencedSeriesSequence"))
    ]
