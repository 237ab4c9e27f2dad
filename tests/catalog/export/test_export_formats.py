"""Every format, read back by the program that users read it with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from export_rows import TEXT, triangle
from PIL import Image

import catalog
from catalog.export import FORMATS, hf, work

READABLE = ["e-dicom", "a-png", "b-jpeg", "c-turned", "d/odd 'id'", "g-unlicensed"]
DESCRIBED = [name for name in READABLE if name != "b-jpeg"]


def json_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_llava_has_a_conversation_for_each_described_image(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice().export("llava", tmp_path / "out")
    lines = json_lines(tmp_path / "out" / "llava.jsonl")
    assert [line["id"] for line in lines] == DESCRIBED
    assert manifest.count == len(lines)
    for line in lines:
        human, gpt = line["conversations"]
        assert (human["from"], gpt["from"], gpt["value"]) == ("human", "gpt", TEXT)
        assert human["value"].startswith("<image>\n")
        with Image.open(tmp_path / "out" / line["image"]) as image:
            image.load()


def test_ids_of_llava_stay_apart_when_an_image_has_two_descriptions(tmp_path: Path) -> None:
    given = [{"image_id": "one", "file_name": "one.png", "caption": text} for text in ("first", "second")]
    (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, given)))
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(tmp_path / "m.jsonl", kind="manifest")
        lake.slice().export("llava", tmp_path / "out", images="none")
    lines = json_lines(tmp_path / "out" / "llava.jsonl")
    assert [line["id"] for line in lines] == ["one", "one-2"]
    assert {line["conversations"][1]["value"] for line in lines} == {"first", "second"}
    assert [line["image"] for line in lines] == ["one.png"] * 2


def test_sharegpt_is_what_its_dataset_info_says(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    mixed_lake.slice().export("sharegpt", tmp_path / "out")
    info = json.loads((tmp_path / "out" / "dataset_info.json").read_text())["triptych"]
    lines = json_lines(tmp_path / "out" / info["file_name"])
    assert len(lines) == len(DESCRIBED)
    for line in lines:
        user, assistant = line[info["columns"]["messages"]]
        assert (user["role"], assistant["role"], assistant["content"]) == ("user", "assistant", TEXT)
        assert user["content"].count("<image>") == len(line["images"]) == 1
        assert (tmp_path / "out" / line["images"][0]).is_file()


@pytest.fixture
def load_dataset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    return lambda folder: datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]


def test_datasets_decodes_the_images_of_hf(mixed_lake: catalog.Lake, tmp_path: Path, load_dataset: Any) -> None:
    mixed_lake.slice().export("hf", tmp_path / "out")
    loaded = load_dataset(tmp_path / "out")
    assert loaded["id"][:] == READABLE
    by_id = {one["id"]: one for one in loaded}
    assert by_id["a-png"]["image"].size == (60, 40)
    assert by_id["e-dicom"]["image"].size == (128, 128)
    assert (by_id["a-png"]["caption"], by_id["b-jpeg"]["caption"]) == (TEXT, None)
    assert (by_id["e-dicom"]["modality"], by_id["a-png"]["organ"]) == ("CT", "brain")
    assert not (tmp_path / "out" / "images").exists()


def test_hf_shards_hold_every_row_once(
    mixed_lake: catalog.Lake, tmp_path: Path, load_dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hf, "SHARD_BYTES", 1)
    monkeypatch.setattr(hf, "GROUP_BYTES", 1)
    monkeypatch.setattr(work, "PART_IMAGES", 2)
    mixed_lake.slice().export("hf", tmp_path / "out")
    shards = sorted(file.name for file in (tmp_path / "out" / "data").iterdir())
    assert shards == [f"train-0000{number}-of-00003.parquet" for number in range(3)]
    assert load_dataset(tmp_path / "out")["id"][:] == READABLE


def test_hf_with_links_points_at_the_originals(mixed_lake: catalog.Lake, tmp_path: Path, load_dataset: Any) -> None:
    mixed_lake.slice().export("hf", tmp_path / "out", images="link")
    frame = pl.read_parquet(tmp_path / "out" / "data" / "*.parquet").unnest("image")
    linked = frame.filter(pl.col("bytes").is_null())
    assert linked["id"].to_list() == ["a-png", "b-jpeg", "g-unlicensed"]
    assert all(Path(path).is_absolute() for path in linked["path"])
    assert load_dataset(tmp_path / "out")[1]["image"].size == (60, 40)


def test_pycocotools_loads_boxes_masks_and_captions(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    manifest = mixed_lake.slice().export("coco", tmp_path / "out")
    coco = COCO(str(tmp_path / "out" / "instances.json"))
    assert manifest.count == len(coco.imgs) == len(READABLE)
    assert [coco.imgs[number]["image_id"] for number in sorted(coco.imgs)] == READABLE
    assert [one["name"] for one in coco.loadCats(coco.getCatIds())] == ["edema", "lesion", "organ"]
    (edema,) = coco.loadAnns(coco.getAnnIds(catIds=coco.getCatIds(catNms=["edema"])))
    assert np.array_equal(coco.annToMask(edema), triangle())
    assert edema["area"] == triangle().sum()
    boxes = coco.loadAnns(coco.getAnnIds(imgIds=[1], catIds=coco.getCatIds(catNms=["lesion"])))
    assert [(one["bbox"], one["area"], one["segmentation"]) for one in boxes] == [([5, 10, 20, 20], 400, [])]
    captions = COCO(str(tmp_path / "out" / "captions.json"))
    assert {one["caption"] for one in captions.anns.values()} == {TEXT}
    assert len(captions.anns) == len(DESCRIBED)
    for image in coco.imgs.values():
        with Image.open(tmp_path / "out" / image["file_name"]) as opened:
            assert opened.size == (image["width"], image["height"])


def test_annotations_are_numbered_through_all_parts(
    mixed_lake: catalog.Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed_lake.slice().export("coco", tmp_path / "whole", images="none")
    monkeypatch.setattr(work, "PART_IMAGES", 2)
    mixed_lake.slice().export("coco", tmp_path / "parts", images="none")
    for name in ("instances.json", "captions.json"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    annotations = json.loads((tmp_path / "parts" / "instances.json").read_text())["annotations"]
    assert [one["id"] for one in annotations] == list(range(1, 12))


def test_parquet_holds_the_rows_of_the_lake(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    mixed_lake.slice().export("parquet", tmp_path / "out")
    images = pl.read_parquet(tmp_path / "out" / "images.parquet")
    assert images["image_id"].to_list() == READABLE
    assert set(images.columns) == {*mixed_lake.sql("FROM images").columns, "image"} - {"image_key", "profile"}
    assert all((tmp_path / "out" / path).is_file() for path in images["image"])
    rois = duckdb.sql(f"SELECT image_id, count(*) FROM '{tmp_path}/out/rois.parquet' GROUP BY 1 ORDER BY 1").fetchall()
    assert rois == [(name, 2 if name == "a-png" else 1) for name in sorted(READABLE)]
    assert pl.read_parquet(tmp_path / "out" / "descriptions.parquet")["text"].to_list() == [TEXT] * len(DESCRIBED)
    assert pl.read_parquet(tmp_path / "out" / "findings.parquet").height == 0


def test_jsonl_nests_regions_and_descriptions(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    mixed_lake.slice().export("jsonl", tmp_path / "out")
    lines = json_lines(tmp_path / "out" / "images.jsonl")
    assert [line["image_id"] for line in lines] == READABLE
    first, second = lines[1:3]
    assert sorted(roi["label"] for roi in first["rois"]) == ["edema", "lesion"]
    assert {tuple(roi["box"]) for roi in first["rois"]} == {(5, 10, 25, 30), (0, 10, 30, 40)}
    assert [one["text"] for one in first["descriptions"]] == [TEXT]
    assert (second["descriptions"], second["findings"]) == ([], [])


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_slice_gives_the_same_bytes(mixed_lake: catalog.Lake, tmp_path: Path, name: str) -> None:
    for out in ("first", "second"):
        mixed_lake.slice(modality="MRI").export(name, tmp_path / out)
    first, second = (
        {
            str(file.relative_to(tmp_path / out)): file.read_bytes()
            for file in (tmp_path / out).rglob("*")
            if file.is_file()
        }
        for out in ("first", "second")
    )
    assert first == second
    assert "manifest.json" in first


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_slice_is_a_valid_export(mixed_lake: catalog.Lake, tmp_path: Path, name: str) -> None:
    manifest = mixed_lake.slice(where="false").export(name, tmp_path / "out")
    assert (manifest.count, manifest.images, manifest.unread) == (0, 0, 0)
    for file in (tmp_path / "out").rglob("*.json"):
        json.loads(file.read_text())
    for file in (tmp_path / "out").rglob("*.parquet"):
        assert pl.read_parquet(file).height == 0
