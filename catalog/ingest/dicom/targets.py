"""The images in the lake that an annotation refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.ingest.contract import Lookup
from catalog.ingest.dicom import images
from catalog.ingest.dicom.planes import Array, Plane, plane
from catalog.lake.keys import KeyedHash

if TYPE_CHECKING:
    import pyarrow as pa

MISSING = "missing-image"
"""Kind of failure of an annotation whose image is not in the lake (yet)."""

_COLUMNS = (
    "image_id",
    "width",
    "height",
    "modality",
    "series_key",
    "position",
    "orientation",
    "pixel_spacing",
)
_MOST_IDS = 1000
_LONE_SLICE = 1.0
DEPTH = 0.1
"""How far apart, in mm, two planes may lie that are one."""

Reference = tuple[str, int]
"""A SOP Instance UID and a frame, from 0."""


@dataclass(frozen=True, slots=True)
class Target:
    """An image that an annotation can lie on."""

    image_id: str
    width: int
    height: int
    series_key: str | None
    plane: Plane | None


class Targets:
    """Finds images by instance and by plane, and remembers what it found."""

    def __init__(self, lookup: Lookup, keys: KeyedHash) -> None:
        self._lookup = lookup
        self._keys = keys
        self._by_id: dict[str, Target | None] = {}
        self._by_frame: dict[str, tuple[Target, ...]] = {}

    def load(self, references: Iterable[Reference]) -> None:
        """Fetch all at once what ``instance`` will be asked for."""
        ids = {images.image_id(self._keys, (uid,), frame) for uid, frame in references}
        wanted = sorted(ids - self._by_id.keys())
        self._by_id.update(dict.fromkeys(wanted))
        for start in range(0, len(wanted), _MOST_IDS):
            for target in _targets(self._lookup.images(wanted[start : start + _MOST_IDS])):
                self._by_id[target.image_id] = target

    def instance(self, reference: Reference) -> Target | None:
        """The image of a frame of an instance, if it was loaded and is in the lake."""
        return self._by_id.get(images.image_id(self._keys, (reference[0],), reference[1]))

    def series_keys(self, uids: Iterable[str]) -> frozenset[str]:
        """The keys of series."""
        return frozenset(key for uid in uids if (key := images.uid_key(self._keys, "series", uid)))

    def nearest(
        self, points: Array, frame_of_reference: str, series: Collection[str] = (), *, exact: bool = False
    ) -> Target | None:
        """The image whose plane holds ``points`` of shape (n, 3) in mm: to half the distance between slices, or
        with ``exact`` to a tenth of a mm.

        Images of ``series`` are preferred where the frame of reference has some.
        """
        found = self._planes(frame_of_reference, series)
        if not found:
            return None
        farthest = [float(np.abs(where.distances(points)).max()) for _, where in found]
        best = int(np.argmin(farthest))
        tolerance = DEPTH if exact else _tolerance(found, found[best])
        return found[best][0] if farthest[best] <= tolerance else None

    def on_grid(self, grid: Plane, frame_of_reference: str, series: Collection[str] = ()) -> list[Target]:
        """The images whose pixels lie where those of ``grid`` do, to half a pixel and a tenth of a mm of depth."""
        return [
            target
            for target, where in self._planes(frame_of_reference, series)
            if abs(where.distances(grid.position[np.newaxis])[0]) <= DEPTH and where.is_grid_of(grid)
        ]

    def _planes(self, uid: str, series: Collection[str]) -> list[tuple[Target, Plane]]:
        if uid not in self._by_frame:
            key = images.uid_key(self._keys, "frame", uid)
            found = _targets(self._lookup.in_frame_of_reference(key)) if key else iter(())
            self._by_frame[uid] = tuple(sorted(found, key=lambda target: target.image_id))
        candidates = [(target, target.plane) for target in self._by_frame[uid] if target.plane is not None]
        named = [candidate for candidate in candidates if candidate[0].series_key in series]
        return named or candidates


def _targets(rows: pa.Table) -> Iterator[Target]:
    for row in rows.select(_COLUMNS).to_pylist():
        if row["modality"] == "RTDOSE" or not row["width"] or not row["height"]:
            continue  # a dose grid shares the frame of reference, but nobody outlines on it
        where = plane(row["position"], row["orientation"], row["pixel_spacing"])
        yield Target(row["image_id"], row["width"], row["height"], row["series_key"], where)


def _tolerance(candidates: list[tuple[Target, Plane]], best: tuple[Target, Plane]) -> float:
    """Half the distance from one slice of a series to the next, in mm."""
    target, where = best
    others = [plane.position for other, plane in candidates if other.series_key == target.series_key]
    gaps = np.abs(where.distances(np.array(others)))
    gaps = gaps[gaps > 1e-3]
    return float(gaps.min()) / 2 + 1e-3 if gaps.size else _LONE_SLICE
