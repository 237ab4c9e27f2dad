"""Regions from the parts of published masks.

A published mask is one region already, with the box of all its pixels, as MedTrinity has it. Where a mask lies in
several pieces (lesions of both lungs, say), that box holds much that is none of them; each piece is a region here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import InputError, UsageError
from generators.contract import Generator, Item, Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass
class MaskParts(Generator):
    """One region for each 8-connected part of a mask that has more than one, with its label and kind."""

    name = "roi-mask"
    layer = "rois"
    reads = "masks"
    batch_size = 8
    min_area: float = 0.0005
    """Least share of the image that a part covers; smaller ones are left out."""

    def __post_init__(self) -> None:
        if not 0 <= self.min_area <= 1:
            raise UsageError(f"{self.name}: min_area is a share of the image, 0 to 1, not {self.min_area:g}")

    def prepare(self, item: Item) -> list[Region]:
        """The parts of all published masks of an image.

        Raises:
            InputError: The size of the image is not known ("size"), or a mask is not of that size ("mask").
        """
        width, height = item.row["width"], item.row["height"]
        if not (width and height):
            raise InputError("the image's width and height are not known; ingest it with its pixels", kind="size")
        least = max(self.min_area * width * height, 1)
        return [region for row in item.spoken for region in _parts(row, width=width, height=height, least=least)]

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        """The parts, as they are."""
        return list(batch)


def _parts(row: Mapping[str, Any], *, width: int, height: int, least: float) -> Iterator[Region]:
    """The regions of one mask's parts that cover at least so many pixels; none where it is one piece."""
    import numpy as np
    from scipy import ndimage

    mask = _decoded(row, width=width, height=height)
    labels, count = ndimage.label(mask, structure=np.ones((3, 3), dtype=bool))
    if count < 2:
        return
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    for part in np.flatnonzero(areas[1:] >= least) + 1:
        yield Region(label=row["label"], kind=row["kind"], mask=labels == part, origin="source_mask")


def _decoded(row: Mapping[str, Any], *, width: int, height: int) -> NDArray[np.uint8]:
    from catalog.geometry import masks

    try:
        return masks.decode(row["mask"], width=width, height=height)
    except ValueError as error:
        raise InputError(
            f"the mask of region {row['row_id']}: {error}; ingest it again with the image it was drawn on", kind="mask"
        ) from error
