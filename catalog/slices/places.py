"""The row keys of chosen images, taken from marks: the first ones at once, and all of them without a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.lake.layout import NUMBER_BITS
from catalog.slices.kept import Ascending, Kept, Keys, Numbers
from catalog.slices.marked import BLOCK, Chosen, Marked, Profiles, chosen_numbers

_NEAR = 50
"""Images that are looked at for one that is wanted, before all are."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where some images lie; the images of each profile must lie together."""

    marked: Marked
    chosen: Chosen

    @property
    def _profiles(self) -> Profiles:
        return self.marked.profiles

    def first(self, count: int) -> Keys | None:
        """The first ``count`` row keys, in order; None where they cannot be told from a part of the images."""
        held = np.flatnonzero(self.chosen.profiles[:-1] & (self._profiles.images > 0))
        held = held[np.argsort(self._profiles.clusters[held])]
        seen = np.cumsum(self._profiles.images[held])
        if not held.size or seen[-1] < _NEAR * count:
            return None
        enough = int(np.searchsorted(seen, _NEAR * count))
        first, last = (int(self._profiles.clusters[held[at]]) for at in (0, enough))
        near = self.chosen.profiles.copy()
        near[:-1] &= self._profiles.clusters <= last
        found = self._first_of(replace(self.chosen, profiles=near), count, alone=first == last)
        return found if found.size == count else None

    def all(self, stopped: Callable[[], bool] = lambda: False) -> Kept:
        """Every row key, in little memory: none once ``stopped`` says so, which is asked often."""
        clusters, place = np.unique(self._profiles.clusters, return_inverse=True)
        place = place.astype(np.min_scalar_type(clusters.size))
        held = np.zeros(self._profiles.of.size, bool)
        sizes = np.zeros(clusters.size, np.int64)
        for numbers in self._blocks(self.chosen):
            if stopped():
                return Ascending.of([])
            held[numbers] = True
            sizes += np.bincount(place[self._profiles.of[numbers]], minlength=clusters.size)
        return _by_cluster(clusters, sizes, self._ordered(held, place))

    def _first_of(self, chosen: Chosen, count: int, *, alone: bool) -> Keys:
        """The first row keys of a choice; those of one cluster ``alone`` follow each other as their numbers do."""
        found, size = [], 0
        for numbers in self._blocks(chosen):
            found.append(numbers | self._profiles.clusters[self._profiles.of[numbers]] << NUMBER_BITS)
            size += numbers.size
            if alone and size >= count:
                break
        return np.sort(np.concatenate(found))[:count]

    def _blocks(self, chosen: Chosen) -> Iterator[NDArray[np.int64]]:
        for block in range(self.marked.blocks):
            yield chosen_numbers(self.marked, chosen, block)

    def _ordered(self, held: NDArray[np.bool_], place: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
        """Numbers of the images, block by block, in the order of their clusters, and the places of these."""
        for start in range(0, held.size, BLOCK):
            numbers = np.flatnonzero(held[start : start + BLOCK]) + start
            of_numbers = place[self._profiles.of[numbers]]
            order = np.argsort(of_numbers, kind="stable")
            yield numbers[order], of_numbers[order]


def _by_cluster(clusters: Keys, sizes: NDArray[np.int64], blocks: Iterator[tuple[Numbers, Numbers]]) -> Kept:
    """The clusters that hold any image, and for each the numbers, which lie in one array together."""
    ends = np.cumsum(sizes)
    kept: Numbers = np.empty(int(sizes.sum()), np.uint32)  # as many images as that counts would not fit into memory
    following = ends - sizes
    for numbers, places in blocks:
        counts = np.bincount(places, minlength=sizes.size)
        rank = np.arange(numbers.size) - np.repeat(np.cumsum(counts) - counts, counts)
        kept[following[places] + rank] = numbers
        following += counts
    held = np.flatnonzero(sizes)
    pieces: list[Numbers] = [kept[end - size : end] for end, size in zip(ends[held], sizes[held], strict=True)]
    return Ascending(clusters[held], pieces)
