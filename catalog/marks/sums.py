"""Counts of what images have by their profile: slices of whole profiles are sums of a few rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.marks import roi_codes
from catalog.marks.arrays import Arrays, Mask, Numbers
from catalog.marks.asked import OF_PROFILES, Asked
from catalog.marks.regions import Regions
from catalog.slices.filter import LAYERS, Filter

MOST = 300_000
"""Profiles beyond which counts by profile would take more memory than they are worth."""
_Place = tuple[str, int, int]
"""``bit``, part and bit of what regions say; a state, 0 and the place of a layer; or ``images``, 0 and 0."""
Rows = dict[_Place, NDArray[np.uint32]]
"""For what any image has, the images by profile."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The counts of whole profiles, asked as ``Counts`` are."""

    rows: Rows
    asked: Asked

    def tell(self, flag: str) -> bool:
        """Whether the slice without this flag is told, too: one of profiles is all that it can ask for."""
        return flag in OF_PROFILES

    def of_profiles(self, flag: str) -> Numbers:
        """Images by profile, of the slice without a flag ("": with all)."""
        rows, held = self.rows.get(("images", 0, 0)), self._held(flag)
        return np.zeros(held.size, np.int64) if rows is None else np.where(held, rows, 0).astype(np.int64)

    def images(self) -> int:
        """All images of the slice."""
        return self._sum(("images", 0, 0))

    def freed(self) -> int:
        """The same: nothing is asked of layers."""
        return self.images()

    def bit(self, flag: str, word: int, bit: int) -> int:
        """Images of which a bit of a part of what their regions say is set; nothing is asked of regions."""
        return self._sum(("bit", word, bit))

    def layer(self, state: str, place: int, *, free: bool) -> int:
        """Images that are in a state for a layer."""
        return self._sum((state, 0, place))

    def _held(self, flag: str) -> Mask:
        return np.isin(self.asked.profiles, (0, OF_PROFILES.index(flag) + 1 if flag else 0))

    def _sum(self, place: _Place) -> int:
        rows = self.rows.get(place)
        return 0 if rows is None else int(rows[self.asked.profiles == 0].sum(dtype=np.int64))


def rows(arrays: Arrays) -> Rows:
    """Add everything up, in some seconds for 25 million images."""
    parts = arrays.shares()
    with ThreadPoolExecutor(len(parts)) as pool:
        first, *others = pool.map(lambda blocks: _of_blocks(arrays, blocks), parts)
    for other in others:
        for place, counts in other.items():
            first[place] = first[place] + counts if place in first else counts
    return first


def _of_blocks(arrays: Arrays, blocks: range) -> Rows:
    table = roi_codes.table(Filter())
    found: Rows = {}
    profiles = arrays.profiles.size + 1

    def add(place: _Place, of: NDArray[np.integer]) -> None:
        if of.size:
            counts = np.bincount(of, minlength=profiles)
            found.setdefault(place, np.zeros(profiles, np.uint32))[:] += counts.astype(np.uint32)

    for block in blocks:
        part = arrays.block(block)
        of = arrays.of[part]
        add(("images", 0, 0), of)
        for state, bits in arrays.layers.items():
            for place in range(len(LAYERS)):
                add((state, 0, place), of[np.flatnonzero(bits[part] >> place & 1)])
        whole = Regions(arrays, block, np.arange(of.size)).said(table).whole()
        for values in roi_codes.VALUES.values():
            for word, bit in values.values():
                add(("bit", word, bit), of[np.flatnonzero(whole >> np.uint64(16 * word + bit) & np.uint64(1))])
    return found
