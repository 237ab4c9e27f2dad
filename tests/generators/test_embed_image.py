"""Embeddings of pictures: the package's network, ONNX files, transformers; whole images and regions."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catalog
from catalog.errors import TriptychError, UsageError
from generators.embeddings.image import FITTED, EmbedImage
from generators.embeddings.pictures import crop
from generators.registry import make
from tests.generators.conftest import PICTURES, rows, run
from tests.generators.encoding import CPU, Looked, averaging_onnx, matrix, stored, tiny_clip, tiny_vit, vectors
from tests.generators.making import Bright

RNG = np.random.default_rng(5)
PICTURE = RNG.integers(0, 256, (50, 70, 3), dtype=np.uint8)
ODD = {
    "one grey pixel": np.zeros((1, 1), dtype=np.uint8),
    "one colour pixel": np.full((1, 1, 3), 255, dtype=np.uint8),
    "a line": np.zeros((1, 400), dtype=np.uint8),
    "black": np.zeros((300, 200, 3), dtype=np.uint8),
}


def photographs() -> list[Any]:
    from skimage import data

    return [data.chelsea(), data.coffee(), data.rocket()]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("clip"))


@pytest.mark.parametrize("workers", [0, 2])
def test_images_are_embedded_out_of_the_box(pictures: catalog.Lake, workers: int) -> None:
    report = run(pictures, EmbedImage(), workers=workers)
    assert report.tally.made == PICTURES
    query = "SELECT generator, model, unit, dimension, vectors FROM vector_sets"
    assert rows(pictures, query) == [("embed-image", "efficientnet-lite0@0.1.0", "image", 1280, PICTURES)]
    table = stored(pictures, "embed-image-")
    assert table.column("unit_id").null_count == PICTURES
    assert np.allclose(np.linalg.norm(matrix(table), axis=1), 1, atol=1e-5)


def test_the_network_sees_what_its_classifier_sees() -> None:
    import torch

    encoder = EmbedImage()._encoder
    encoder.load(CPU)
    features = encoder.encode([encoder.prepare(picture) for picture in photographs()])
    known = encoder._model._fc(torch.from_numpy(features)).argmax(1)  # type: ignore[attr-defined]
    assert known[:2].tolist() == [285, 967]  # Egyptian cat, espresso


def test_a_picture_is_nearest_to_its_own_smaller_copy() -> None:
    whole = photographs()
    small = [np.ascontiguousarray(picture[::2, ::2]) for picture in whole]
    found = np.stack(vectors(EmbedImage(), [Looked(pixels) for pixels in (*whole, *small)]))
    near = found[:3] @ found[3:].T
    assert near.argmax(1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_have_finite_vectors(name: str, clip: Path) -> None:
    for model in ("efficientnet-lite0", str(clip)):
        (vector,) = vectors(EmbedImage(model=model), [Looked(ODD[name])])
        assert np.isfinite(vector).all()


def test_regions_are_embedded_beside_their_images(pictures: catalog.Lake) -> None:
    run(pictures, Bright())
    run(pictures, EmbedImage())
    report = run(pictures, EmbedImage(unit="region"), workers=2)
    query = "SELECT generator, unit, vectors FROM vector_sets ORDER BY 1"
    regions = rows(pictures, "SELECT count(*) FROM rois")[0][0]
    expected = [("embed-image", "image", PICTURES), ("embed-image:region", "region", regions)]
    assert rows(pictures, query) == expected
    assert report.pending.lacking == {"regions": PICTURES - regions}
    table = stored(pictures, "embed-image-region-")
    known = rows(pictures, "SELECT roi_id, image_key FROM rois ORDER BY 1")
    unit_ids, keys = table.column("unit_id").to_pylist(), table.column("image_key").to_pylist()
    assert sorted(zip(unit_ids, keys, strict=True)) == known


def test_the_vector_of_a_region_is_that_of_its_part_of_the_picture() -> None:
    region = {"row_id": "r", "x0": 10.0, "y0": 5.0, "x1": 40.0, "y1": 25.0}
    (of_region,) = vectors(EmbedImage(unit="region", margin=0.0), [Looked(PICTURE, [region])])
    (of_part,) = vectors(EmbedImage(), [Looked(PICTURE[5:25, 10:40])])
    assert np.allclose(of_region, of_part, atol=1e-5)


@pytest.mark.parametrize(
    ("box", "margin", "shape"),
    [
        ((10, 10, 20, 30), 0.0, (20, 10)),
        ((10, 10, 20, 30), 0.5, (40, 20)),
        ((0, 0, 70, 50), 1.0, (50, 70)),
        ((3.2, 4.9, 3.3, 5.0), 0.0, (1, 1)),
        ((90, 90, 95, 95), 0.0, (1, 1)),
        ((-9, -9, -1, -1), 0.0, (1, 1)),
    ],
)
def test_a_part_lies_in_its_picture(box: Any, margin: float, shape: tuple[int, int]) -> None:
    assert crop(PICTURE, box, margin=margin).shape[:2] == shape


def test_many_regions_have_the_vectors_that_few_have(tmp_path: Path) -> None:
    model = str(averaging_onnx(tmp_path / "means.onnx", "batch", 3, 16, 16))
    boxes = [(x, y, x + 9, y + 7) for x in range(0, 60, 5) for y in range(0, 42, 6)]
    spoken = [
        dict(zip(("row_id", "x0", "y0", "x1", "y1"), (f"{place}", *box), strict=True))
        for place, box in enumerate(boxes)
    ]
    assert len(spoken) > FITTED
    embed = EmbedImage(model=model, unit="region")
    many = vectors(embed, [Looked(PICTURE, spoken)])
    few = [vector for one in spoken for vector in vectors(embed, [Looked(PICTURE, [one])])]
    assert np.allclose(many, few, atol=1e-6)


def test_an_image_whose_region_has_no_box_is_a_failure_with_the_reason() -> None:
    region = {"row_id": "r7", "x0": None, "y0": 5.0, "x1": 40.0, "y1": 25.0}
    with pytest.raises(catalog.errors.InputError, match="the region r7 has no box"):
        EmbedImage(unit="region").prepare(Looked(PICTURE, [region]))


@pytest.mark.parametrize("shape", [("batch", 3, 16, 20), (1, 3, "height", "width")])
def test_an_onnx_file_takes_pictures_as_it_says(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    embed = EmbedImage(model=str(averaging_onnx(tmp_path / "means.onnx", *shape)))
    assert not embed.torch
    colours = [np.full((9, 9, 3), value, dtype=np.uint8) for value in ((255, 0, 0), (0, 255, 0))]
    expected = [(np.array(value) - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225] for value in ((1, 0, 0), (0, 1, 0))]
    found = vectors(embed, [Looked(colour) for colour in colours])
    assert np.allclose(found, [row / np.linalg.norm(row) for row in expected], atol=1e-3)


def test_an_onnx_file_is_known_by_its_contents(tmp_path: Path) -> None:
    one, other = (averaging_onnx(tmp_path / f"{side}.onnx", "batch", 3, side, side) for side in (16, 32))
    names = [EmbedImage(model=str(path)).identity() for path in (one, other)]
    one.write_bytes(other.read_bytes())
    assert [str(name).partition("@")[0] for name in names] == ["16", "32"]
    assert EmbedImage(model=str(one)).identity() == f"16@{str(names[1]).partition('@')[2]}"


def test_an_onnx_file_reaches_workers_after_it_was_loaded(pictures: catalog.Lake, tmp_path: Path) -> None:
    embed = EmbedImage(model=str(averaging_onnx(tmp_path / "means.onnx", "batch", 3, 16, 16)))
    embed.load(CPU)
    assert run(pictures, embed, workers=1).tally.done == PICTURES


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (("batch", 5, 16, 16), r"takes pixels tensor\(float\) \['batch', 5, 16, 16\]; to embed pictures"),
        ((8, 3, 16, 16), "takes exactly 8 pictures at once"),
    ],
)
def test_an_onnx_file_of_another_kind_is_refused(tmp_path: Path, shape: tuple[int | str, ...], said: str) -> None:
    with pytest.raises(TriptychError, match=said):
        EmbedImage(model=str(averaging_onnx(tmp_path / "odd.onnx", *shape))).load(CPU)


def test_a_damaged_onnx_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "torn.onnx").write_bytes(b"\x08\x08:\xff")
    with pytest.raises(TriptychError, match=r"torn\.onnx' cannot be loaded as an ONNX model"):
        EmbedImage(model=str(tmp_path / "torn.onnx")).load(CPU)
    with pytest.raises(TriptychError, match=r"no file 'gone\.onnx'"):
        EmbedImage(model="gone.onnx").identity()


def test_a_clip_type_model_gives_its_projection(clip: Path) -> None:
    import torch
    from transformers import AutoImageProcessor, AutoModel

    embed = EmbedImage(model=str(clip))
    (found,) = vectors(embed, [Looked(PICTURE)])
    given = AutoImageProcessor.from_pretrained(clip, backend="pil")(images=PICTURE, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModel.from_pretrained(clip).get_image_features(**given).pooler_output[0].numpy()
    assert embed.torch
    assert found.shape == (12,)
    assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-4)


def test_a_clip_type_model_runs_in_the_engine(pictures: catalog.Lake, clip: Path) -> None:
    assert run(pictures, EmbedImage(model=str(clip))).tally.done == PICTURES
    assert matrix(stored(pictures, "embed-image-")).shape == (PICTURES, 12)


@pytest.mark.parametrize("pooler", [True, False])
def test_a_pooling_layer_is_used_only_if_it_was_trained(tmp_path: Path, pooler: bool) -> None:
    import torch
    from transformers import ViTModel

    folder = tiny_vit(tmp_path / "vit", pooler=pooler)
    embed = EmbedImage(model=str(folder))
    (found,) = vectors(embed, [Looked(PICTURE)])
    encoder = embed._encoder
    pixels = encoder._scaled(encoder.prepare(PICTURE)[None])  # type: ignore[attr-defined]
    with torch.inference_mode():
        made = ViTModel.from_pretrained(folder, add_pooling_layer=pooler)(pixel_values=pixels)
    expected = (made.pooler_output[0] if pooler else made.last_hidden_state[0].mean(0)).numpy()
    assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def test_weights_of_another_shape_are_told(tmp_path: Path) -> None:
    folder = tiny_vit(tmp_path / "vit", pooler=True)
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"intermediate_size": 16', '"intermediate_size": 24'))
    with pytest.raises(TriptychError, match=r"are not of the shapes of its config\.json"):
        EmbedImage(model=str(folder)).load(CPU)


def test_weights_that_are_not_whole_are_told(tmp_path: Path) -> None:
    folder = tiny_vit(tmp_path / "vit", pooler=True)
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"num_hidden_layers": 1', '"num_hidden_layers": 2'))
    with pytest.raises(TriptychError, match="the weights of the model 'vit' lack 16 tensors"):
        EmbedImage(model=str(folder)).load(CPU)


def test_a_folder_of_pickles_is_refused(tmp_path: Path, clip: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / "config.json").write_bytes((clip / "config.json").read_bytes())
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(TriptychError, match=r"weights in 'pytorch_model\.bin', which can run code"):
        EmbedImage(model=str(folder)).load(CPU)


def test_an_id_that_cannot_be_had_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(TriptychError, match="nobody/no-model-of-this-name") as raised:
        EmbedImage(model="nobody/no-model-of-this-name").identity()
    assert "\n" not in str(raised.value)


def test_settings_come_from_texts() -> None:
    made = make("embed-image", {"unit": "region", "margin": "0.25"})
    assert (made.kind, made.reads, made.margin) == ("embed-image:region", "regions", 0.25)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="no unit 'pixel'; choose image or region"):
        make("embed-image", {"unit": "pixel"})
    with pytest.raises(UsageError, match=r"the margin -1\.0 is not between"):
        make("embed-image", {"margin": "-1"})
