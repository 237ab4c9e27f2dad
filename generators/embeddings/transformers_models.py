"""What encoders by models of transformers share: where the model is, and its weights."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from generators.embeddings.encoder import Loadable
from generators.models import pretrained
from generators.models.hub import Located, locate

if TYPE_CHECKING:
    from generators.contract import Device


class TransformersModel(Loadable):
    """A model by its id or folder."""

    torch = True

    def __init__(self, model: str) -> None:
        self._name = model

    def identity(self) -> str:
        """Id and commit, or folder and digest."""
        return self._at.said

    def load(self, device: Device) -> None:
        """Load the weights."""
        from transformers import AutoModel

        # a pooling layer that was not trained would be drawn by lot
        model = pretrained.network(self._at, AutoModel, device=device.name, spare="pooler")
        self._model, self._device = model.requires_grad_(False), device.name

    @cached_property
    def _at(self) -> Located:
        return locate(self._name)
