from __future__ import annotations

import hashlib
import json
import math
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO

import catalog
from catalog.geometry import masks
from catalog.ingest.coco import CocoReader, elements, index, reader
from catalog.ingest.contract import Options
from catalog.lake.keys import KeyedHash, digest

KEYS = KeyedHash(b"a secret")
Tables = dict[str, list[dict[str, Any]]]
CELL = skimage.data.cell()[:90, :120]
RETINA = skimage.data.retina()[300:400, 300:380]
CATEGORIES = [{"id": 1, "name": "polyp"}, {"id": 2, "name": "left kidney"}, {"id": 7, "name": "nuclei"}]
POLYGON = [10, 10, 60, 12, 50, 40, 20.5, 44]


def read(*paths: Path, **said: Any) -> Tables:
    made = CocoReader(paths, Options(keys=KEYS, **said))
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own pickle
    found: Tables = {name: [] for name in ("images", "rois", "descriptions", "failures", "blobs", "units")}
    for unit in made.units():
        batch = copy.read(pickle.loads(pickle.dumps(unit)), None)  # noqa: S301 - our own pickle
        found["units"].append({"key": unit.key, "items": unit.items})
        for name, table in batch.tables.items():
            found[name] += table.to_pylist()
        found["blobs"] += batch.blobs.to_pylist() if batch.blobs is not None else []
    return found


def save(path: Path, pixels: NDArray[np.uint8] = CELL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def write(path: Path, annotations: Sequence[Any] = (), *, images: Sequence[Any] | None = None, **more: Any) -> Path:
    cell = {"id": 1, "file_name": "cell.png", "width": 120, "height": 90}
    said = {"images": [cell] if images is None else images, "annotations": annotations, "categories": CATEGORIES}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**said, **more}))
    return path


def annotation(**said: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, **said}


def one(tmp_path: Path, **said: Any) -> Tables:
    """What becomes of one annotation of the cell."""
    save(tmp_path / "cell.png")
    return read(write(tmp_path / "instances.json", [annotation(**said)]))


def box(roi: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(roi[edge] for edge in ("x0", "y0", "x1", "y1"))


def kinds(found: Tables) -> list[str]:
    return [failure["error"] for failure in found["failures"]]


def plain_counts(mask: NDArray[Any]) -> list[int]:
    flat = np.asarray(mask).ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [2]]))).tolist()
    return np.diff([0, *edges]).tolist()


def real_annotations() -> list[dict[str, Any]]:
    bright = (np.percentile(CELL, 90) < CELL).astype(np.uint8)
    red = (RETINA[..., 0] > np.percentile(RETINA[..., 0], 70)).astype(np.uint8)
    packed = rle.encode(np.asfortranarray(red))
    return [
        annotation(id=1, segmentation=[POLYGON], bbox=[10, 10, 50, 34], score=0.25),
        annotation(id=2, segmentation=[POLYGON, [80, 5, 110, 5, 95, 30]], category_id=2, bbox=[10, 5, 100, 39]),
        annotation(id=3, iscrowd=1, category_id=7, segmentation={"counts": plain_counts(bright), "size": [90, 120]}),
        annotation(
            id=4, image_id=2, category_id=7, segmentation={"counts": packed["counts"].decode(), "size": [100, 80]}
        ),
        annotation(id=5, image_id=2, bbox=[3.5, 4.5, 10, 20]),
    ]


def real_dataset(root: Path) -> Path:
    save(root / "train2017" / "cell.png")
    save(root / "train2017" / "eye" / "retina.png", RETINA)
    images = [
        {"id": 2, "file_name": "eye/retina.png", "width": 80, "height": 100, "license": 4, "coco_url": "http://x/1"},
        {"id": 1, "file_name": "cell.png", "width": 120, "height": 90},
    ]
    licenses = [{"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"}]
    where = root / "annotations" / "instances_train2017.json"
    return write(where, real_annotations(), images=images, licenses=licenses)


