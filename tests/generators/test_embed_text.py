"""Embeddings of texts: MiniLM in 8 bits, ONNX files, transformers; one vector a description."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catalog
from catalog.errors import TriptychError
from catalog.records import Description
from generators.embeddings.onnx_texts import MiniLM
from generators.embeddings.text import AT_ONCE, EmbedText
from tests.conftest import TakeIn
from tests.generators.conftest import PICTURES, rows, run
from tests.generators.encoding import (
    CPU,
    Looked,
    averaging_onnx,
    matrix,
    minilm_folder,
    stored,
    tiny_clip,
    tiny_siglip,
    tiny_t5,
    tiny_vit,
    vectors,
)

TEXTS = [
    "A CT image of the lung (left) showing a nodule.",
    "Axial CT of the chest: a small nodule in the left lung.",
    "An MRI image of the brain showing glioma, with oedema around it.",
    "naïve café — MÉNIÈRE’S disease, 3.5 cm × 2 cm; 日本語",
    "x",
    "The heart is enlarged. " * 120,
]


def item(*texts: str | None) -> Looked:
    return Looked(None, [{"row_id": f"{place}", "text": text} for place, text in enumerate(texts)])


def embed(texts: list[str], model: str | None = None) -> Any:
    generator = EmbedText(model=model) if model else EmbedText()
    return np.stack(vectors(generator, [item(text) for text in texts]))


def described(lake: catalog.Lake, take_in: TakeIn) -> list[str]:
    names = [name for (name,) in rows(lake, "SELECT image_id FROM images ORDER BY 1 LIMIT 3")]
    texts = [Description(image_id=name, text=text) for name in names for text in (TEXTS[0], f"{TEXTS[2]} {name}")]
    take_in(lake.layout, {"texts": texts})
    return names


def test_descriptions_are_embedded_out_of_the_box(pictures: catalog.Lake, take_in: TakeIn) -> None:
    described(pictures, take_in)
    report = run(pictures, EmbedText())
    assert (report.tally.made, report.pending.lacking) == (6, {"texts": PICTURES - 3})
    query = "SELECT generator, model, unit, dimension, vectors FROM vector_sets"
    assert rows(pictures, query) == [("embed-text", "all-minilm-l6-v2-int8@1.0.0", "description", 384, 6)]
    table = stored(pictures, "embed-text-")
    known = rows(pictures, "SELECT description_id, image_key FROM descriptions ORDER BY 1")
    unit_ids, keys = table.column("unit_id").to_pylist(), table.column("image_key").to_pylist()
    assert sorted(zip(unit_ids, keys, strict=True)) == known
    assert np.allclose(np.linalg.norm(matrix(table), axis=1), 1, atol=1e-5)


def test_a_new_description_makes_the_vectors_of_its_image_anew(pictures: catalog.Lake, take_in: TakeIn) -> None:
    names = described(pictures, take_in)
    run(pictures, EmbedText())
    take_in(pictures.layout, {"more": [Description(image_id=names[0], text="Something else.")]})
    report = run(pictures, EmbedText())
    assert (report.tally.done, report.tally.made) == (1, 3)
    assert len(stored(pictures, "embed-text-")) == 7


def test_eight_bits_agree_with_the_model_in_floats() -> None:
    from transformers import AutoTokenizer

    ours, theirs = embed(TEXTS), embed(TEXTS, str(minilm_folder()))
    assert ours.shape == theirs.shape == (len(TEXTS), 384)
    assert (ours * theirs).sum(1).min() > 0.99
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    for text in TEXTS:
        expected = tokenizer(text, truncation=True, max_length=256)["input_ids"]
        assert MiniLM().prepare(text).tolist() == expected


def test_the_model_in_floats_is_averaged_over_its_tokens_as_its_authors_do() -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = minilm_folder()
    given = AutoTokenizer.from_pretrained(folder)(TEXTS[:2], padding="longest", return_tensors="pt")
    with torch.inference_mode():
        made = AutoModel.from_pretrained(folder)(**given)[0]
    held = given["attention_mask"][..., None].float()
    expected = torch.nn.functional.normalize((made * held).sum(1) / held.sum(1), dim=1).numpy()
    assert np.allclose(embed(TEXTS[:2], str(folder)), expected, atol=1e-5)


def test_texts_that_mean_the_same_are_near() -> None:
    near = embed(TEXTS[:3]) @ embed(TEXTS[:3]).T
    assert near[0, 1] > 0.7 > near[0, 2]


def test_a_vector_does_not_depend_on_the_batch() -> None:
    many = embed((TEXTS * 8)[: AT_ONCE + 9])
    assert many.shape == (AT_ONCE + 9, 384)
    cosines = (many[: len(TEXTS)] * np.concatenate([embed([text]) for text in TEXTS])).sum(1)
    assert cosines.min() > 0.9999


def test_a_long_text_is_cut_at_what_the_model_takes() -> None:
    assert MiniLM().prepare(TEXTS[-1]).size == 256
    one, other = embed([TEXTS[-1], TEXTS[-1] + "And a fracture of the tibia."])
    assert one @ other > 0.9999


def test_a_blank_text_has_no_vector() -> None:
    generator = EmbedText()
    generator.load(CPU)
    made = generator.generate([generator.prepare(item(" ", None, "x")), generator.prepare(item())])
    assert [[vector.unit_id for vector in found] for found in made] == [["2"], []]


def test_an_onnx_file_with_its_tokenizer_beside_it(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").symlink_to(MiniLM()._file)
    for name in ("tokenizer.json", "sentence_bert_config.json"):
        (tmp_path / name).symlink_to(minilm_folder() / name)
    model = str(tmp_path / "onnx" / "model.onnx")
    assert not EmbedText(model=model).torch
    assert np.allclose(embed(TEXTS, model), embed(TEXTS), atol=1e-6)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(TriptychError, match=r"no tokenizer\.json lies beside"):
        EmbedText(model=model).prepare(item("x"))


def test_an_onnx_file_of_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match="takes pixels; to embed texts it must take input_ids"):
        EmbedText(model=str(averaging_onnx(tmp_path / "means.onnx", "batch", 3, 8, 8))).load(CPU)


def test_a_clip_type_model_puts_texts_where_its_pictures_are(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = tiny_clip(tmp_path / "clip")
    found = embed(TEXTS, str(folder))
    given = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModel.from_pretrained(folder).get_text_features(**given).pooler_output.numpy()
    assert found.shape == (len(TEXTS), 12)
    assert np.allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)


def test_a_siglip_type_model_reads_texts_that_are_filled_up(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = tiny_siglip(tmp_path / "siglip")
    given = AutoTokenizer.from_pretrained(folder)(TEXTS, padding="max_length", truncation=True, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModel.from_pretrained(folder).get_text_features(given["input_ids"]).pooler_output.numpy()
    assert np.allclose(embed(TEXTS, str(folder)), expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)


def test_the_first_token_is_taken_where_the_model_says_so(tmp_path: Path) -> None:
    for path in minilm_folder().iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "1_Pooling").unlink()
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert (embed(TEXTS[:2], str(tmp_path)) * embed(TEXTS[:2])).sum(1).max() < 0.9


def test_the_default_model_needs_no_torch() -> None:
    code = """
import sys
from generators.embeddings.text import EmbedText
from tests.generators.encoding import CPU, Looked
embed = EmbedText()
embed.load(CPU)
assert len(embed.generate([embed.prepare(Looked(None, [{"row_id": "r", "text": "a"}]))])[0][0].values) == 384
print([name for name in ("torch", "transformers") if name in sys.modules], embed.torch)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[] False"


def test_of_a_model_that_also_writes_the_encoder_is_taken(tmp_path: Path) -> None:
    found = embed(TEXTS, str(tiny_t5(tmp_path)))
    assert found.shape == (len(TEXTS), 16)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_model_of_pictures_is_refused_with_its_reason(tmp_path: Path) -> None:
    folder = tiny_vit(tmp_path, pooler=True)
    with pytest.raises(
        TriptychError, match=r"the tokenizer of the model .* cannot be loaded: .*; take a model of texts"
    ):
        embed(TEXTS, str(folder))
