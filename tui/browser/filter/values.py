"""What may stand in a line of slice flags: the flags, and the values of each that the lake has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from catalog.api.reports import report
from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.slices.filter import KINDS, LAYERS

if TYPE_CHECKING:
    from catalog.api import Lake

FIXED: dict[str, tuple[str, ...]] = {
    "roi_kind": KINDS,
    "roi_zone": (*ZONES_V, *ZONES_H, *(f"{row} {column}" for row in ZONES_V for column in ZONES_H)),
    "roi_area": ("0:0.001", "0.001:0.01", "0.01:0.05", "0.05:0.1", "0.1:0.5", "0.5:"),
    "roi_count": ("0:0", "1:1", "2:", "10:"),
    "roi_aspect": (":0.5", "0.5:2", "2:"),
    "has": LAYERS,
    "missing": LAYERS,
    "stale": LAYERS,
    "where": ("width >= 512", "bit_depth > 8", "patient_key IS NOT NULL"),
    "sample": ("100", "1000", "10000"),
    "seed": ("0", "1", "2"),
}
"""Values that need no lake."""
_FACETS = ("modality", "organ", "region", "disease", "source", "license", "roi_label")


def values_of(lake: Lake, flag: str) -> tuple[str, ...]:
    """The values that a flag may be given, most used first.

    Raises:
        TriptychError: The lake cannot be read.
    """
    if flag in _FACETS:
        return _facet(lake, flag)
    read = _READ.get(flag)
    return FIXED.get(flag, ()) if read is None else read(lake)


def _facet(lake: Lake, flag: str) -> tuple[str, ...]:
    column = {"organ": "organs", "disease": "diseases"}.get(flag, flag)
    return tuple(str(value) for value in lake.slice().facets(column)[column]["value"].to_pylist() if value is not None)


def _saved(lake: Lake) -> tuple[str, ...]:
    from catalog.slices import saved

    return tuple(str(slice_["name"]) for slice_ in saved.listing(lake.reader()).to_pylist())


def _splits(lake: Lake) -> tuple[str, ...]:
    return tuple(str(part) for (part,) in report(lake, "split_parts").fetchall())


def _snapshots(lake: Lake) -> tuple[str, ...]:
    return tuple(str(number) for number in reversed(lake.snapshots()["snapshot"].to_pylist()))


_READ: dict[str, Callable[[Lake], tuple[str, ...]]] = {"slice": _saved, "split": _splits, "at": _snapshots}