def test_regions_are_those_that_pycocotools_draws(tmp_path: Path) -> None:
    file = real_dataset(tmp_path / "endoscopy")
    found = read(file)
    assert found["failures"] == []
    coco = COCO(str(file))
    by_id = {image["image_id"]: image for image in found["images"]}
    names = {by_id[image]["file_name"]: image for image in by_id}
    owners = {1: names["cell.png"], 2: names["retina.png"]}
    expected = [coco.anns[number] for number in (4, 5, 1, 2, 3)]
    assert [roi["image_id"] for roi in found["rois"]] == [owners[said["image_id"]] for said in expected]
    for roi, said in zip(found["rois"], expected, strict=True):
        if "segmentation" not in said:
            assert (box(roi), roi["mask"], roi["origin"]) == ((3.5, 4.5, 13.5, 24.5), None, "source_box")
            continue
        drawn = coco.annToMask(said)
        assert np.array_equal(masks.decode(roi["mask"], width=roi["width"], height=roi["height"]), drawn)
        assert roi["mask_area"] == drawn.sum() == rle.area(coco.annToRLE(said))
        x, y, wide, high = rle.toBbox(coco.annToRLE(said))
        assert (box(roi), roi["origin"]) == ((x, y, x + wide, y + high), "source_mask")
    assert [roi["label"] for roi in found["rois"]] == [coco.cats[said["category_id"]]["name"] for said in expected]
    assert [roi["kind"] for roi in found["rois"]] == ["cell", "lesion", "lesion", "organ", "cell"]
    assert [roi["score"] for roi in found["rois"]] == [None, None, 0.25, None, None]


def test_images_are_measured_and_named(tmp_path: Path) -> None:
    file = real_dataset(tmp_path / "endoscopy")
    retina, cell = read(file)["images"]
    at = file.parent.parent / "train2017" / "eye" / "retina.png"
    assert retina["image_id"] == digest("coco", "endoscopy", "eye/retina.png")
    assert (retina["file_name"], retina["subset"], retina["source"]) == ("retina.png", "train", "endoscopy")
    assert (retina["uri"], retina["sha256"]) == (str(at), hashlib.sha256(at.read_bytes()).hexdigest())
    assert [(one["width"], one["height"], one["channels"], one["bit_depth"]) for one in (retina, cell)] == [
        (80, 100, 3, 8), (120, 90, 1, 8)
    ]  # fmt: skip
    assert json.loads(retina["extra"]) == {"license": "Attribution License", "coco_url": "http://x/1"}
    assert cell["extra"] is None
    assert read(file, source="mine")["images"][1]["image_id"] == digest("coco", "mine", "cell.png")


def test_a_lake_takes_a_folder_in_once(tmp_path: Path) -> None:
    real_dataset(tmp_path / "endoscopy")
    write(
        tmp_path / "endoscopy" / "annotations" / "captions_train2017.json",
        [{"id": 9, "image_id": 1, "caption": "A cell. \u2603"}, {"id": 10, "image_id": 3, "caption": "Nothing"}],
        images=[
            {"id": 1, "file_name": "cell.png", "width": 120, "height": 90},
            {"id": 3, "file_name": "gone.png", "width": 10, "height": 10},
        ],
    )
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(tmp_path / "endoscopy", kind="coco", license="CC-BY-4.0")
        counts = (
            "SELECT (SELECT count(*) FROM images), (SELECT count(*) FROM rois), (SELECT count(*) FROM descriptions)"
        )
        assert lake.sql(counts).fetchall() == [(3, 5, 2)]
        assert lake.sql("SELECT error, item FROM failures").fetchall() == [("missing", "gone.png")]
        rows = lake.sql("SELECT file_name, roi_count, uri IS NULL FROM images ORDER BY file_name").fetchall()
        assert rows == [("cell.png", 3, False), ("gone.png", 0, True), ("retina.png", 2, False)]
        assert lake.slice(roi_kind="organ").count() == 1
        texts = lake.sql("SELECT text, kind FROM descriptions ORDER BY text").fetchall()
        assert texts == [("A cell. ☃", "published"), ("Nothing", "published")]
        lake.ingest(tmp_path / "endoscopy", kind="coco", license="CC-BY-4.0")
        assert lake.sql(counts).fetchall() == [(3, 5, 2)]


