"""Texts through any text model or CLIP-type model of transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generators.embeddings.tokens import padded
from generators.embeddings.transformers_models import TransformersModel
from generators.models import pretrained

if TYPE_CHECKING:
    from generators.contract import Device

LONGEST = 512
"""Tokens of a text, at most; models that take fewer say so."""
_FILLED = ("siglip", "siglip2")
"""Models that were trained on texts filled up to their longest, and read the last token."""


class TransformersTexts(TransformersModel):
    """Texts cut at the tokens that the model takes, at most 512.

    A CLIP-type model gives its projection, in one space with its pictures; another one its token vectors, those of the
    encoder where it has a decoder too, averaged over each text, or the first of them where ``1_Pooling/config.json``
    says so, as sentence-transformers does.
    """

    def load(self, device: Device) -> None:
        """Load the weights, and what cuts texts into tokens."""
        super().load(device)
        if self._model.config.is_encoder_decoder:
            self._model = self._model.get_encoder()
        _ = self._tokenizer
        self._first = bool(self._said("1_Pooling/config.json").get("pooling_mode_cls_token"))

    def prepare(self, seen: str) -> NDArray[np.int64]:
        """The numbers of its tokens, (tokens,)."""
        numbers = self._tokenizer(seen, truncation=True, max_length=self._longest)["input_ids"]
        return np.asarray(numbers, dtype=np.int64)

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """(batch, dimension)."""
        import torch

        pad = self._tokenizer.pad_token_id or 0
        length = self._longest if self._model.config.model_type in _FILLED else 0
        numbers, held = (torch.from_numpy(rows).to(self._device) for rows in padded(batch, pad=pad, length=length))
        rows: NDArray[np.float32] = self._made(numbers, held).float().cpu().numpy()
        return rows

    def _made(self, numbers: Any, held: Any) -> Any:
        if hasattr(self._model, "get_text_features"):
            seen = {} if self._model.config.model_type in _FILLED else {"attention_mask": held}
            return self._model.get_text_features(input_ids=numbers, **seen).pooler_output
        vectors = self._model(input_ids=numbers, attention_mask=held).last_hidden_state.float()
        if self._first:
            return vectors[:, 0]
        weights = held[..., None].float()
        return (vectors * weights).sum(1) / weights.sum(1).clamp(min=1)

    @cached_property
    def _tokenizer(self) -> Any:
        return pretrained.tokenizer(self._at)

    @cached_property
    def _longest(self) -> int:
        config = pretrained.config_of(self._at)
        said = [
            self._said("sentence_bert_config.json").get("max_seq_length"),
            self._tokenizer.model_max_length,
            getattr(getattr(config, "text_config", config), "max_position_embeddings", None),
        ]
        return int(min([number for number in said if number] + [LONGEST]))

    def _said(self, name: str) -> dict[str, Any]:
        """A JSON file of the model; nothing where there is none."""
        path = self._at.folder / name
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
