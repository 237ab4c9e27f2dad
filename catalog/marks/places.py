"""The row keys of a slice, taken from marks: the first ones at once, and all of them without a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.lake.layout import NUMBER_BITS
from catalog.marks.arrays import Arrays, Numbers
from catalog.marks.asked import OUT, Asked
from catalog.marks.counting import Counts, chosen
from catalog.slices.kept import Ascending, Kept, Keys

Short = NDArray[np.uint32]
_NEAR = 50
"""Images that are looked at for one that is wanted, before all are."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the images of a slice lie."""

    arrays: Arrays
    asked: Asked
    counts: Callable[[], Counts]
    """Counts the slice, unless that has been done; not needed for whole profiles."""

    def first(self, count: int) -> Keys | None:
        """The first ``count`` row keys, in order; None where they cannot be told from a part of the images."""
        profiles = self.arrays.profiles
        inside = np.flatnonzero((self.asked.profiles[:-1] == 0) & (profiles.images[:-1] > 0))
        inside = inside[np.argsort(profiles.clusters[inside])]
        seen = np.cumsum(profiles.images[inside])
        if not inside.size or seen[-1] < _NEAR * count:
            return None
        enough = int(np.searchsorted(seen, _NEAR * count))
        first, last = (int(profiles.clusters[inside[at]]) for at in (0, enough))
        near = self.asked.profiles.copy()
        near[:-1][profiles.clusters > last] = OUT
        found = self._first_of(replace(self.asked, profiles=near), count, alone=first == last)
        return found if found.size == count else None

    def all(self, stopped: Callable[[], bool] = lambda: False) -> Kept:
        """Every row key, in little memory; none once ``stopped`` says so, which is asked often.

        Raises:
            QueryError: It was interrupted.
        """
        profiles = self.arrays.profiles
        clusters, place = np.unique(profiles.clusters, return_inverse=True)
        place = place.astype(np.min_scalar_type(clusters.size))
        counts = None if self.asked.whole else self.counts()
        images = np.where(self.asked.profiles == 0, profiles.images, 0) if counts is None else counts.of_profiles("")
        sizes = np.zeros(clusters.size, np.int64)
        np.add.at(sizes, place, images[:-1])
        ends = np.cumsum(sizes)
        found = np.empty(int(sizes.sum()), np.uint32)  # as many images as that counts would not fit into memory
        following = ends - sizes
        for block in range(self.arrays.blocks):
            if stopped():
                return Ascending.of([])
            numbers = self._numbers(block, counts)
            _sort_in(numbers, place[self.arrays.of[numbers]], following, found)
        held = np.flatnonzero(sizes)
        pieces = [found[end - size : end] for end, size in zip(ends[held], sizes[held], strict=True)]
        return Ascending(clusters[held], pieces)

    def _numbers(self, block: int, counts: Counts | None) -> Numbers:
        if counts is None:
            return chosen(self.arrays, self.asked, block)
        found: Numbers = np.flatnonzero(np.unpackbits(counts.held[block])) + self.arrays.block(block).start
        return found

    def _first_of(self, asked: Asked, count: int, *, alone: bool) -> Keys:
        """The first row keys of a slice; those of one cluster ``alone`` follow each other as their numbers do."""
        found, size = [np.empty(0, np.int64)], 0
        for block in range(self.arrays.blocks):
            numbers = chosen(self.arrays, asked, block)
            found.append(numbers | self.arrays.profiles.clusters[self.arrays.of[numbers]] << NUMBER_BITS)
            size += numbers.size
            if alone and size >= count:
                break
        return np.sort(np.concatenate(found))[:count]


def _sort_in(
    numbers: Numbers, clusters: NDArray[np.integer[Any]], following: Numbers, found: NDArray[np.uint32]
) -> None:
    """Put numbers, which are in order, behind those of their clusters, and move the places ``following`` these on."""
    order = np.argsort(clusters, kind="stable")
    counts = np.bincount(clusters, minlength=following.size)
    rank = np.arange(numbers.size) - np.repeat(np.cumsum(counts) - counts, counts)
    found[following[clusters[order]] + rank] = numbers[order]
    following += counts