def test_an_export_comes_back_as_it_went_out(tmp_path: Path) -> None:
    real_dataset(tmp_path / "endoscopy")
    texts = [annotation(id=1, caption="A cell.")]
    write(tmp_path / "endoscopy" / "annotations" / "captions_train2017.json", texts)
    regions = "SELECT label, kind, x0, y0, x1, y1, mask, area_ratio, components, origin FROM rois ORDER BY ALL"
    said = "SELECT text, kind FROM descriptions"
    with catalog.init(tmp_path / "first") as first, catalog.init(tmp_path / "second") as second:
        first.ingest(tmp_path / "endoscopy", kind="coco", license="CC-BY-4.0")
        first.slice().export("coco", tmp_path / "out")
        second.ingest(tmp_path / "out", kind="coco")
        assert second.sql("SELECT message FROM failures").fetchall() == []
        assert second.sql(regions).fetchall() == first.sql(regions).fetchall()
        assert second.sql(said).fetchall() == first.sql(said).fetchall() == [("A cell.", "published")]
        assert second.sql("SELECT DISTINCT uri IS NULL FROM images").fetchall() == [(False,)]


def test_two_subsets_that_use_one_file_name_are_not_taken_for_one_image(tmp_path: Path) -> None:
    for place, subset in enumerate(("train", "valid")):
        save(tmp_path / "set" / subset / "cell.png", CELL + np.uint8(place))
        write(tmp_path / "set" / subset / "_annotations.coco.json", [annotation(bbox=[place, 2, 3, 4])])
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(tmp_path / "set", kind="coco")
        assert lake.sql("SELECT subset, roi_count FROM images").fetchall() == [("train", 1)]
        assert len(lake.sql("FROM failures").fetchall()) == 1


def test_bytes_are_copied(tmp_path: Path) -> None:
    file = real_dataset(tmp_path / "endoscopy")
    found = read(file, copy=True)
    assert found["failures"] == []
    assert [image["uri"] for image in found["images"]] == [f"lance:{blob['sha256']}" for blob in found["blobs"]]
    assert found["blobs"][1]["data"] == (tmp_path / "endoscopy" / "train2017" / "cell.png").read_bytes()


@pytest.mark.parametrize(
    "where",
    ["cell.png", "images/cell.png", "../images/cell.png", "../val2017/cell.png", "val/cell.png", "../a b/c/cell.png"],
)
def test_images_are_found_where_datasets_put_them(tmp_path: Path, where: str) -> None:
    save((tmp_path / "set" / "annotations" / where).resolve())
    file = write(tmp_path / "set" / "annotations" / "instances_val2017.json")
    (image,) = read(file, tmp_path / "set")["images"]
    assert image["uri"] is not None
    assert image["subset"] == "val"
    assert Path(image["uri"]).is_file()


NAMES = ["a b.png", 'it\'s "x".png', "line\nbreak.png", "größe-肺.png", "deep/er/e.png", "deep\\er\\f.png", "%41!#.png"]


@pytest.mark.parametrize("name", NAMES)
def test_files_are_found_by_any_name(tmp_path: Path, name: str) -> None:
    save(tmp_path / "images" / name.replace("\\", "/"))
    images = [{"id": "größe", "file_name": name, "width": 120, "height": 90}]
    said = annotation(image_id="größe", bbox=[1, 2, 3, 4])
    found = read(write(tmp_path / "x.json", [said], images=images))
    assert found["failures"] == []
    assert found["images"][0]["uri"] == str(tmp_path / "images" / name.replace("\\", "/"))
    assert box(found["rois"][0]) == (1, 2, 4, 6)


@pytest.mark.parametrize("name", [None, 5, "", "\ud800.png", "nul\0.png", "x" * 5000, "../cell.png", "/no/such.png"])
def test_files_that_cannot_be_are_told(tmp_path: Path, name: Any) -> None:
    images = [{"id": 1, "file_name": name, "width": 9, "height": 9}]
    found = read(write(tmp_path / "x.json", [annotation(bbox=[1, 2, 3, 4])], images=images))
    named = isinstance(name, str) and name != ""
    assert kinds(found) == ["missing" if named else "name"]
    assert (len(found["images"]), len(found["rois"])) == ((1, 1) if named else (0, 0))


