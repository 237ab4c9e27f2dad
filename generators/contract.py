"""What a generator is.

A generator makes one layer of annotation for images, one image at a time in its contract and many at a time on its
device. The engine does the rest: it finds the images that lack the layer, decodes them in other processes, forms
batches, stages and commits what comes back, and keeps what failed.

- ``prepare`` runs in worker processes, without the model; ``generate`` in the process that holds it.
- Every image gets an answer, which may be empty: nothing was found is an outcome, too, and is not asked again.
- A run may be killed at any moment and begun again: what was committed is not done twice.
- An ``InputError`` from ``prepare`` is kept as a failure of its image; any other error of ``generate`` is that of the
  whole batch, which is tried again image by image.
- Settings are the fields of the class. They, the version and ``identity`` are the fingerprint of every row; with
  another fingerprint the rows are stale.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from catalog.records import RoiKind, RoiOrigin

Layer = Literal["coarse_caption", "rois", "embeddings"]
Reads = Literal["metadata", "file_name", "pixels", "boxes", "masks", "regions", "texts"]
"""What rows are made from: columns of ``images``, its pixels, or rows that speak of the image. When that changes, they
are stale."""


@dataclass(slots=True, kw_only=True)
class Region:
    """A region of interest that was found. Edges are pixels of the image as a viewer sees it, half-open."""

    label: str | None
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    mask: NDArray[np.bool_] | None = None
    """Of the image's (height, width); the box is then that of the mask."""
    kind: RoiKind | None = None
    """Told from the label when None."""
    origin: RoiOrigin = "expert_model"
    score: float | None = None
    """Confidence, 0 to 1."""


@dataclass(slots=True)
class Text:
    """A text about an image."""

    text: str


@dataclass(slots=True)
class Vector:
    """An embedding."""

    values: NDArray[np.floating[Any]]
    """Shape (dimension,), finite."""
    unit_id: str | None = None
    """Of the region or description that it stands for; None for the image as a whole."""


Result = Region | Text | Vector


class Item(Protocol):
    """One image as ``prepare`` sees it."""

    @property
    def row(self) -> Mapping[str, Any]:
        """Columns of ``images``: image_id, width, height, file_name and those that the generator names."""

    @property
    def spoken(self) -> Sequence[Mapping[str, Any]]:
        """The rows that the generator reads: regions or descriptions of the image."""

    def pixels(self) -> NDArray[np.uint8]:
        """The image as a person sees it: uint8, (height, width) or (height, width, 3).

        Raises:
            InputError: The pixels are gone, damaged or too large.
        """


class Device(Protocol):
    """Where a model runs."""

    @property
    def name(self) -> str:
        """What torch calls it: cpu or cuda:N."""

    def inference(self) -> AbstractContextManager[Any]:
        """No gradients, and half precision where that is faster."""


class Generator(ABC):
    """Makes one layer.

    A subclass is a dataclass whose fields are its settings; what ``load`` makes are attributes of their own.
    """

    name: ClassVar[str]
    """As ``triptych generate`` takes it."""
    layer: ClassVar[Layer]
    reads: ClassVar[Reads] = "pixels"
    version: ClassVar[int] = 1
    """Raised when the code makes other rows than before."""
    columns: ClassVar[tuple[str, ...]] = ()
    """Columns of ``images`` that it reads beside those that every item has."""
    torch: ClassVar[bool] = False
    """Whether it runs in torch, on the device that the person chose."""
    batch_size: ClassVar[int] = 16
    """Images a batch to begin with."""
    extra: ClassVar[str] = ""
    """Extra of the project whose packages it needs."""

    @property
    def kind(self) -> str:
        """What its runs and rows are known by: the name, unless variants of it live side by side."""
        return self.name

    def identity(self) -> str | None:
        """The model and its revision, as ``model`` names it in every row; None without a model. Loads no weights.

        Raises:
            TriptychError: There is no such model, or it is not at hand.
        """
        return None

    def load(self, device: Device) -> None:
        """Get ready to generate: load the weights onto the device."""
        del device

    def prepare(self, item: Item) -> Any:
        """What ``generate`` takes of one image; runs in a worker process, without what ``load`` loaded.

        Raises:
            InputError: Nothing can be made of this image.
        """
        return item.pixels()

    def bucket(self, prepared: Any) -> Hashable:
        """Images of one bucket may share a batch; by default those of one shape."""
        return getattr(prepared, "shape", None)

    @abstractmethod
    def generate(self, batch: Sequence[Any]) -> Sequence[Sequence[Result]]:
        """The results of every prepared image of a batch, in its order; none is an answer."""
