"""Counts the images of a slice in one look at all of them, and those that one flag alone keeps out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from catalog.marks.arrays import STATES, Arrays, Bits, Mask, Numbers
from catalog.marks.asked import OF_PROFILES, OUT, Asked
from catalog.marks.regions import RegionCounts, Regions, Words, with_bit

_ByState = dict[str, Numbers]


def _by_state() -> _ByState:
    return {state: np.zeros(256, np.int64) for state in STATES}


@dataclass(slots=True)
class Counts:
    """Images by what was counted."""

    asked: Asked
    profiles: Numbers
    """Images by profile, of those that fail one flag of OF_PROFILES at most, and no other."""
    regions: dict[str, RegionCounts]
    """Images by their regions: of the slice, and of it without each ROI flag of its own."""
    layers: _ByState = field(default_factory=_by_state)
    """Images by their layers."""
    free: _ByState = field(default_factory=_by_state)
    """The same of the slice without what it asks of layers, if it asks for any."""
    held: dict[int, Bits] = field(default_factory=dict)
    """The images of each block, a bit each."""

    def images(self) -> int:
        """All images of the slice."""
        return int(self.profiles[self.asked.profiles == 0].sum())

    def tell(self, flag: str) -> bool:
        """Whether the slice without this flag was counted, too."""
        return flag in OF_PROFILES or flag in self.regions

    def of_profiles(self, flag: str) -> Numbers:
        """Images by profile, of the slice without a flag ("": with all)."""
        lost = OF_PROFILES.index(flag) + 1 if flag else 0
        return np.where(np.isin(self.asked.profiles, (0, lost)), self.profiles, 0)

    def bit(self, flag: str, word: int, bit: int) -> int:
        """Images of which a bit of a part of what their regions say is set, of the slice without a flag."""
        return self.regions[flag].bit(self.asked.regions[flag], word, bit)

    def layer(self, state: str, place: int, *, free: bool) -> int:
        """Images that are in a state for a layer, of the slice or (``free``) of it without what it asks of layers."""
        return with_bit((self.free if free and self.asked.layers else self.layers)[state], place)

    def freed(self) -> int:
        """All images of the slice without what it asks of layers."""
        return int((self.free if self.asked.layers else self.layers)["has"].sum())

    def add(self, other: Counts) -> None:
        """Take another's counts in."""
        self.profiles += other.profiles
        for flag, counts in other.regions.items():
            self.regions[flag].add(counts)
        for mine, others in ((self.layers, other.layers), (self.free, other.free)):
            for state, counted in others.items():
                mine[state] += counted
        self.held |= other.held


def count(arrays: Arrays, asked: Asked, stopped: Callable[[], bool] = lambda: False) -> Counts:
    """Look at every image, in parts; what was counted until ``stopped`` says so, which is asked often."""

    def work(blocks: range) -> Counts:
        found = Counts(asked, np.zeros(arrays.profiles.size + 1, np.int64), {f: RegionCounts() for f in asked.regions})
        for block in blocks:
            if stopped():
                break
            _count(arrays, asked, block, found)
        return found

    parts = arrays.shares()
    with ThreadPoolExecutor(len(parts)) as pool:
        total, *others = pool.map(work, parts)
    for other in others:
        total.add(other)
    return total


def chosen(arrays: Arrays, asked: Asked, block: int) -> Numbers:
    """The images of a slice in a block, by their numbers, in order."""
    part = arrays.block(block)
    images = np.flatnonzero(_profiled(arrays, asked, block) == 0)
    images = images[asked.layered(arrays, images + part.start)]
    if asked.narrowed and images.size:
        images = images[Regions(arrays, block, images).said(asked.regions[""]).passing()]
    found: Numbers = images + part.start
    return found


def _profiled(arrays: Arrays, asked: Asked, block: int) -> Bits:
    """For each image of a block which flag of its profile keeps it out, see ``Asked.profiles``."""
    part = arrays.block(block)
    found: Bits = asked.profiles[arrays.of[part]]
    if asked.only is not None:
        found[~asked.only[part]] = OUT
    return found


def _count(arrays: Arrays, asked: Asked, block: int, found: Counts) -> None:
    part = arrays.block(block)
    kept_out = _profiled(arrays, asked, block)
    images = np.flatnonzero(kept_out != OUT)
    numbers, inside = images + part.start, kept_out[images] == 0
    regions = Regions(arrays, block, images) if asked.regions else None
    said = regions.said(asked.regions[""]) if regions is not None else None
    passing = said.passing() if said is not None and asked.narrowed else np.ones(images.size, bool)
    layered = asked.layered(arrays, numbers)
    member = passing & layered  # from here on indices, as one by places takes a third of what one by a mask does
    found.profiles += np.bincount(arrays.of[numbers[np.flatnonzero(member)]], minlength=found.profiles.size)
    member &= inside
    held = numbers[np.flatnonzero(member)]
    _count_layers(arrays, held, found.layers)
    if asked.layers:
        _count_layers(arrays, numbers[np.flatnonzero(inside & passing)], found.free)
    if regions is not None and said is not None:
        found.regions[""].take(said, member)
        _count_freed(asked.regions, regions, inside & layered, found)
    found.held[block] = _packed(held - part.start, part.stop - part.start)


def _count_layers(arrays: Arrays, numbers: Numbers, found: _ByState) -> None:
    for state, bits in arrays.layers.items():
        found[state] += np.bincount(bits[numbers], minlength=256)


def _count_freed(tables: dict[str, Words], regions: Regions, others: Mask, found: Counts) -> None:
    """Count regions of the images that are in the slice, or that only one ROI flag keeps out."""
    for flag, table in tables.items():
        if flag:
            said = regions.said(table)
            found.regions[flag].take(said, others & said.passing())


def _packed(places: Numbers, size: int) -> Bits:
    held = np.zeros(size, bool)
    held[places] = True
    return np.packbits(held)