def test_an_image_that_is_not_there_keeps_its_row_and_its_regions(tmp_path: Path) -> None:
    found = read(write(tmp_path / "x.json", [annotation(segmentation=[POLYGON])]))
    assert (found["images"][0]["uri"], found["images"][0]["width"]) == (None, 120)
    assert len(found["rois"]) == 1
    (failure,) = found["failures"]
    assert failure["error"] == "missing"
    assert "'cell.png'" in failure["message"]
    save(tmp_path / "cell.png")
    later = read(tmp_path / "x.json")
    assert later["images"][0]["content_hash"] == found["images"][0]["content_hash"]
    assert later["units"][0]["key"] != found["units"][0]["key"]


def test_a_file_of_another_size_keeps_its_row_but_no_regions(tmp_path: Path) -> None:
    save(tmp_path / "cell.png", RETINA)
    found = read(write(tmp_path / "x.json", [annotation(bbox=[1, 2, 3, 4]), annotation(caption="Words")]))
    assert (found["images"][0]["width"], found["images"][0]["height"]) == (80, 100)
    assert (found["rois"], found["descriptions"][0]["text"]) == ([], "Words")
    (failure,) = found["failures"]
    assert failure["error"] == "size"
    assert "120x90" in failure["message"]
    assert "80x100" in failure["message"]


def test_sizes_are_those_of_the_upright_image(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(CELL).save(tmp_path / "cell.jpg", exif=exif)
    images = [{"id": 1, "file_name": "cell.jpg", "width": 90, "height": 120}]
    found = read(write(tmp_path / "x.json", [annotation(bbox=[80, 100, 5, 5])], images=images))
    assert (found["failures"], found["rois"][0]["height"]) == ([], 120)


def test_sizes_that_the_json_lacks_come_from_the_file(tmp_path: Path) -> None:
    save(tmp_path / "cell.png")
    images = [{"id": 1, "file_name": "cell.png"}, {"id": 2, "file_name": "gone.png"}]
    said = [annotation(segmentation=[POLYGON]), annotation(image_id=2, bbox=[1, 1, 2, 2])]
    found = read(write(tmp_path / "x.json", said, images=images))
    assert [roi["width"] for roi in found["rois"]] == [120]
    assert kinds(found) == ["missing", "size"]


@pytest.mark.parametrize("data", [b"", b"version https://git-lfs.github.com/spec/v1\n", b"text"])
def test_an_image_file_that_cannot_be_read_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "cell.png").write_bytes(data)
    found = read(write(tmp_path / "x.json", [annotation(bbox=[1, 2, 3, 4])]))
    assert (found["images"][0]["uri"], len(found["rois"]), len(found["failures"])) == (None, 1, 1)


@pytest.mark.parametrize(
    ("bbox", "expected", "told"),
    [
        ([100, 80, 40, 40], (100, 80, 120, 90), ["box"]),
        ([-20, 5, 30, 10], (0, 5, 10, 15), ["box"]),
        ([110.5, 5, 10, 10], (110.5, 5, 120, 15), []),
        ([200, 10, 5, 5], None, ["box"]),
        ([10, 10, -5, 5], None, ["box"]),
        ([10, 10, 0, 5], None, ["box"]),
        ([math.nan, 10, 5, 5], None, ["box"]),
        ([10, 10, math.inf, 5], None, ["box"]),
        ([10, 10, 5], None, ["box"]),
        (["1", 10, 5, 5], None, ["box"]),
        ([10**400, 10, 5, 5], None, ["box"]),
        ("box", None, ["box"]),
        ([], None, ["empty"]),
        (None, None, ["empty"]),
    ],
)
def test_boxes_are_cut_off_at_the_image_or_refused(
    tmp_path: Path, bbox: Any, expected: tuple[float, ...] | None, told: list[str]
) -> None:
    found = one(tmp_path, bbox=bbox)
    assert [box(roi) for roi in found["rois"]] == ([expected] if expected else [])
    assert kinds(found) == told
    assert len(found["images"]) == 1


RUNS = plain_counts(np.pad(np.ones((4, 4), np.uint8), ((10, 76), (20, 96))))


