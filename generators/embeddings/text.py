"""Embeddings of texts: one vector a description."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from numpy.typing import NDArray

from generators.contract import Device, Generator, Item, Vector
from generators.embeddings.encoder import Encoder, embedded
from generators.embeddings.onnx_texts import NAME, MiniLM, OnnxTexts
from generators.embeddings.tokens import by_length

AT_ONCE = 32
"""Texts that go through a torch model together, at most."""
AT_ONCE_ONNX = 4
"""Texts that go through an ONNX file together: on a CPU, 32 take twice as long each."""


class Texts(NamedTuple):
    """The texts of one image."""

    names: list[str]
    tokens: list[NDArray[Any]]


@dataclass
class EmbedText(Generator):
    """One vector a description; of length one, so that a dot product is a cosine.

    A text is cut at the tokens that the model takes (256 of MiniLM); a blank one has no vector.
    """

    name = "embed-text"
    layer = "embeddings"
    reads = "texts"
    unit = "description"
    extra = "onnx"
    batch_size = 64
    model: str = NAME
    """all-minilm-l6-v2-int8; an ONNX file; the id or folder of a text or CLIP-type model of transformers."""

    @property
    def torch(self) -> bool:  # type: ignore[override]  # follows from the model
        """Whether the model runs in torch; ONNX files do not."""
        return self.model != NAME and not self.model.endswith(".onnx")

    def identity(self) -> str:
        """Model and revision.

        Raises:
            TriptychError: There is no such model, or it is not at hand.
        """
        return self._encoder.identity()

    def load(self, device: Device) -> None:
        """Load the weights."""
        self._encoder.load(device)

    def prepare(self, item: Item) -> Texts:
        """The tokens of every text of an image."""
        rows = [row for row in item.spoken if (row["text"] or "").strip()]
        return Texts([row["row_id"] for row in rows], [self._encoder.prepare(row["text"]) for row in rows])

    def bucket(self, prepared: Any) -> Hashable:
        """Any images share a batch: their texts go through the model by length."""
        return None

    def generate(self, batch: Sequence[Texts]) -> list[list[Vector]]:
        """For each image the vectors of its texts."""
        tokens = [row for texts in batch for row in texts.tokens]
        size = min(AT_ONCE if self.torch else AT_ONCE_ONNX, 4 * len(batch))
        rows = iter(embedded(self._encoder, tokens, by_length(tokens, size)))
        return [[Vector(next(rows), unit_id=name) for name in texts.names] for texts in batch]

    @cached_property
    def _encoder(self) -> Encoder[str]:
        return encoder(self.model)


def encoder(model: str) -> Encoder[str]:
    """What embeds texts, by the name that a person gives.

    Raises:
        TriptychError: There is no such file.
    """
    if model == NAME:
        return MiniLM()
    if model.endswith(".onnx"):
        return OnnxTexts(model)
    from generators.embeddings.transformers_texts import TransformersTexts

    return TransformersTexts(model)
