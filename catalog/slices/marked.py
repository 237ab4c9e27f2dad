"""What every image of one snapshot has, by the number in its row key: arrays that counts are taken from in parts.

An image takes 2 bytes for its profile, 2 for each region (or for having none) and 1 for its layers; 25 million images
with 35 million regions take 150 MB.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.slices.roi_codes import SIZE, WORD_SIZE, WORDS, passed

BLOCK = 1 << 17
"""Images that are looked at together."""
FIRST = 1 << 15
"""In an entry: the first one of its image."""
STATES = ("has", "stale", "failed")
Bits = NDArray[np.uint8]
Entries = NDArray[np.uint16]
Mask = NDArray[np.bool_]


@dataclass(slots=True, kw_only=True)
class Profiles:
    """Of which profile each image is, and where the images of each profile lie."""

    of: NDArray[np.integer[Any]]
    """For each image the place of its profile among those of the lake; one beyond them where there is no such image."""
    images: NDArray[np.int64]
    """Images by profile."""
    clusters: NDArray[np.int64]
    """For each profile the upper bits of its images' row keys; -1 where it has none."""
    together: bool = True
    """Whether the images of every profile lie in one cluster."""

    def lie(self, profiles: NDArray[np.int64], clusters: NDArray[np.int64]) -> None:
        """Note in which clusters images of some profiles lie."""
        before = self.clusters[profiles]
        self.clusters[profiles] = clusters
        strayed = ((before >= 0) & (before != clusters)) | (self.clusters[profiles] != clusters)
        self.together = self.together and not strayed.any()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The arrays; their index is the number of an image."""

    profiles: Profiles
    entries: NDArray[np.uint16]
    """Codes of the regions, image by image; an image without has the code 0."""
    starts: NDArray[np.int64]
    """Where the entries of each block begin, and where the last ends."""
    layers: dict[str, Bits]
    """For each of STATES that any image is in, the layers as bits, by their place in LAYERS."""
    known_regions: bool
    """Whether the codes mean all regions: none has a word that is unknown here."""

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return self.starts.size - 1

    def entries_of(self, block: int, images: NDArray[np.int64]) -> Entries:
        """Codes of the regions of some images of a block, named by their place in it, in order."""
        entries: Entries = self.entries[self.starts[block] : self.starts[block + 1]]
        heads = np.flatnonzero(entries >= FIRST)
        if images.size == heads.size:
            return entries
        lengths = np.diff(heads, append=entries.size)[images]
        before = np.cumsum(lengths) - lengths
        found: Entries = entries[np.repeat(heads[images] - before, lengths) + np.arange(lengths.sum())]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which images are counted, and which of their regions."""

    profiles: Mask
    """For each profile, and for the one beyond, whether its images are."""
    regions: NDArray[np.uint64]
    """What each code says of its image, where the region is."""
    narrowed: bool = False
    """Whether an image must have such a region."""
    layers: tuple[tuple[str, int, bool], ...] = ()
    """State, layers as bits, and whether one of them must be there, or must be lacking."""
    only: Mask | None = None
    """For each number whether its image is."""


@dataclass(slots=True)
class Tally:
    """Images by what was counted."""

    profiles: NDArray[np.int64]
    codes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(SIZE, np.int64))
    """Images with one region or none, by its code."""
    words: NDArray[np.int64] = field(default_factory=lambda: np.zeros((WORDS, WORD_SIZE), np.int64))
    """Images with several, by each part of what these say together."""
    layers: dict[str, NDArray[np.int64]] = field(
        default_factory=lambda: {state: np.zeros(256, np.int64) for state in STATES}
    )

    def add(self, other: Tally) -> None:
        """Take another's counts in."""
        self.profiles += other.profiles
        self.codes += other.codes
        self.words += other.words
        for state, counts in other.layers.items():
            self.layers[state] += counts

    def images(self) -> int:
        """All that were counted."""
        return int(self.profiles.sum())

    def bit(self, said: NDArray[np.uint64], word: int, bit: int) -> int:
        """Images of which a bit of a part of what their regions say, by ``Chosen.regions``, is set."""
        alone = self.codes[said >> np.uint64(16 * word + bit) & np.uint64(1) == 1].sum()
        return int(alone) + _with_bit(self.words[word], bit)

    def layer(self, state: str, place: int) -> int:
        """Images that are in a state for a layer."""
        return _with_bit(self.layers[state], place)


