"""Masks for boxes, by LiteMedSAM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import boxes
from generators.contract import Device, Generator, Item, Region
from generators.rois import litemedsam
from generators.rois.litemedsam import SIDE, LiteMedSam
from generators.rois.square import boxes_in, mask_of, padded, shrunk

if TYPE_CHECKING:
    from catalog.records import RoiKind


@dataclass(slots=True)
class Prompted:
    """One image with its boxes, as the model takes them."""

    pixels: NDArray[np.uint8]
    """Shape (SIDE, SIDE) or (SIDE, SIDE, 3)."""
    size: tuple[int, int]
    """Height and width of the image."""
    prompts: NDArray[np.float32]
    """Shape (boxes, 4), pixels of the square."""
    said: list[tuple[str | None, RoiKind | None]]
    """Label and kind of every box."""


@dataclass
class MedSam(Generator):
    """A mask for every region that has a box and no mask, with the label and the kind of the box.

    The image is shrunk, padded and stretched as in LiteMedSAM's own inference script; the score of a mask is the IoU
    that the model expects. A box in which the model sees nothing gets no region.
    """

    name = "roi-medsam"
    layer = "rois"
    reads = "boxes"
    torch = True
    extra = "torch"
    box_batch: ClassVar[int] = 16
    """Boxes that are decoded together, at most; no setting, as it changes no mask."""

    def identity(self) -> str:
        """The package with its version, and a digest of the weights.

        Raises:
            TriptychError: It is not installed.
        """
        return litemedsam.identity()

    def load(self, device: Device) -> None:
        """Read the weights."""
        self._model = LiteMedSam(device.name)

    def prepare(self, item: Item) -> Prompted:
        """Image and boxes in the square of the model.

        Raises:
            InputError: A box lies outside the image.
        """
        pixels = item.pixels()
        size = (pixels.shape[0], pixels.shape[1])
        corners = [_inside(row, size) for row in item.spoken]
        said = [(row["label"], row["kind"]) for row in item.spoken]
        return Prompted(padded(shrunk(pixels, SIDE), SIDE), size, boxes_in(corners, size, SIDE), said)

    def bucket(self, prepared: Any) -> None:
        """All share batches: one square fits all."""

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        """Encode each image once, then decode the boxes of all together."""
        made: list[list[Region]] = []
        step = self._model.images_at_once
        for start in range(0, len(batch), step):
            made += self._part(batch[start : start + step])
        return made

    def _part(self, images: Sequence[Prompted]) -> list[list[Region]]:
        embeddings = self._model.encode(np.stack([_coloured(image.pixels) for image in images]))
        owners = np.repeat(np.arange(len(images)), [len(image.said) for image in images])
        prompts = np.concatenate([image.prompts for image in images])
        said = [names for image in images for names in image.said]
        made: list[list[Region]] = [[] for _ in images]
        step = self._model.boxes_at_once(self.box_batch)
        for start in range(0, len(owners), step):
            part = slice(start, start + step)
            found = self._model.decode(embeddings[owners[part]], prompts[part])
            for owner, names, logits, score in zip(owners[part], said[part], *found, strict=True):
                made[owner] += _region(names, logits, float(score), images[owner].size)
        return made


def _inside(row: Mapping[str, Any], size: tuple[int, int]) -> tuple[float, float, float, float]:
    box = (row["x0"], row["y0"], row["x1"], row["y1"])
    clipped = boxes.clip(box, width=size[1], height=size[0])
    if clipped is None:
        wrong = boxes.problem(box, width=size[1], height=size[0])
        raise InputError(f"the box of region {row['row_id']} cannot be one: {wrong}", kind="box")
    return clipped


def _coloured(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = pixels if pixels.ndim == 3 else pixels[:, :, None]
    return np.broadcast_to(colours, (SIDE, SIDE, 3))


def _region(
    said: tuple[str | None, RoiKind | None], logits: NDArray[Any], score: float, size: tuple[int, int]
) -> list[Region]:
    mask = mask_of(logits, size)
    if mask is None:
        return []
    label, kind = said
    return [Region(label=label, kind=kind, score=score, mask=cast("NDArray[np.bool_]", mask))]
