"""What every image of one snapshot has, by the number in its row key: arrays that are looked at block by block.

An image takes 2 bytes for its profile, 2 for its region (or for having none), 1 for its layers, and 2 more for each
region where it has several; 25 million images with 35 million regions take 170 MB.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 17
"""Images that are looked at together."""
FIRST = 1 << 15
"""In a code of ``Marks.several``: the first one of its image."""
STATES = ("has", "stale", "failed")

Bits = NDArray[np.uint8]
Codes = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profiles:
    """The combinations of modality, region, organs, diseases and source that images have, by their place."""

    table: pa.Table
    """Columns of ``sql/marks/profiles.sql``; a row each."""
    ids: Numbers
    """What ``profile`` says, in order."""
    images: Numbers
    """How many images each has, and how many numbers are those of no image."""
    clusters: Numbers
    """Where their images lie: the upper bits of these images' row keys."""

    @property
    def size(self) -> int:
        """How many there are."""
        return self.ids.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """The arrays; their index is the number of an image."""

    profiles: Profiles
    of: NDArray[np.integer[Any]]
    """Place of the image's profile; one beyond all of them where there is no such image."""
    codes: Codes
    """Code of the image's only region, 0 without one, ``roi_codes.SEVERAL`` where it has several."""
    several: Codes
    """Codes of the regions of images that have several, image by image."""
    starts: Numbers
    """Where those of each block begin in ``several``, and where the last ends."""
    layers: dict[str, Bits]
    """For each of STATES that any image is in, the layers as bits, by their place in LAYERS."""
    known_regions: bool
    """Whether the codes mean all regions: none has a word that is unknown here."""

    @property
    def images(self) -> int:
        """How many numbers of images there are."""
        return self.of.size

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return self.starts.size - 1

    def block(self, number: int) -> slice:
        """The numbers of a block."""
        return slice(number * BLOCK, min((number + 1) * BLOCK, self.images))

    def shares(self) -> list[range]:
        """The blocks, shared out among as many threads as are worth it."""
        workers = min(4, os.cpu_count() or 1, max(self.blocks, 1))
        return [range(worker, self.blocks, workers) for worker in range(workers)]
