"""What turns pictures or texts into vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from generators.contract import Device

Seen = TypeVar("Seen", contravariant=True)  # noqa: PLC0105
_SMALLEST = 1e-12


class Encoder(Protocol[Seen]):
    """A model that embeds pictures, or one that embeds texts.

    - ``prepare`` runs in worker processes, on one picture or text, without what ``load`` loaded.
    - ``encode`` takes what ``prepare`` made of many: pictures of one shape, or texts of any length.
    - Rows of ``encode`` are finite, one for each of the batch, in its order; their length is not one yet.
    - A pickled encoder leaves behind what it has loaded.
    """

    @property
    def torch(self) -> bool:
        """Whether it runs in torch, on the device that the person chose."""

    def identity(self) -> str:
        """Model and revision, without loading weights.

        Raises:
            TriptychError: There is no such model, or it is not at hand.
        """

    def load(self, device: Device) -> None:
        """Load the weights onto a device.

        Raises:
            TriptychError: They are of another model, or of a kind that is not read.
        """

    def prepare(self, seen: Seen) -> NDArray[Any]:
        """A picture, uint8 and of one size, or the numbers of a text's tokens."""

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """Embeddings, of shape (batch, dimension)."""


class Loadable:
    """An encoder whose model stays in the process that loaded it."""

    _model: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None}


def embedded(
    encoder: Encoder[Any], prepared: Sequence[NDArray[Any]], parts: Iterable[Sequence[int]]
) -> list[NDArray[np.float32]]:
    """The embeddings of what was prepared, in its order and of length one; of nothing but zeros where a model says so.

    Args:
        encoder: Loaded.
        prepared: Pictures or texts.
        parts: Places in ``prepared`` that go through the model together; every place once.
    """
    found: list[Any] = [None] * len(prepared)
    for part in parts:
        rows = unit(encoder.encode([prepared[place] for place in part]))
        for place, row in zip(part, rows, strict=True):
            found[place] = row
    return found


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length one."""
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    shortened: NDArray[np.float32] = (rows / np.maximum(lengths, _SMALLEST)).astype(np.float32)
    return shortened
