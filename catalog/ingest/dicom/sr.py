"""Structured reports: coordinates become regions, coded findings and measurements findings; text is never taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.errors import InputError
from catalog.geometry import masks
from catalog.ingest.dicom import shapes, uids
from catalog.ingest.dicom.annotations import Annotation, Losses
from catalog.ingest.dicom.codes import Code, code
from catalog.ingest.dicom.listing import Problem
from catalog.ingest.dicom.planes import Array
from catalog.ingest.dicom.references import references
from catalog.ingest.dicom.targets import Reference, Target
from catalog.ingest.roi_kinds import kind_of
from catalog.records import Finding, Record, Roi, RoiKind

_FINDING = frozenset({"DCM:121071", "SCT:404684003", "SRT:F-03D05"})
_SITE = frozenset({"SCT:363698007", "SRT:G-C0E3"})
_LATERALITY = frozenset({"SCT:272741003", "SRT:G-C171"})
_SIDES = {"SCT:24028007": "R", "SRT:G-A100": "R", "SCT:7771000": "L", "SRT:G-A101": "L"}
_BOTH = {"SCT:51440002": "B", "SRT:G-A102": "B"}
_SAID = ("CONTAINS", "INFERRED FROM", "")
_SHAPES = ("POINT", "MULTIPOINT", "POLYLINE", "CIRCLE", "ELLIPSE")
_CONTEXT = ("HAS ACQ CONTEXT", "HAS OBS CONTEXT", "HAS CONCEPT MOD")


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a group of content items is about."""

    finding: Code | None = None
    site: Code | None = None
    laterality: str | None = None

    @property
    def label(self) -> str | None:
        said = self.finding or self.site
        return said.meaning if said else None

    @property
    def kind(self) -> RoiKind:
        by_words = kind_of(self.label)
        return by_words if by_words != "other" else "lesion" if self.finding else "organ" if self.site else "other"


def read(annotation: Annotation) -> Iterator[Record | Problem]:
    """Regions and findings of a report.

    Raises:
        InputError: The report says nothing of an image in coordinates or codes.
    """
    root = annotation.dataset
    annotation.targets.load(reference for item in _all(root) for reference in _selected(item))
    losses = Losses(annotation, "content items")
    found = False
    for record in _group(annotation, root, _Scope(), losses):
        found = True
        yield record
    problems = list(losses.problems())
    yield from problems
    if not found and not problems:
        message = "the report has no coordinates, coded findings or measurements of an image; its text is not taken"
        raise InputError(message, kind="no-content")


def _group(annotation: Annotation, container: Any, outer: _Scope, losses: Losses) -> Iterator[Record]:
    """The records of a container and of those within it. A container is about one finding, at one site."""
    own, inner = _members(container)
    scope = _scope(own, outer)
    images = _targets(annotation, own, losses)
    for item in own:
        if item.get("ValueType") == "SCOORD":
            yield from _regions(annotation, item, scope, losses)
        elif item.get("ValueType") == "SCOORD3D":
            losses.add("SCOORD3D", "unsupported", "have coordinates in mm; export them as SCOORD or RTSTRUCT")
    yield from _findings(own, scope, images, losses)
    for nested in inner:
        yield from _group(annotation, nested, scope, losses)


def _members(container: Any) -> tuple[list[Any], list[Any]]:
    """The content items of a container at any depth, without those of containers in it; and those containers."""
    own: list[Any] = []
    inner: list[Any] = []
    for item in container.get("ContentSequence") or ():
        if item.get("ValueType") == "CONTAINER":
            inner.append(item)
            continue
        own.append(item)
        if item.get("RelationshipType") not in _CONTEXT:
            deeper, containers = _members(item)
            own += deeper
            inner += containers
    return own, inner


def _scope(own: list[Any], outer: _Scope) -> _Scope:
    finding = next((value for item in own if (value := _coded(item, _FINDING))), outer.finding)
    sites = [item for item in own if _coded(item, _SITE)]
    if not sites:
        return _Scope(finding, outer.site, outer.laterality)
    sides = [value for item in (*own, *(sites[0].get("ContentSequence") or ())) if (value := _coded(item, _LATERALITY))]
    laterality = ({**_SIDES, **_BOTH}).get(sides[0].id) if sides else None
    return _Scope(finding, _coded(sites[0], _SITE), laterality)


def _coded(item: Any, names: frozenset[str]) -> Code | None:
    """The value of a CODE item whose concept name is one of ``names``."""
    if item.get("ValueType") != "CODE":
        return None
    name = code(item.get("ConceptNameCodeSequence"))
    return code(item.get("ConceptCodeSequence")) if name and name.is_one_of(names) else None


