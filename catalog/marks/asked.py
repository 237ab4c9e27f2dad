"""A slice as marks can tell it: by profiles, codes of regions, and layers as bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catalog.marks import roi_codes
from catalog.marks.arrays import Arrays, Bits, Mask, Numbers
from catalog.marks.regions import Words
from catalog.slices.filter import LAYERS, Filter
from catalog.slices.query import only

OF_PROFILES = ("modality", "region", "organ", "disease", "source")
"""Flags that a profile tells."""
OF_LAYERS = ("has", "missing", "stale")
OUT = 255
"""Of a profile: it fails more than one flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which images a slice holds, and which it would hold without one of its flags."""

    profiles: Bits
    """For each profile 0 where it satisfies every flag, n where it fails the n-th of OF_PROFILES alone, else OUT; OUT
    for no image."""
    regions: dict[str, Words]
    """Tables of codes: under "" that of the slice, under ROI flags of its own that without the flag; no table where
    codes do not tell what is asked of regions."""
    narrowed: bool = False
    """Whether an image must have such a region."""
    layers: tuple[tuple[str, int, bool], ...] = ()
    """State, layers as bits, and whether one of them must be there, or must be lacking."""
    only: Mask | None = None
    """For each number whether its image is in the slice."""

    @property
    def whole(self) -> bool:
        """Whether the slice holds all images of some profiles."""
        return self.only is None and not self.narrowed and not self.layers

    def layered(self, arrays: Arrays, numbers: Numbers) -> Mask:
        """Which of some images have and lack the layers that are asked for."""
        found = np.ones(numbers.size, bool)
        for state, bits, there in self.layers:
            if state in arrays.layers:
                held = arrays.layers[state][numbers] & bits
                found &= (held != 0) if there else (held != bits)
            elif there:
                found[:] = False
        return found


def told(said: Filter, arrays: Arrays) -> bool:
    """Whether marks tell by themselves which images a slice holds."""
    regions = not of_regions(said) or codes_tell(said, arrays)
    return regions and only(said, (*OF_PROFILES, *OF_LAYERS, *roi_codes.FLAGS))


def codes_tell(said: Filter, arrays: Arrays) -> bool:
    """Whether codes of regions tell what a slice asks of these."""
    return arrays.known_regions and roi_codes.told(said)


def of_regions(said: Filter) -> bool:
    """Whether a slice asks for regions."""
    return bool(said.roi_label or said.roi_aspect or any(getattr(said, flag) for flag in roi_codes.FLAGS))


def layers(said: Filter) -> tuple[tuple[str, int, bool], ...]:
    """What a slice asks of layers."""
    flags = [("has", said.has, True), ("has", said.missing, False), ("stale", said.stale, True)]
    return tuple((state, _bits(names), there) for state, names, there in flags if names)


def whole(said: Filter) -> bool:
    """Whether a slice holds all images of some profiles."""
    return only(said, OF_PROFILES)


def tables(said: Filter, *, summed: bool) -> dict[str, Words]:
    """Tables of codes for a slice, and for it without each of its ROI flags, unless sums tell those counts."""
    flags = [flag for flag in roi_codes.FLAGS if getattr(said, flag)]
    if summed:
        flags = [flag for flag in flags if not whole(without(said, flag))]
    return {"": roi_codes.table(said), **{flag: roi_codes.table(without(said, flag)) for flag in flags}}


def without(said: Filter, *flags: str) -> Filter:
    """A slice without some of its flags."""
    none: dict[str, Any] = dict.fromkeys(flags, ())
    return replace(said, **none)


def _bits(names: tuple[str, ...]) -> int:
    return sum(1 << LAYERS.index(name) for name in set(names))
