"""What was found of what was drawn."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.greenbox.drawn import PENS, Box, burnt, iou, places
from generators.rois.greenbox import find

QUALITIES = (75, 85, 95)
ENOUGH = 0.7
"""IoU from which a box is found."""
_BARE = 4
"""One image of so many has no box."""
NEAR = 8
"""Pixels within which the outline of another box crowds that of a box."""


@dataclass(slots=True)
class Score:
    """Counts over images."""

    drawn: int = 0
    found: int = 0
    matched: int = 0
    bare: int = 0
    """Images without a box."""
    on_bare: int = 0
    """Boxes found in them."""
    overlaps: list[float] = field(default_factory=list)
    """IoU of the matched ones."""
    seconds: list[float] = field(default_factory=list)
    """Of CPU, for an image of 512x512: those of a larger one in proportion."""
    hits: list[tuple[Box, bool, bool]] = field(default_factory=list)
    """Each box drawn, whether another's outline crowds it, and whether it was found."""

    @property
    def precision(self) -> float:
        """Share of boxes found that were drawn."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of boxes drawn that were found."""
        return self.matched / self.drawn if self.drawn else 1.0

    def add(self, drawn: list[Box], found: list[Box]) -> None:
        """Count one image."""
        overlaps = matches(drawn, found)
        self.drawn, self.found, self.matched = (
            self.drawn + len(drawn),
            self.found + len(found),
            self.matched + len(overlaps),
        )
        self.overlaps += overlaps.values()
        self.hits += [(box, crowded(box, drawn), place in overlaps) for place, box in enumerate(drawn)]
        if not drawn:
            self.bare, self.on_bare = self.bare + 1, self.on_bare + len(found)


def matches(drawn: list[Box], found: list[Box]) -> dict[int, float]:
    """Boxes drawn that were found, by place, with their IoU; the best pairs first, each box once."""
    pairs = sorted(
        ((iou(true, box), place, other) for place, true in enumerate(drawn) for other, box in enumerate(found)),
        reverse=True,
    )
    taken: set[int] = set()
    matched: dict[int, float] = {}
    for overlap, place, other in pairs:
        if overlap >= ENOUGH and place not in matched and other not in taken:
            matched[place] = overlap
            taken.add(other)
    return matched


def crowded(box: Box, drawn: Iterable[Box]) -> bool:
    """Whether the outline of another box comes near."""
    return any(_meet(box, other) for other in drawn if other != box)


def _meet(one: Box, other: Box) -> bool:
    apart = one[0] - other[2] > NEAR or other[0] - one[2] > NEAR or one[1] - other[3] > NEAR or other[1] - one[3] > NEAR
    return not (apart or _inside(one, other) or _inside(other, one))


def _inside(inner: Box, outer: Box) -> bool:
    least = (inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3])
    return min(least) > NEAR


def score(images: list[NDArray[np.uint8]], *, quality: int, times: int, seed: int) -> Score:
    """Draw into every image so many times, and look for what was drawn."""
    total = Score()
    for number, image in enumerate(images):
        rng = np.random.default_rng([seed, quality, number])
        for turn in range(times):
            height, width = image.shape[:2]
            drawn = places(rng, width, height) if turn % _BARE else []
            pixels = burnt(image, drawn, pen=PENS[(turn + turn // _BARE) % 2], quality=quality)
            began = time.process_time()
            found = [box for box, _ in find(pixels)]
            total.seconds.append((time.process_time() - began) * 512**2 / max(height * width, 512**2))
            total.add(drawn, found)
    return total


def merged(scores: Iterable[Score]) -> Score:
    """The sum of scores."""
    total = Score()
    for part in scores:
        for name in Score.__slots__:
            setattr(total, name, getattr(total, name) + getattr(part, name))
    return total
