"""Embeddings of pictures: of whole images, or of the regions in them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from catalog.errors import InputError, UsageError
from generators.contract import Device, Generator, Item, Reads, Vector
from generators.embeddings import efficientnet
from generators.embeddings.encoder import Encoder, embedded
from generators.embeddings.pictures import Pixels, by_shape, crop

Unit = Literal["image", "region"]
FITTED = 64
"""Regions of an image that workers make ready; of more, which are small, they send the pixels as they are."""
_TIMES = 4
"""Regions that go through the model for each image that a batch may hold."""


class Parts(NamedTuple):
    """What is embedded of one image."""

    names: list[str | None]
    """For each part its region; None for the whole image."""
    pictures: list[NDArray[Any]]
    ready: bool
    """Whether they have been made ready for the model."""


@dataclass
class EmbedImage(Generator):
    """One vector an image or, with ``unit=region``, one a region; of length one, so that a dot product is a cosine."""

    name = "embed-image"
    layer = "embeddings"
    extra = "torch"
    model: str = efficientnet.NAME
    """efficientnet-lite0; an ONNX file; the id or folder of a vision or CLIP-type model of transformers."""
    unit: Unit = "image"
    """What a vector stands for: image or region."""
    margin: float = 0.1
    """What is shown around a region on each side, as a share of its width and height."""

    def __post_init__(self) -> None:
        if self.unit not in ("image", "region"):
            raise UsageError(f"embed-image: no unit '{self.unit}'; choose image or region")
        if not 0 <= self.margin <= 10:
            raise UsageError(f"embed-image: the margin {self.margin} is not between 0 and 10 times the region")

    @property
    def kind(self) -> str:
        """Vectors of images and of regions live side by side."""
        return self.name if self.unit == "image" else f"{self.name}:{self.unit}"

    @property
    def reads(self) -> Reads:  # type: ignore[override]  # follows from the unit
        """Pixels, or regions and their pixels."""
        return "pixels" if self.unit == "image" else "regions"

    @property
    def torch(self) -> bool:  # type: ignore[override]  # follows from the model
        """Whether the model runs in torch; ONNX files do not."""
        return not _is_onnx(self.model)

    def identity(self) -> str:
        """Model and revision.

        Raises:
            TriptychError: There is no such model, or it is not at hand.
        """
        return self._encoder.identity()

    def load(self, device: Device) -> None:
        """Load the weights."""
        self._encoder.load(device)

    def prepare(self, item: Item) -> Parts:
        """The picture, or the regions cut out of it, as the model takes them.

        Raises:
            InputError: The pixels cannot be read, or a region has no place.
        """
        pixels = item.pixels()
        if self.unit == "image":
            return Parts([None], [self._encoder.prepare(pixels)], True)
        names = [row["row_id"] for row in item.spoken]
        cut = [crop(pixels, _box(row), margin=self.margin) for row in item.spoken]
        if len(cut) > FITTED:
            return Parts(names, [part.copy() for part in cut], False)
        return Parts(names, [self._encoder.prepare(part) for part in cut], True)

    def bucket(self, prepared: Any) -> Hashable:
        """Any images share a batch: their parts go through the model by shape."""
        return None

    def generate(self, batch: Sequence[Parts]) -> list[list[Vector]]:
        """For each image the vectors of its parts."""
        pictures = [picture for parts in batch for picture in self._ready(parts)]
        rows = iter(embedded(self._encoder, pictures, by_shape(pictures, _TIMES * len(batch))))
        return [[Vector(next(rows), unit_id=name) for name in parts.names] for parts in batch]

    def _ready(self, parts: Parts) -> list[NDArray[Any]]:
        return parts.pictures if parts.ready else [self._encoder.prepare(picture) for picture in parts.pictures]

    @cached_property
    def _encoder(self) -> Encoder[Pixels]:
        return encoder(self.model)


def encoder(model: str) -> Encoder[Pixels]:
    """What embeds pictures, by the name that a person gives.

    Raises:
        TriptychError: There is no such file.
    """
    if model == efficientnet.NAME:
        return efficientnet.EfficientNetLite0()
    if _is_onnx(model):
        from generators.embeddings.onnx_pictures import OnnxPictures

        return OnnxPictures(model)
    from generators.embeddings.transformers_pictures import TransformersPictures

    return TransformersPictures(model)


def _is_onnx(model: str) -> bool:
    return model.endswith(".onnx")


def _box(row: Any) -> tuple[float, float, float, float]:
    edges = (row["x0"], row["y0"], row["x1"], row["y1"])
    if None in edges:
        raise InputError(f"the region {row['row_id']} has no box; ingest it with one", kind="box")
    return edges