@pytest.mark.parametrize(
    ("segmentation", "told", "origin"),
    [
        ([[1, 2, 3, 4]], ["polygon"], "source_box"),
        ([[1, 2, 3, 4, 5]], ["polygon"], "source_box"),
        ([[1, 2, 3, 4], POLYGON], ["polygon"], "source_mask"),
        (POLYGON, [], "source_mask"),
        ([["a", 2, 3, 4, 5, 6]], ["polygon"], "source_box"),
        ([[math.nan, 2, 3, 4, 5, 6]], ["polygon"], "source_box"),
        ([[10, 10, 1e12, 10, 10, 50]], ["outside"], "source_box"),
        ([[10, 10, 140, 10, 10, 50]], ["outside"], "source_mask"),
        ([[-50, -50, -40, -50, -40, -40]], ["outside", "mask"], "source_box"),
        ({"counts": RUNS, "size": [90, 120]}, [], "source_mask"),
        ({"counts": RUNS, "size": [120, 90]}, ["mask-size"], None),
        ({"counts": RUNS}, ["mask-size"], None),
        ({"counts": RUNS[:-1], "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": [-5, 90 * 120 + 5], "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": "not counts", "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": "", "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": "größe", "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": None, "size": [90, 120]}, ["rle"], "source_box"),
        ({"counts": [90 * 120], "size": [90, 120]}, ["mask"], "source_box"),
        ("polygons", ["segmentation"], "source_box"),
        ([], [], "source_box"),
        ([[]], [], "source_box"),
        (None, [], "source_box"),
    ],
)
def test_a_bad_segmentation_is_told_and_the_box_taken(
    tmp_path: Path, segmentation: Any, told: list[str], origin: str | None
) -> None:
    found = one(tmp_path, segmentation=segmentation, bbox=[10, 10, 20, 20])
    assert kinds(found) == told
    assert [roi["origin"] for roi in found["rois"]] == ([origin] if origin else [])
    assert all("annotation 1" in failure["message"] for failure in found["failures"])


def test_a_bad_box_beside_a_mask_is_told(tmp_path: Path) -> None:
    found = one(tmp_path, segmentation=[POLYGON], bbox=[math.nan, 1, 2, 3])
    assert (kinds(found), found["rois"][0]["origin"]) == (["box"], "source_mask")


def test_annotations_that_belong_nowhere_are_told(tmp_path: Path) -> None:
    save(tmp_path / "cell.png")
    good = annotation(id=5, bbox=[1, 2, 3, 4])
    bad = [annotation(id=6, image_id=99), annotation(id=7, category_id=3, bbox=[1, 1, 2, 2]), {"id": 8}, 9, None]
    scored = annotation(id=9, bbox=[1, 2, 3, 5], score="high")
    found = read(write(tmp_path / "x.json", [*bad, good, scored]))
    assert sorted(kinds(found)) == ["category", "id", "id", "id", "image-id", "score"]
    assert [(box(roi), roi["score"]) for roi in found["rois"]] == [((1, 2, 4, 6), None), ((1, 2, 4, 7), None)]
    message = next(failure["message"] for failure in found["failures"] if failure["error"] == "image-id")
    assert "annotation 6" in message
    assert "99" in message


def test_much_of_one_trouble_is_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_MOST_TOLD", 3)
    save(tmp_path / "cell.png")
    lost = [annotation(id=number, image_id=99) for number in range(10)]
    found = read(write(tmp_path / "x.json", [*lost, *[{"id": 1}] * 5]))
    items = [failure["item"] for failure in found["failures"]]
    assert len(items) == 8
    assert {"7 more elements", "2 more elements"} <= set(items)


def test_an_id_twice_with_another_content_is_told_and_the_first_stays(tmp_path: Path) -> None:
    save(tmp_path / "cell.png")
    cell = {"id": 1, "file_name": "cell.png", "width": 120, "height": 90}
    images = [cell, {**cell, "file_name": "other.png"}, {**cell, "date_captured": "today"}]
    categories = [*CATEGORIES, {"id": 1, "name": "dog"}, {"name": "nameless"}]
    found = read(write(tmp_path / "x.json", [annotation(bbox=[1, 2, 3, 4])], images=images, categories=categories))
    assert [image["file_name"] for image in found["images"]] == ["cell.png"]
    assert [roi["label"] for roi in found["rois"]] == ["polyp"]
    assert sorted(kinds(found)) == ["category", "category", "duplicate"]
    assert any("'other.png'" in failure["message"] for failure in found["failures"])


