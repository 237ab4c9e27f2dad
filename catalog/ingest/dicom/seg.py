"""Segmentation objects: each segment on each image becomes a region with a mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import masks
from catalog.ingest.dicom import codes, frames, pixels
from catalog.ingest.dicom.annotations import Annotation, Losses
from catalog.ingest.dicom.listing import Problem
from catalog.ingest.dicom.planes import Plane, plane
from catalog.ingest.dicom.references import references, series
from catalog.ingest.dicom.targets import DEPTH, Reference, Target
from catalog.records import Roi, RoiKind

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Segment:
    label: str | None
    kind: RoiKind


@dataclass(frozen=True, slots=True)
class _Frame:
    sources: list[Reference]
    segment: int | None
    grid: Plane | None


def read(annotation: Annotation) -> Iterator[Roi | Problem]:
    """Regions of a SEG. Fractional masks are cut at half of their maximum; a segment empty on a frame makes none.

    Raises:
        InputError: The pixel data are damaged.
    """
    segments = dict(_segments(annotation))
    described = [_frame(annotation.dataset, index) for index in range(pixels.frames(annotation.header))]
    annotation.targets.load(source for frame in described for source in frame.sources)
    losses = Losses(annotation, "masks")
    for frame, values in zip(described, _values(annotation.dataset), strict=False):
        for number, mask in _masks(annotation.dataset, frame, values):
            segment = segments.get(number) or _Segment(f"segment {number}", "other")
            yield from _region(annotation, frame, mask, segment, losses, item=f"segment {number}")
    yield from losses.problems()


def _region(
    annotation: Annotation, frame: _Frame, mask: Mask, segment: _Segment, losses: Losses, *, item: str
) -> Iterator[Roi]:
    """The region of one mask, or a loss that says why there is none."""
    found = masks.region(mask)
    if found is None:
        return
    under = _targets(annotation, frame, mask.shape)
    if not under:
        losses.missing(item)
        return
    target = under[0]
    height, width = mask.shape
    if len(under) > 1:
        message = "fit several images alike; name the source image of each, or the series, in the SEG"
        losses.add(item, "ambiguous", message, target.image_id)
    elif (target.width, target.height) != (width, height):
        message = (
            f"of {width}x{height} lie on images of {target.width}x{target.height}; segment the images at their size"
        )
        losses.add(item, "mask-size", message, target.image_id)
    elif not _lies_on(frame.grid, target):
        losses.add(item, "other-grid", "do not lie on the pixels of their image; resample the mask", target.image_id)
    else:
        yield Roi(
            image_id=target.image_id,
            label=segment.label,
            kind=segment.kind,
            origin="source_mask",
            width=width,
            height=height,
            **found.fields(),
        )


def _targets(annotation: Annotation, frame: _Frame, shape: tuple[int, ...]) -> list[Target]:
    """The image under a mask: the source image it names, else the one image whose pixels lie where its own do.

    A source may be named without its frame, and several may be named for one mask: then the plane decides.
    """
    named = [target for source in frame.sources if (target := annotation.targets.instance(source)) is not None]
    fitting = [target for target in named if _lies_on(frame.grid, target) and (target.height, target.width) == shape]
    if len(fitting) == 1:
        return fitting
    uid = annotation.dataset.get("FrameOfReferenceUID")
    if uid and frame.grid is not None and (named or not frame.sources):
        within = annotation.targets.series_keys(series(annotation.dataset.get("ReferencedSeriesSequence")))
        under = annotation.targets.on_grid(frame.grid, str(uid), within)
        if under:
            return under
    return fitting or named[:1]


def _lies_on(grid: Plane | None, target: Target) -> bool:
    """Whether a mask lies on the pixels of an image, as far as both say where they are."""
    if grid is None or target.plane is None:
        return True
    depth = abs(target.plane.distances(grid.position[np.newaxis])[0])
    return bool(depth <= DEPTH) and target.plane.is_grid_of(grid)


def _segments(annotation: Annotation) -> Iterator[tuple[int, _Segment]]:
    for item in annotation.dataset.get("SegmentSequence") or ():
        number = int(item.SegmentNumber)
        category = codes.code(item.get("SegmentedPropertyCategoryCodeSequence"))
        property_type = codes.code(item.get("SegmentedPropertyTypeCodeSequence"))
        meaning = property_type.meaning if property_type else None
        label = annotation.label(item.get("SegmentLabel"), meaning, f"segment {number}")
        yield number, _Segment(label, codes.kind_of(category, property_type))


def _frame(dataset: Any, index: int) -> _Frame:
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [{}])[0]
    groups = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    own = groups[index] if index < len(groups) else {}
    where = frames.merged(frames.merged(frames.Frame(), shared), own)
    identified = own.get("SegmentIdentificationSequence") or shared.get("SegmentIdentificationSequence")
    derived = own.get("DerivationImageSequence") or shared.get("DerivationImageSequence") or ()
    return _Frame(
        sources=[source for item in derived for source in references(item.get("SourceImageSequence"))],
        segment=int(identified[0].ReferencedSegmentNumber) if identified else None,
        grid=plane(where.position, where.orientation, where.spacing),
    )


def _values(dataset: Any) -> Iterator[NDArray[Any]]:
    """The frames of a SEG, one at a time, each of shape (rows, columns)."""
    from pydicom.pixels import iter_pixels

    yield from iter_pixels(dataset, raw=True)


def _masks(dataset: Any, frame: _Frame, values: NDArray[Any]) -> Iterator[tuple[int, Mask]]:
    """Segment numbers and their masks in one frame; a label map has several."""
    if dataset.get("SegmentationType") == "LABELMAP":
        for number in np.unique(values[values != 0]):
            yield int(number), values == number
        return
    if frame.segment is None:
        raise InputError("a frame does not say which segment it shows; export the SEG again", kind="segment")
    most = int(dataset.get("MaximumFractionalValue") or 0) if dataset.get("SegmentationType") == "FRACTIONAL" else 0
    yield frame.segment, (values > 0) & (2 * values.astype(np.int64) >= most)
