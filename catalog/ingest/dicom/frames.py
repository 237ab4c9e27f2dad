"""Where each frame of an image lies in the patient, and which side and plane it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catalog.ingest.dicom import tags
from catalog.ingest.dicom.headers import Header

_OBLIQUE_BELOW = 0.8
_PLANES = ("SAGITTAL", "CORONAL", "AXIAL")
_PROJECTIONS = ("CR", "DX", "RG", "RF", "XA", "MG")
_SHOWN = {"LR": 0, "AP": 1, "HF": 2}


@dataclass(frozen=True, slots=True)
class Frame:
    """Position (mm, patient frame), orientation (row cosines, then column cosines), spacing (mm) and side."""

    position: list[float] | None = None
    orientation: list[float] | None = None
    spacing: list[float] | None = None
    laterality: str | None = None


def of_header(header: Header, count: int) -> Callable[[int], Frame]:
    """The frame of each index below ``count``."""
    base = Frame(
        position=header.floats(tags.POSITION, 3),
        orientation=header.floats(tags.ORIENTATION, 6),
        spacing=header.floats(tags.PIXEL_SPACING, 2) or header.floats(tags.IMAGER_PIXEL_SPACING, 2),
        laterality=side(header.text(tags.IMAGE_LATERALITY) or header.text(tags.LATERALITY)),
    )
    shared, groups = header.sequence(tags.SHARED_GROUPS), header.sequence(tags.PER_FRAME_GROUPS)
    if shared:
        base = merged(base, shared[0])
    if groups:
        return lambda index: merged(base, groups[index]) if index < len(groups) else base
    offsets = header.floats(tags.GRID_FRAME_OFFSETS, count) if count > 1 else None
    return lambda index: base if offsets is None else _offset(base, offsets[index])


def merged(base: Frame, group: Any) -> Frame:
    """``base`` with what a functional group (a pydicom data set) says of the frame."""
    position = floats(_macro(group, "PlanePositionSequence").get("ImagePositionPatient"), 3)
    orientation = floats(_macro(group, "PlaneOrientationSequence").get("ImageOrientationPatient"), 6)
    spacing = floats(_macro(group, "PixelMeasuresSequence").get("PixelSpacing"), 2)
    laterality = side(_macro(group, "FrameAnatomySequence").get("FrameLaterality"))
    return Frame(
        position=position or base.position,
        orientation=orientation or base.orientation,
        spacing=spacing or base.spacing,
        laterality=laterality or base.laterality,
    )


def floats(value: Any, count: int) -> list[float] | None:
    """``count`` numbers of a pydicom value, or None."""
    if value is None or isinstance(value, str) or not hasattr(value, "__len__") or len(value) != count:
        return None
    try:
        return [float(one) for one in value]
    except (TypeError, ValueError):
        return None


def side(value: object) -> str | None:
    """A DICOM laterality: L, R or B; unpaired and unknown ones are None."""
    return str(value) if value in ("L", "R", "B") else None


def view(header: Header, orientation: Sequence[float] | None) -> str | None:
    """View Position as given, else the plane of the image, else what Patient Orientation tells of it."""
    return header.text(tags.VIEW_POSITION) or plane(orientation) or _patient_orientation(header)


def plane(orientation: Sequence[float] | None) -> str | None:
    """AXIAL, CORONAL, SAGITTAL or OBLIQUE, by the axis that the normal of the image comes nearest to.

    >>> plane([1, 0, 0, 0, 1, 0])
    'AXIAL'
    """
    if orientation is None:
        return None
    x1, y1, z1, x2, y2, z2 = orientation
    normal = (abs(y1 * z2 - z1 * y2), abs(z1 * x2 - x1 * z2), abs(x1 * y2 - y1 * x2))
    largest = max(normal)
    if largest == 0:
        return None
    return _PLANES[normal.index(largest)] if largest >= _OBLIQUE_BELOW else "OBLIQUE"


def _patient_orientation(header: Header) -> str | None:
    """The plane that the first letters of Patient Orientation (along a row, down a column) span."""
    letters = [text[0] for text in header.texts(tags.PATIENT_ORIENTATION)]
    axes = {axis for letter in letters for pair, axis in _SHOWN.items() if letter in pair}
    if len(letters) != 2 or len(axes) != 2:
        return None
    (seen,) = {0, 1, 2} - axes
    if header.text(tags.MODALITY) in _PROJECTIONS:
        return {0: "LATERAL", 1: "FRONTAL"}.get(seen)
    return _PLANES[seen]


def _offset(base: Frame, offset: float) -> Frame:
    """The frame ``offset`` mm along the normal (RT Dose, Grid Frame Offset Vector)."""
    if base.position is None or base.orientation is None:
        return base
    normal = np.cross(base.orientation[:3], base.orientation[3:])
    return replace(base, position=[float(value) for value in np.asarray(base.position) + offset * normal])


def _macro(group: Any, keyword: str) -> Any:
    items = group.get(keyword)
    return items[0] if items else {}
