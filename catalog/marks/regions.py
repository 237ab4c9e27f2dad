"""The regions of some images of a block, and what they say of their images by a table of codes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.marks.arrays import FIRST, Arrays, Mask, Numbers
from catalog.marks.roi_codes import SEVERAL, SIZE, WORD_SIZE, WORDS, passed

Words = NDArray[np.uint64]
"""What regions say of an image: WORDS parts of 16 bits."""


class Regions:
    """The codes of some images, named by their places in a block, in order."""

    def __init__(self, arrays: Arrays, block: int, images: Numbers) -> None:
        whole = arrays.codes[arrays.block(block)]
        self.codes = whole if images.size == whole.size else whole[images]
        self.others = np.flatnonzero(self.codes == SEVERAL)
        """Which of the images have several."""
        listed = arrays.several[arrays.starts[block] : arrays.starts[block + 1]]
        heads = np.flatnonzero(listed >= FIRST)
        if self.others.size != heads.size:
            wanted = np.searchsorted(np.flatnonzero(whole == SEVERAL), images[self.others])
            lengths = np.diff(heads, append=listed.size)[wanted]
            before = np.cumsum(lengths) - lengths
            listed = listed[np.repeat(heads[wanted] - before, lengths) + np.arange(lengths.sum())]
            heads = before
        self._listed, self._heads = listed & np.uint16(FIRST - 1), heads

    def said(self, table: Words) -> Said:
        """What they say by a table of ``roi_codes``."""
        of_regions = table[self._listed]
        together = np.bitwise_or.reduceat(of_regions, self._heads) if self._heads.size else of_regions
        return Said(self, table, together)


@dataclass(frozen=True, slots=True)
class Said:
    """What the regions of some images say. Most images have one or none, of which its code tells all."""

    regions: Regions
    table: Words
    of_several: Words

    def passing(self) -> Mask:
        """Which images have a region that is asked for."""
        found: Mask = passed(self.table)[self.regions.codes]
        found[self.regions.others] = passed(self.of_several)
        return found

    def whole(self) -> Words:
        """What the regions of each image say together."""
        found: Words = self.table[self.regions.codes]
        found[self.regions.others] = self.of_several
        return found


@dataclass(slots=True)
class RegionCounts:
    """Images by what their regions say."""

    codes: Numbers = field(default_factory=lambda: np.zeros(SIZE, np.int64))
    """Images with one region or none, by its code."""
    words: Numbers = field(default_factory=lambda: np.zeros((WORDS, WORD_SIZE), np.int64))
    """Images with several, by each part of what these say together."""

    def take(self, said: Said, member: Mask) -> None:
        """Count some of the images."""
        self.codes += np.bincount(said.regions.codes[np.flatnonzero(member)], minlength=SIZE)
        several = said.of_several[member[said.regions.others]]
        words = several.view("<u2").reshape(-1, WORDS)
        for word in range(WORDS):
            self.words[word] += np.bincount(words[:, word], minlength=WORD_SIZE)

    def add(self, other: RegionCounts) -> None:
        """Take another's counts in."""
        self.codes += other.codes
        self.words += other.words

    def bit(self, table: Words, word: int, bit: int) -> int:
        """Images of which a bit of a part of what their regions say, by the same table, is set."""
        alone = self.codes[table >> np.uint64(16 * word + bit) & np.uint64(1) == 1].sum()
        return int(alone) + with_bit(self.words[word], bit)


def with_bit(counts: Numbers, bit: int) -> int:
    """The sum of the counts whose place has a bit."""
    return int(counts[np.arange(counts.size) >> bit & 1 == 1].sum())
