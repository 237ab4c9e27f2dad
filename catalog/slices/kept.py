"""Row keys kept in little memory: the number of an image in 4 bytes, and where it lies once for many or in 2 more.

A row key is the place of its cluster, of which a lake has some hundreds or thousands, and the number of the image,
which is dense. 25 million row keys take 200 MB as they are, 100 MB in their order, and 150 MB in any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from catalog.lake.layout import NUMBER_BITS
from catalog.slices.filter import Filter

Keys = NDArray[np.int64]
Numbers = NDArray[np.integer[Any]]
_NUMBER = (1 << NUMBER_BITS) - 1
_PIECES = 65_536
"""Arrays beyond one a cluster that are kept before those of a cluster are joined."""
_AT_ONCE = 1_000_000
"""Numbers that are looked at together."""


class Kept(Protocol):
    """Row keys by their place from 0, each once."""

    @property
    def size(self) -> int:
        """How many there are."""

    def part(self, start: int, stop: int) -> Keys:
        """Those from one place up to another; past the end there are none."""

    def place(self, key: int) -> int | None:
        """The place of a row key; None when it is not among them."""

    def numbers(self) -> Iterator[Numbers]:
        """The numbers of the images (the lower bits of their row keys), in pieces."""


class Located(Protocol):
    """Where the images of a slice lie, told without reading the lake."""

    def first(self, count: int) -> Keys | None:
        """The first ``count`` row keys, in order; None where finding all of them takes no longer."""

    def all(self, stopped: Callable[[], bool]) -> Kept:
        """Every row key, in order; none once ``stopped`` says so."""


class Locating(Protocol):
    """What knows where the images of slices lie, at one snapshot."""

    snapshot: int

    def places(self, said: Filter) -> Located | None:
        """Where the images of a slice lie; None where it does not know that."""

    def interrupt(self, *, of: int | None = None) -> None:
        """Stop whoever waits for it, or the thread with the identity ``of``."""


class Ascending:
    """Row keys in order: for each cluster its numbers."""

    def __init__(self, clusters: Keys, pieces: Sequence[Numbers]) -> None:
        """Keep clusters, which are in order, and for each its numbers, which are, too."""
        self._clusters, self._pieces = clusters, pieces
        sizes = [piece.size for piece in self._pieces]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    @classmethod
    def of(cls, batches: Iterable[Keys]) -> Self:
        """Those that come in any order, some of them more than once."""
        return cls(*_by_cluster(batches))

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self._starts[-1])

    def part(self, start: int, stop: int) -> Keys:
        """Those from one place up to another; past the end there are none."""
        stop = min(stop, self.size)
        found = [np.empty(0, np.int64)]
        at = int(np.searchsorted(self._starts, start, side="right")) - 1
        while start < stop:
            first, last = (int(end) for end in self._starts[at : at + 2])
            numbers = self._pieces[at][start - first : min(stop, last) - first]
            found.append(numbers.astype(np.int64) | self._clusters[at] << NUMBER_BITS)
            start, at = last, at + 1
        return np.concatenate(found)

    def place(self, key: int) -> int | None:
        """The place of a row key; None when it is not among them."""
        at = int(np.searchsorted(self._clusters, key >> NUMBER_BITS))
        if at == len(self._pieces) or self._clusters[at] != key >> NUMBER_BITS:
            return None
        piece = self._pieces[at]
        inside = int(np.searchsorted(piece, np.asarray(key & _NUMBER, piece.dtype)))
        known = inside < piece.size and int(piece[inside]) == key & _NUMBER
        return int(self._starts[at]) + inside if known else None

    def numbers(self) -> Iterator[Numbers]:
        """The numbers of the images, a cluster at a time."""
        for piece in self._pieces:
            for start in range(0, piece.size, _AT_ONCE):
                yield piece[start : start + _AT_ONCE]


class Ordered:
    """Row keys in the order in which they come: numbers, and for each the place of its cluster in a list."""

    def __init__(self, batches: Iterable[Keys]) -> None:
        """Take row keys, each once."""
        listed = _Listed()
        pairs = [(_numbers(keys & _NUMBER), listed.places(keys >> NUMBER_BITS)) for keys in batches if keys.size]
        self._pieces = [numbers for numbers, _ in pairs]
        self._places = [places for _, places in pairs]
        self._clusters = np.array(listed.clusters, np.int64)
        self._starts = np.concatenate([[0], np.cumsum([piece.size for piece in self._pieces], dtype=np.int64)])

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self._starts[-1])

    def part(self, start: int, stop: int) -> Keys:
        """Those from one place up to another; past the end there are none."""
        stop = min(stop, self.size)
        found = [np.empty(0, np.int64)]
        at = int(np.searchsorted(self._starts, start, side="right")) - 1
        while start < stop:
            first, last = (int(end) for end in self._starts[at : at + 2])
            found.append(self._keys(at, slice(start - first, min(stop, last) - first)))
            start, at = last, at + 1
        return np.concatenate(found)

    def place(self, key: int) -> int | None:
        """The place of a row key, by looking at all of them; None when it is not among them."""
        for at, piece in enumerate(self._pieces):
            for inside in np.flatnonzero(piece == key & _NUMBER):
                if int(self._keys(at, slice(inside, inside + 1))[0]) == key:
                    return int(self._starts[at] + inside)
        return None

    def numbers(self) -> Iterator[Numbers]:
        """The numbers of the images."""
        yield from self._pieces

    def _keys(self, at: int, inside: slice) -> Keys:
        found: Keys = self._pieces[at][inside].astype(np.int64)
        return found | self._clusters[self._places[at][inside]] << NUMBER_BITS


class _Listed:
    """Clusters by the order in which they were met."""

    def __init__(self) -> None:
        self.clusters: list[int] = []
        self._sorted: Keys = np.empty(0, np.int64)
        self._order = np.empty(0, np.int64)

    def places(self, clusters: Keys) -> Numbers:
        """For each of these clusters its place in the list, to which it is added."""
        if not np.isin(clusters, self._sorted).all():
            self.clusters += np.setdiff1d(clusters, self._sorted).tolist()
            listed = np.array(self.clusters, np.int64)
            self._order = np.argsort(listed)
            self._sorted = listed[self._order]
        found = self._order[np.searchsorted(self._sorted, clusters)]
        return found.astype(np.uint16) if len(self.clusters) <= 2**16 else found.astype(np.uint32)


def _by_cluster(batches: Iterable[Keys]) -> tuple[Keys, list[Numbers]]:
    """The clusters in order, and for each its numbers in order, each once."""
    found: dict[int, list[Numbers]] = {}
    pieces = 0
    for keys in batches:
        for cluster, numbers in _split(np.sort(keys)):
            found.setdefault(cluster, []).append(numbers)
            pieces += 1
        if pieces > len(found) + _PIECES:
            found = {cluster: [_joined(parts)] for cluster, parts in found.items()}
            pieces = len(found)
    clusters = sorted(found)
    return np.array(clusters, np.int64), [_joined(found.pop(cluster)) for cluster in clusters]


def _split(keys: Keys) -> Iterator[tuple[int, Numbers]]:
    """The numbers of each cluster among row keys in order."""
    clusters = keys >> NUMBER_BITS
    ends = [*(np.flatnonzero(clusters[1:] != clusters[:-1]) + 1).tolist(), keys.size] if keys.size else []
    start = 0
    for end in ends:
        yield int(clusters[start]), _numbers(keys[start:end] & _NUMBER)
        start = end


def _joined(parts: list[Numbers]) -> Numbers:
    numbers: Numbers = np.concatenate(parts)
    if (numbers[1:] <= numbers[:-1]).any():
        numbers.sort()
        numbers = numbers[np.append(True, numbers[1:] != numbers[:-1])]
    return numbers


def _numbers(numbers: Keys) -> Numbers:
    """In 4 bytes each, unless there are more images than that counts."""
    return numbers.astype(np.uint32) if not numbers.size or int(numbers.max()) < 2**32 else numbers