def tally(marked: Marked, chosen: Chosen, profiles: int, *, regions: bool) -> Tally:
    """Count images: by profile and layers, and with ``regions`` by what their regions say."""
    parts = shares(marked)
    count = _counting(marked, chosen, profiles, regions=regions)
    with ThreadPoolExecutor(len(parts)) as pool:
        total, *others = pool.map(count, parts)
    for other in others:
        total.add(other)
    return total


def shares(marked: Marked) -> list[range]:
    """The blocks, shared out among as many threads as are worth it."""
    workers = min(4, os.cpu_count() or 1, max(marked.blocks, 1))
    return [range(worker, marked.blocks, workers) for worker in range(workers)]


def _counting(marked: Marked, chosen: Chosen, profiles: int, *, regions: bool) -> Callable[[range], Tally]:
    def count(blocks: range) -> Tally:
        found = Tally(np.zeros(profiles + 1, np.int64))
        for block in blocks:
            _count(marked, chosen, block, found, regions=regions)
        return found

    return count


def _count(marked: Marked, chosen: Chosen, block: int, found: Tally, *, regions: bool) -> None:
    images = _plain(marked, chosen, block)
    if regions or chosen.narrowed:
        of_images = Regions(marked.entries_of(block, images), chosen.regions)
        passing = of_images.passing() if chosen.narrowed else np.ones(images.size, bool)
        if regions:
            of_images.count(passing, found)
        images = images[passing]
    numbers = images + block * BLOCK  # an index by places takes a third of what one by a mask does
    found.profiles += np.bincount(marked.profiles.of[numbers], minlength=found.profiles.size)
    for state, bits in marked.layers.items():
        found.layers[state] += np.bincount(bits[numbers], minlength=256)


def chosen_numbers(marked: Marked, chosen: Chosen, block: int) -> NDArray[np.int64]:
    """The numbers of the chosen images of a block, in order."""
    images = _plain(marked, chosen, block)
    if chosen.narrowed and images.size:
        images = images[Regions(marked.entries_of(block, images), chosen.regions).passing()]
    return images + block * BLOCK


class Regions:
    """The regions of some images. Most images have one or none, of which its code says all."""

    def __init__(self, entries: NDArray[np.uint16], said: NDArray[np.uint64]) -> None:
        first = entries >= FIRST
        codes = entries & np.uint16(FIRST - 1)
        heads = np.flatnonzero(first)
        single = np.append(first[1:], True)
        self._said = said
        self._alone = single[heads]
        self._others = np.flatnonzero(~self._alone)
        self._codes = codes[heads]
        several = np.flatnonzero(~(first & single))
        of_several = said[codes[several]]
        self._of_several = (
            np.bitwise_or.reduceat(of_several, np.flatnonzero(first[several])) if several.size else of_several
        )

    def passing(self) -> Mask:
        """Which images have a region that is asked for."""
        found: Mask = passed(self._said)[self._codes]
        found[self._others] = passed(self._of_several)
        return found

    def whole(self) -> NDArray[np.uint64]:
        """What the regions of each image say together."""
        found: NDArray[np.uint64] = self._said[self._codes]
        found[self._others] = self._of_several
        return found

    def count(self, member: Mask, found: Tally) -> None:
        """Count what the regions of these images say."""
        found.codes += np.bincount(self._codes[np.flatnonzero(member & self._alone)], minlength=SIZE)
        several = np.flatnonzero(member[self._others])
        words = self._of_several[several].view("<u2").reshape(-1, WORDS)
        for word in range(WORDS):
            found.words[word] += np.bincount(words[:, word], minlength=WORD_SIZE)


def _plain(marked: Marked, chosen: Chosen, block: int) -> NDArray[np.int64]:
    """The chosen images of a block by their place in it, as far as their regions do not matter."""
    part = slice(block * BLOCK, (block + 1) * BLOCK)
    profile = marked.profiles.of[part]
    member: Mask = chosen.profiles[profile]
    if chosen.only is not None:
        member &= chosen.only[part]
    for state, bits, there in chosen.layers:
        held = marked.layers[state][part] & bits if state in marked.layers else np.zeros(profile.size, np.uint8)
        member &= (held != 0) if there else (held != bits)
    return np.flatnonzero(member)


def _with_bit(counts: NDArray[np.int64], bit: int) -> int:
    return int(counts[np.arange(counts.size) >> bit & 1 == 1].sum())
