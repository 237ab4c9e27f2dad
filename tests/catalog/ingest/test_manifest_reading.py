from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from catalog import records
from catalog.errors import UsageError
from catalog.geometry import masks
from catalog.ingest.contract import Options
from catalog.ingest.manifest import ManifestReader
from catalog.lake.keys import KeyedHash

KEYS = KeyedHash(b"a secret")
NAMES = ["a b.png", 'it\'s "x".png', "line\nbreak.png", "größe-肺.png"]
Tables = dict[str, list[dict[str, Any]]]


def read(*paths: Path, columns: Mapping[str, str] | None = None, **said: Any) -> Tables:
    reader = pickle.loads(  # noqa: S301 - our own pickle
        pickle.dumps(made := ManifestReader(paths, Options(keys=KEYS, columns=columns or {}, **said)))
    )
    found: Tables = {name: [] for name in (*records.BATCH_TABLES, "blobs")}
    for unit in made.units():
        batch = reader.read(pickle.loads(pickle.dumps(unit)), None)  # noqa: S301 - our own pickle
        for name, table in batch.tables.items():
            found[name] += records.conform(table, name).to_pylist() if name == "images" else table.to_pylist()
        found["blobs"] += batch.blobs.to_pylist() if batch.blobs is not None else []
    return found


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    frame = pl.DataFrame(rows)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def boxes() -> list[dict[str, Any]]:
    return [
        {"image_id": f"i{place // 2}", "uri": f"img/{NAMES[place // 2]}", "scan": "CT", "organ": "lung; heart",
         "width": 100, "height": 50, "x": 10.5, "y": 5, "w": 20, "h": 10 + place, "label": "nodule", "kind": "lesion",
         "pid": "MRN-0042", "caption": "Ein Rundherd – größer.", "age": 60 + place}
        for place in range(8)
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_every_format_gives_the_same_images_regions_and_texts(tmp_path: Path, suffix: str) -> None:
    found = read(write(tmp_path / f"m.{suffix}", boxes()), columns={"scan": "modality", "pid": "patient"})
    assert found["failures"] == []
    assert [image["image_id"] for image in found["images"]] == ["i0", "i1", "i2", "i3"]
    first = found["images"][0]
    assert first["uri"] == str(tmp_path / "img" / "a b.png")
    assert first["file_name"] == "a b.png"
    assert (first["modality"], first["organs"], first["width"], first["source"]) == ("CT", ["lung", "heart"], 100, "m")
    assert [image["file_name"] for image in found["images"]] == NAMES
    assert [(roi["x0"], roi["y0"], roi["x1"], roi["y1"]) for roi in found["rois"][:2]] == [
        (10.5, 5, 30.5, 15),
        (10.5, 5, 30.5, 16),
    ]
    assert len(found["rois"]) == 8
    assert {text["text"] for text in found["descriptions"]} == {"Ein Rundherd – größer."}
    assert len(found["descriptions"]) == 4


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_columns_without_a_field_are_kept_for_every_row_of_the_image(tmp_path: Path, suffix: str) -> None:
    found = read(write(tmp_path / f"m.{suffix}", boxes()), columns={"scan": "modality", "pid": "patient"})
    kept = json.loads(found["images"][1]["extra"])
    assert [str(row["age"]) for row in kept] == ["62", "63"]


def test_one_extra_row_stays_an_object(tmp_path: Path) -> None:
    found = read(write(tmp_path / "m.parquet", [{"image_id": "a", "age": 61, "site": "it's"}]))
    assert json.loads(found["images"][0]["extra"]) == {"age": 61, "site": "it's"}


def test_identifiers_leave_only_as_keys(tmp_path: Path) -> None:
    found = read(write(tmp_path / "m.parquet", boxes()), columns={"pid": "patient", "scan": "study"})
    assert {image["patient_key"] for image in found["images"]} == {KEYS.or_none("MRN-0042")}
    assert {image["study_key"] for image in found["images"]} == {KEYS.or_none("CT")}
    assert "0042" not in repr(found)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_column_named_for_an_identifier_is_left_out_and_told(tmp_path: Path, suffix: str) -> None:
    row = {"image_id": "a", "PatientName": "DOE^JANE", "Patient ID": "MRN-7", "birth_date": "1950-01-01", "age": "70"}
    found = read(write(tmp_path / f"m.{suffix}", [row]))
    assert json.loads(found["images"][0]["extra"]) == {"age": "70"}
    assert sorted(row["item"] for row in found["failures"]) == [
        "column Patient ID",
        "column PatientName",
        "column birth_date",
    ]
    assert "--map Patient ID=patient" in found["failures"][1]["message"] + found["failures"][0]["message"]


def test_the_same_rows_give_the_same_content_hash_and_others_another(tmp_path: Path) -> None:
    rows = [{"image_id": "a", "width": 5, "modality": "CT"}, {"image_id": "a", "width": 6, "modality": "CT"}]
    as_csv, as_parquet = read(write(tmp_path / "a.csv", rows)), read(write(tmp_path / "a.parquet", rows))
    hashes = [image["content_hash"] for image in as_csv["images"]]
    assert hashes == [image["content_hash"] for image in as_parquet["images"]]
    assert len(set(hashes)) == 2


def test_rows_that_say_nothing_of_their_image_have_no_content_hash(tmp_path: Path) -> None:
    rows = [{"image_id": "a", "x0": 1, "y0": 1, "x1": 2, "y1": 2}]
    assert read(write(tmp_path / "a.parquet", rows))["images"][0]["content_hash"] is None


@pytest.mark.parametrize(
    ("box", "kept", "said"),
    [
        ((1.0, 1.0, 5.0, 5.0), (1, 1, 5, 5), None),
        ((float("nan"), 1.0, 5.0, 5.0), None, "not finite"),
        ((1.0, 1.0, float("inf"), 5.0), None, "not finite"),
        ((5.0, 1.0, 5.0, 5.0), None, "is empty"),
        ((200.0, 1.0, 205.0, 5.0), None, "lies outside its image of 100x50"),
        ((90.0, 40.0, 120.0, 60.0), (90, 40, 100, 50), "reaches outside its image of 100x50"),
        ((-0.5, 0.0, 100.4, 50.0), (0, 0, 100, 50), None),
        ((None, 1.0, 5.0, 5.0), None, "lacks an edge"),
    ],
)
def test_a_box_is_kept_cut_or_refused_with_a_reason(
    tmp_path: Path, box: tuple[float, ...], kept: tuple[int, ...] | None, said: str | None
) -> None:
    row = {"image_id": "a", "width": 100, "height": 50, **dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))}
    other = {"image_id": "b", "width": 100, "height": 50, "x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0}
    found = read(write(tmp_path / "m.parquet", [row, other]))
    rois = {roi["image_id"]: (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) for roi in found["rois"]}
    assert rois.pop("b") == (0, 0, 1, 1)
    assert rois.get("a") == kept
    assert len(found["images"]) == 2
    assert [said in failure["message"] for failure in found["failures"]] == ([True] if said else [])


def test_a_box_without_a_known_image_size_has_null_width_and_height(tmp_path: Path) -> None:
    found = read(write(tmp_path / "m.parquet", [{"image_id": "a", "x0": 1, "y0": 2, "x1": 3, "y1": 4}]))
    assert [(roi["width"], roi["height"], roi["x1"]) for roi in found["rois"]] == [(None, None, 3.0)]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_values_that_do_not_fit_are_told_and_the_rest_goes_on(tmp_path: Path, suffix: str) -> None:
    rows = [{"image_id": "a", "width": "512.0", "axis": "2"}, {"image_id": "b", "width": "wide", "axis": "1.5"}]
    found = read(write(tmp_path / f"m.{suffix}", rows))
    assert [(image["width"], image["axis"]) for image in found["images"]] == [(512, 2), (None, None)]
    said = [(failure["item"], failure["error"], failure["message"]) for failure in found["failures"]]
    assert sorted(said) == [
        ("row 1", "value", "row 1: axis is '1.5', not a whole number; the value is left out"),
        ("row 1", "value", "row 1: width is 'wide', not a whole number; the value is left out"),
    ]


def test_broken_lines_are_told_by_number(tmp_path: Path) -> None:
    lines = tmp_path / "m.jsonl"
    lines.write_text('{"image_id": "a"}\n{broken\n["list"]\n{"image_id": "b"}\n')
    found = read(lines)
    assert [image["image_id"] for image in found["images"]] == ["a", "b"]
    assert [failure["item"] for failure in found["failures"]] == ["row 1", "row 2"]
    text = tmp_path / "m.csv"
    text.write_text("image_id,view\na,PA\nb,PA,extra,cells\nc,AP\n")
    found = read(text)
    assert [image["image_id"] for image in found["images"]] == ["a", "c"]
    assert [failure["item"] for failure in found["failures"]] == ["line 3"]


def test_a_row_that_names_no_image_is_told(tmp_path: Path) -> None:
    found = read(write(tmp_path / "m.parquet", [{"uri": None, "view": "PA"}, {"uri": "/x.png", "view": "AP"}]))
    assert [failure["error"] for failure in found["failures"]] == ["nameless"]
    assert [len(image["image_id"]) for image in found["images"]] == [32]


def test_a_label_without_a_box_is_a_finding(tmp_path: Path) -> None:
    rows = [{"image_id": "a", "label": "No finding", "x0": None}, {"image_id": "b", "label": "mass", "x0": 1.0}]
    rows = [{**row, "y0": row["x0"], "x1": row["x0"] and 9.0, "y1": row["x0"] and 9.0} for row in rows]
    found = read(write(tmp_path / "m.parquet", rows))
    assert [(finding["image_id"], finding["concept"]) for finding in found["findings"]] == [("a", "No finding")]
    assert [roi["label"] for roi in found["rois"]] == ["mass"]
    assert found["failures"] == []


def test_a_mask_brings_its_box_area_and_parts(tmp_path: Path) -> None:
    mask = np.zeros((40, 60), dtype=bool)
    mask[5:10, 20:30] = mask[20:22, 40:41] = True
    rows = [
        {"image_id": "a", "mask": masks.encode(mask), "width": 60, "height": 40},
        {"image_id": "b", "mask": "§", "width": 6, "height": 4},
    ]
    found = read(write(tmp_path / "m.parquet", rows))
    (roi,) = found["rois"]
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == (20, 5, 41, 22)
    assert (roi["mask_area"], roi["components"], roi["origin"]) == (52, 2, "source_mask")
    assert [failure["error"] for failure in found["failures"]] == ["mask"]


def test_a_wrong_column_names_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"image_id": "a", "modalty": "CT"}])
    with pytest.raises(UsageError, match=r"no column 'modality' in .*did you mean 'modalty'"):
        list(ManifestReader([path], Options(keys=KEYS, columns={"modality": "modality"})).units())


