"""Regions from boxes that file names carry.

Some published names of MedTrinity hold the box that their pixels were cut or marked by, and no column does. Only
patterns that are documented are read, over the whole name; any other name holds no region.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from catalog.errors import InputError
from generators.contract import Generator, Item, Region

_BOX = "_".join(rf"(?P<{name}>-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)" for name in "xywh")
_ENDING = r"\.(?:jpe?g|png)"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of file name that ends in a box: x, y of the upper left corner, width and height, in pixels."""

    source: str
    """Dataset that the names come from."""
    label: str
    """What the boxes of that dataset hold."""
    name: re.Pattern[str]
    """Matches the whole name; the groups x, y, w and h are the box."""


PATTERNS = (
    Pattern(  # patient_study_series, slice; arXiv 1710.01766
        "deeplesion",
        "lesion",
        re.compile(rf"(?:.*_)?DeepLesion_(?:.*_)?\d{{6}}_\d{{2}}_\d{{2}}_\d+__{_BOX}{_ENDING}", re.IGNORECASE),
    ),
    Pattern(  # case (twice again in the study's folder), series, slice, then a number that is not documented
        "bhx",
        "hemorrhage",
        re.compile(
            rf"(?:.*_)?CQ500-CT-(?P<case>\d+)_CQ500CT(?P=case) CQ500CT(?P=case)_.+_CT\d+__\d+_{_BOX}{_ENDING}",
            re.IGNORECASE,
        ),
    ),
)
"""Names as MedTrinity-25M publishes them: folders joined by underscores."""


@dataclass
class FileName(Generator):
    """The box in an image's file name, where it is of a documented pattern."""

    name = "roi-filename"
    layer = "rois"
    reads = "file_name"
    batch_size = 1024

    def prepare(self, item: Item) -> list[Region]:
        """The region that the name tells of, if any.

        Raises:
            InputError: The numbers in it are no box ("box").
        """
        found = region(item.row["file_name"])
        return [] if found is None else [found]

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        """The regions, as they are."""
        return list(batch)


def region(file_name: str) -> Region | None:
    """The region that a file name tells of, or None when it is of no known pattern.

    Raises:
        InputError: Width or height is not above 0, or a number is not finite ("box").
    """
    for pattern in PATTERNS:
        if match := pattern.name.fullmatch(file_name):
            x, y, width, height = (float(match[name]) for name in "xywh")
            if not (width > 0 and height > 0 and all(map(isfinite, (x, y, x + width, y + height)))):
                said = f"x={match['x']} y={match['y']} width={match['w']} height={match['h']}"
                raise InputError(f"the file name says {said}, which is no box; correct the name", kind="box")
            return Region(
                label=pattern.label, kind="lesion", origin="filename", x0=x, y0=y, x1=x + width, y1=y + height
            )
    return None