def _findings(own: list[Any], scope: _Scope, images: list[Target], losses: Losses) -> Iterator[Finding]:
    """The finding of a group and its measurements, for each image that the group is about."""
    said = [(value, value.meaning, None) for item in own if (value := _coded(item, _FINDING))]
    for concept, words, score in (*said, *filter(None, map(_measured, own))):
        if not images:
            losses.add("findings", "no-image", "name no image that is in the lake; ingest the images, then run again")
        for image in images:
            yield Finding(
                image_id=image.image_id,
                concept=words,
                concept_id=concept.id,
                laterality=scope.laterality,
                origin="report",
                score=score,
            )


def _measured(item: Any) -> tuple[Code, str, float] | None:
    """The concept, its words with the unit, and the value of a NUM item."""
    if item.get("ValueType") != "NUM" or str(item.get("RelationshipType") or "") not in _SAID:
        return None
    name, values = code(item.get("ConceptNameCodeSequence")), item.get("MeasuredValueSequence")
    if name is None or not values or values[0].get("NumericValue") is None:
        return None
    unit = (values[0].get("MeasurementUnitsCodeSequence") or [{}])[0].get("CodeValue")
    value = float(values[0].NumericValue)
    words = f"{name.meaning} [{unit}]" if unit and unit != "1" else name.meaning
    return (name, words, value) if np.isfinite(value) else None


def _targets(annotation: Annotation, own: list[Any], losses: Losses) -> list[Target]:
    """The images that a group names, each once."""
    found: dict[str, Target] = {}
    for item in own:
        for reference in _selected(item):
            target = annotation.targets.instance(reference)
            if target is not None:
                found[target.image_id] = target
    return list(found.values())


def _selected(item: Any) -> list[Reference]:
    """The images that an IMAGE item names; a segmentation it may name instead is none."""
    if item.get("ValueType") != "IMAGE":
        return []
    named = item.get("ReferencedSOPSequence") or ()
    return references(one for one in named if one.get("ReferencedSOPClassUID") not in uids.SEGMENTATIONS)


def _all(container: Any) -> Iterator[Any]:
    for item in container.get("ContentSequence") or ():
        yield item
        yield from _all(item)


def _regions(annotation: Annotation, item: Any, scope: _Scope, losses: Losses) -> Iterator[Roi]:
    """The region that an SCOORD item outlines, on each image that it is selected from."""
    shape = str(item.get("GraphicType"))
    shape = shape if shape in _SHAPES else "of an unknown type"
    points = _points(item)
    name = code(item.get("ConceptNameCodeSequence"))
    label = annotation.label(scope.label, name.meaning if name else None)
    for reference in [found for child in item.get("ContentSequence") or () for found in _selected(child)]:
        target = annotation.targets.instance(reference)
        if target is None:
            losses.missing(f"SCOORD {shape}")
            continue
        fields = _outlined(shape, points, width=target.width, height=target.height) if points is not None else None
        if fields is None:
            message = f"outline nothing in their image of {target.width}x{target.height}; check the report"
            losses.add(f"SCOORD {shape}", "outside", message, target.image_id)
            continue
        fields |= {"width": target.width, "height": target.height}
        yield Roi(image_id=target.image_id, label=label, kind=scope.kind, **fields)


def _outlined(shape: str, points: Array, *, width: int, height: int) -> dict[str, Any] | None:
    """Mask or box of a graphic; its coordinates count from the corner of the first pixel (PS3.3 C.18.6.1.2)."""
    size = {"width": width, "height": height}
    mask = None
    if shape == "POLYLINE" and len(points) > 3 and np.array_equal(points[0], points[-1]):
        mask = masks.region(shapes.fill([points - 0.5], **size))
    elif shape == "CIRCLE" and len(points) == 2:
        radius = points[1] - points[0]
        points = np.stack([points[0] - np.hypot(*radius), points[0] + np.hypot(*radius)])
        mask = masks.region(shapes.ellipse(points.mean(axis=0), radius, np.array([-radius[1], radius[0]]), **size))
    elif shape == "ELLIPSE" and len(points) == 4:
        major, minor = (points[1] - points[0]) / 2, (points[3] - points[2]) / 2
        mask = masks.region(shapes.ellipse(points.mean(axis=0), major, minor, **size))
    elif shape not in ("POINT", "MULTIPOINT", "POLYLINE"):
        return None
    if mask is not None:
        return {"origin": "source_mask", **mask.fields()}
    edges = shapes.box(points, **size)
    return (
        None if edges is None else {"origin": "source_box", **dict(zip(("x0", "y0", "x1", "y1"), edges, strict=True))}
    )


def _points(item: Any) -> Array | None:
    values = item.get("GraphicData")
    if values is None or not hasattr(values, "__len__") or len(values) < 2 or len(values) % 2:
        return None
    points = np.array(list(values), dtype=np.float64).reshape(-1, 2)
    return points if np.isfinite(points).all() and np.abs(points).max() < 1e9 else None