def test_a_wrong_field_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no field 'diseaze' .*did you mean 'disease'"):
        ManifestReader([tmp_path], Options(keys=KEYS, columns={"dx": "diseaze"}))


def test_half_a_box_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"image_id": "a", "left": 1, "top": 2}])
    with pytest.raises(UsageError, match="lacks w, h"):
        list(ManifestReader([path], Options(keys=KEYS, columns={"left": "x", "top": "y"})).units())


def test_damaged_tables_are_one_failure_each_and_the_others_go_on(tmp_path: Path) -> None:
    good = write(tmp_path / "good.parquet", [{"image_id": "a"}])
    (tmp_path / "empty.parquet").touch()
    (tmp_path / "half.parquet").write_bytes(good.read_bytes()[:-30])
    (tmp_path / "lfs.csv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    (tmp_path / "text.parquet").write_text("this is no Parquet")
    found = read(tmp_path)
    assert [image["image_id"] for image in found["images"]] == ["a"]
    kinds = {Path(failure["input"]).name: failure["error"] for failure in found["failures"]}
    assert kinds == {
        "empty.parquet": "empty",
        "half.parquet": "truncated",
        "lfs.csv": "pointer",
        "text.parquet": "format",
    }
    assert any("git lfs pull" in failure["message"] for failure in found["failures"])


def test_lists_and_texts_of_organs_are_the_same(tmp_path: Path) -> None:
    rows = [{"image_id": "a", "organs": "lung|heart", "diseases": '["mass", "edema"]'}]
    as_text = read(write(tmp_path / "m.csv", rows))["images"][0]
    listed = pa.table({"image_id": ["a"], "organs": [["lung", "heart"]], "diseases": [["mass", "edema"]]})
    pq.write_table(listed, tmp_path / "l.parquet")
    as_list = read(tmp_path / "l.parquet")["images"][0]
    assert as_text["organs"] == as_list["organs"] == ["lung", "heart"]
    assert as_text["diseases"] == as_list["diseases"] == ["mass", "edema"]


def test_copy_takes_the_bytes_and_tells_what_is_gone(tmp_path: Path) -> None:
    for name in NAMES[:2]:
        Image.new("L", (4, 3), 9).save(tmp_path / name)
    rows = [{"image_id": str(place), "uri": name} for place, name in enumerate(NAMES[:3])]
    found = read(write(tmp_path / "m.csv", rows), copy=True)
    sha = hashlib.sha256((tmp_path / NAMES[0]).read_bytes()).hexdigest()
    assert [image["uri"] for image in found["images"][:2]] == [f"lance:{sha}"] * 2
    assert [(blob["sha256"], blob["data"]) for blob in found["blobs"]] == [(sha, (tmp_path / NAMES[0]).read_bytes())]
    assert [failure["error"] for failure in found["failures"]] == ["missing"]


def test_file_names_are_paths_only_where_files_lie_beside_the_manifest(tmp_path: Path) -> None:
    path = write(tmp_path / "m.csv", [{"file_name": "img/a.png"}])
    assert read(path)["images"][0]["uri"] is None
    (tmp_path / "img").mkdir()
    Image.new("L", (4, 3)).save(tmp_path / "img" / "a.png")
    (image,) = read(path)["images"]
    assert (image["uri"], image["file_name"]) == (str(tmp_path / "img" / "a.png"), "a.png")


def test_a_large_row_group_is_cut_into_units_that_cover_every_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.ingest.manifest.reader.UNIT_ROWS", 300)
    ids = [f"i{place}" for place in range(1000)]
    pq.write_table(pa.table({"image_id": ids}), tmp_path / "m.parquet", row_group_size=700)
    found = read(tmp_path / "m.parquet")
    assert [image["image_id"] for image in found["images"]] == ids


def test_units_change_with_the_file_and_the_options(tmp_path: Path) -> None:
    path = write(tmp_path / "m.parquet", [{"image_id": "a", "dx": "mass"}])

    def keys(**said: Any) -> list[str]:
        return [unit.key for unit in ManifestReader([path], Options(keys=KEYS, **said)).units()]

    assert keys() == keys()
    assert keys() != keys(columns={"dx": "disease"})
    assert keys() != keys(source="other")
    before = keys()
    write(path, [{"image_id": "a", "dx": "mass and more"}])
    assert keys() != before


def test_embedded_bytes_are_pointed_to_the_right_reader(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image_id": ["a"], "picture": [b"\x89PNG"]}), tmp_path / "m.parquet")
    found = read(tmp_path / "m.parquet")
    assert len(found["images"]) == 1
    assert "medtrinity" in found["failures"][0]["message"]
