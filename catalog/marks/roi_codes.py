"""What slices and facets ask of a region, in 12 bits, and what an image's regions say together, in 64.

A code is one of 6 x 6 x 6 x 18 combinations of kind, zone column, zone row (0: none) and place of the area among the
edges of ``areas.EDGES``: an even place is the edge itself, an odd one between two, and 17 elsewhere. 0 is no region,
and SEVERAL stands for an image with more than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.slices.areas import BINS, EDGES
from catalog.slices.filter import KINDS, Filter, Range
from catalog.slices.terms import zone
from catalog.sqlfiles import literal

WORDS = 4
"""Parts of what is said of an image, 16 bits each."""
WORD_SIZE = 1 << 14
"""No part has more values."""
FLAGS = ("roi_kind", "roi_zone", "roi_area")
"""ROI flags that codes can tell."""
_OUTSIDE = 2 * len(EDGES) - 1
_PLACES = _OUTSIDE + 1
_SHAPE = (len(KINDS) + 1, len(ZONES_H) + 1, len(ZONES_V) + 1, _PLACES)
SEVERAL = prod(_SHAPE) + 1
"""Beyond the codes of regions: the image has several of them."""
SIZE = SEVERAL + 1
"""Places of a table of codes."""
_PASSED = 12
_UNKNOWN = -100_000
"""Beyond any code: a word that is not among those known here."""

Bits = dict[object, tuple[int, int]]
"""For each value the part and the bit in it."""
_ZONES: list[object] = [f"{row} {column}" for row in ZONES_V for column in ZONES_H]
VALUES: dict[str, Bits] = {
    "roi_kind": {value: (0, bit) for bit, value in enumerate((None, *KINDS))},
    "roi_area": {value: (0, 6 + bit) for bit, value in enumerate(BINS)},
    "roi_zone": {value: (1 + bit // 13, bit % 13) for bit, value in enumerate([*_ZONES, None])},
    "zone_h": {value: (3, bit) for bit, value in enumerate((None, *ZONES_H))},
    "zone_v": {value: (3, 6 + bit) for bit, value in enumerate((None, *ZONES_V))},
}
"""The columns that codes answer, their values, and where those are noted; a bin of areas takes both of its edges."""


def as_sql() -> str:
    """The code of a row of ``rois`` as SQL; below 0 where a word is unknown."""
    edges = " + ".join(f"(area_ratio >= {_number(edge)})::INT + (area_ratio > {_number(edge)})::INT" for edge in EDGES)
    inside = f"area_ratio BETWEEN {_number(EDGES[0])} AND {_number(EDGES[-1])}"
    area = f"CASE WHEN {inside} THEN {edges} - 1 ELSE {_OUTSIDE} END"
    words = (("kind", KINDS), ("zone_h", ZONES_H), ("zone_v", ZONES_V))
    kind, column, row = (_place(name, known) for name, known in words)
    return f"((({kind} * 6 + {column}) * 6 + {row}) * {_PLACES} + {area} + 1)::INTEGER"


def _number(edge: float) -> str:
    return f"'{edge:g}'::DOUBLE"


def _place(column: str, known: Iterable[str]) -> str:
    cases = " ".join(f"WHEN {literal(word)} THEN {place}" for place, word in enumerate(known, 1))
    return f"CASE WHEN {column} IS NULL THEN 0 ELSE CASE {column} {cases} ELSE {_UNKNOWN} END END"


def told(said: Filter) -> bool:
    """Whether codes can tell which regions the ROI flags ask for: areas must begin and end at edges."""
    ends = (end for ends in said.roi_area for end in ends)
    return not said.roi_label and not said.roi_aspect and all(end in EDGES for end in ends)


def table(said: Filter) -> NDArray[np.uint64]:
    """What each code says of its image, if such a region satisfies the ROI flags; else nothing."""
    zones = [zone(text) for text in said.roi_zone]
    rows, columns = (None, *ZONES_V), (None, *ZONES_H)
    of_kind = [not said.roi_kind or kind in said.roi_kind for kind in (None, *KINDS)]
    of_zone = [[_inside(row, column, zones) for row in rows] for column in columns]
    of_area = [not said.roi_area or any(_within(area, ends) for ends in said.roi_area) for area in range(_PLACES)]
    asked = np.multiply.outer(np.multiply.outer(of_kind, of_zone), of_area)
    return np.where(np.pad(asked.ravel(), 1), _said(), np.uint64(0))


@cache
def _said() -> NDArray[np.uint64]:
    """What each code says of its image; 0 for none and for several."""
    found = np.zeros(SIZE, "<u8")
    combinations = product((None, *KINDS), (None, *ZONES_H), (None, *ZONES_V), range(_PLACES))
    for code, (kind, column, row, area) in enumerate(combinations, 1):
        whole = f"{row} {column}" if row and column else None
        values = [("roi_kind", kind), ("zone_h", column), ("zone_v", row), ("roi_zone", whole)]
        values += [("roi_area", value) for value in _bins(area)]
        noted = [VALUES[name][value] for name, value in values]
        found[code] = sum(1 << 16 * word + bit for word, bit in (*noted, (WORDS - 1, _PASSED)))
    return found


def passed(said: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether images have a region that satisfies the ROI flags."""
    found: NDArray[np.bool_] = said >> np.uint64(16 * (WORDS - 1) + _PASSED) != 0
    return found


def _bins(area: int) -> list[str]:
    if area == _OUTSIDE:
        return []
    places = {(area - 1) // 2, area // 2}
    return [BINS[place] for place in sorted(places) if 0 <= place < len(BINS)]


def _inside(row: str | None, column: str | None, zones: Sequence[tuple[str | None, str | None]]) -> bool:
    return not zones or any(v in (None, row) and h in (None, column) for v, h in zones)


def _within(area: int, ends: Range) -> bool:
    """Whether a place lies between two edges, which belong to the range."""
    low, high = ends
    return low is not None and high is not None and 2 * EDGES.index(low) <= area <= 2 * EDGES.index(high)