WHOLE = json.dumps({"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []}).encode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "empty"),
        (b"  ", "truncated"),
        (WHOLE[:-1], "truncated"),
        (WHOLE[:30], "truncated"),
        (WHOLE[:-40], "truncated"),
        (WHOLE.replace(b'"annotations":', b'"annotations"'), "format"),
        (b"[]", "format"),
        (b"text", "format"),
        (b"[" * 100_000, "format"),
        (b'{"images": ' + b"[" * 100_000, "format"),
        (b'{"images": [], "annotations": []}', "empty"),
        (b'{"annotations": [{"image_id": 1}]}', "empty"),
        (b'{"images": 5}', "format"),
        (b'{"images": {"a": 1}}', "format"),
        (WHOLE.decode().encode("utf-16"), "format"),
        (b"version https://git-lfs.github.com/spec/v1\n", "pointer"),
    ],
)
def test_a_file_that_is_no_coco_is_one_failure(tmp_path: Path, data: bytes, error: str) -> None:
    (tmp_path / "bad.json").write_bytes(data)
    save(tmp_path / "cell.png")
    write(tmp_path / "good.json", [annotation(bbox=[1, 2, 3, 4])])
    found = read(tmp_path / "bad.json", tmp_path / "good.json")
    (failure,) = found["failures"]
    assert (failure["error"], failure["input"]) == (error, str(tmp_path / "bad.json"))
    assert str(tmp_path / "bad.json") in failure["message"]
    assert len(found["rois"]) == 1


def test_json_that_only_speaks_of_other_things_is_passed_over_in_folders(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"a": 1, "images": 5}')
    save(tmp_path / "deep" / "cell.png")
    write(tmp_path / "deep" / "x.json")
    (tmp_path / "empty.json").touch()
    found = read(tmp_path)
    assert len(found["images"]) == 1
    assert [failure["input"] for failure in found["failures"]] == [str(tmp_path / "empty.json")]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_files_are_walked_alike_however_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    said = {
        "info": {"a": [1, {"b": "}]"}]}, "count": 1234567, "licenses": [1.5e3, 22, "x\\\"]", True, None],
        "images": [{"id": 1, "file_name": "größe-肺.png"}, {"id": 2, "n": math.nan}], "annotations": [],
        "end": "\u00e9",
    }  # fmt: skip
    path = tmp_path / "x.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(said, ensure_ascii=False, indent=1).encode())
    monkeypatch.setattr(elements, "_READ", size)
    raw = path.read_bytes()
    found = [(one.section, elements.parse(raw[one.offset : one.offset + one.size])) for one in elements.walk(path)]
    expected = [(key, value) for key in ("licenses", "images") for value in said[key]]  # type: ignore[attr-defined]
    assert repr(found) == repr(expected)


def test_many_images_are_read_in_units_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_IMAGES", 3)
    save(tmp_path / "cell.png")
    images = [{"id": number, "file_name": "cell.png", "width": 120, "height": 90} for number in range(8)]
    said = [annotation(id=number, image_id=number % 8, bbox=[number, 1, 2, 2]) for number in range(24)]
    found = read(write(tmp_path / "x.json", [*said, {"id": 99}], images=images))
    assert [unit["items"] for unit in found["units"]] == [3, 3, 2]
    assert len({unit["key"] for unit in found["units"]}) == 3
    expected = [number for first in range(8) for number in (first, first + 8, first + 16)]
    assert [roi["x0"] for roi in found["rois"]] == expected
    assert kinds(found) == ["id"]


@pytest.mark.parametrize("changed", ["{}", "[" * 500, "5" * 4000, ""])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, changed: str) -> None:
    save(tmp_path / "cell.png")
    file = write(tmp_path / "x.json", [annotation(bbox=[1, 2, 3, 4])])
    made = CocoReader([file], Options(keys=KEYS))
    (unit,) = made.units()
    file.write_text(changed)
    batch = made.read(unit, None)  # type: ignore[arg-type]
    assert [failure["input"] for failure in batch.tables["failures"].to_pylist()] == [str(file)]
