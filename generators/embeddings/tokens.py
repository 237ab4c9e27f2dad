"""Texts as rows of token numbers, and rows of token vectors as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD_PIECES = Path(__file__).parent / "wordpieces.txt"


def uncased_bert() -> Any:
    """The tokenizer of uncased BERT models, from the word pieces that come with the project."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = WORD_PIECES.read_text(encoding="utf-8").split("\n")
    numbers = {piece: number for number, piece in enumerate(pieces) if piece}
    made = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", numbers["[SEP]"]), ("[CLS]", numbers["[CLS]"]))
    return made


def padded(batch: Sequence[NDArray[np.int64]], *, pad: int, length: int = 0) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Rows of token numbers as one array, and where it holds tokens; both (batch, longest or ``length``), int64."""
    longest = max(length, *(row.size for row in batch))
    numbers = np.full((len(batch), longest), pad, dtype=np.int64)
    held = np.zeros_like(numbers)
    for place, row in enumerate(batch):
        numbers[place, : row.size] = row
        held[place, : row.size] = 1
    return numbers, held


def averaged(vectors: NDArray[Any], held: NDArray[Any]) -> NDArray[np.float32]:
    """Token vectors (batch, tokens, dimension) averaged over the tokens that a text holds: (batch, dimension)."""
    weights = held[..., None].astype(np.float32)
    mean: NDArray[np.float32] = (vectors.astype(np.float32) * weights).sum(1) / np.maximum(weights.sum(1), 1)
    return mean


def by_length(prepared: Sequence[NDArray[Any]], size: int) -> list[list[int]]:
    """Places of texts that go through a model together: of about one length, at most ``size``."""
    order = sorted(range(len(prepared)), key=lambda place: prepared[place].size)
    return [order[start : start + size] for start in range(0, len(order), size)]
