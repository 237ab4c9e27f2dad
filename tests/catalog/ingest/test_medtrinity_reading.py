from __future__ import annotations

import hashlib
import io
import json
import pickle
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skimage.data
import zstandard
from PIL import Image

from catalog import records
from catalog.errors import InputError
from catalog.ingest.contract import Options
from catalog.ingest.medtrinity import MedTrinityReader, sniff
from catalog.lake.keys import KeyedHash
from catalog.pixels.source import PixelSource

KEYS = KeyedHash(b"a secret")
DATA = Path(__file__).parents[2] / "data"
CAPTIONS = [json.loads(line)["caption"] for line in (DATA / "medtrinity_captions.jsonl").read_text().splitlines()]
NAMES = [
    "seg_train_558_a_2-right lung.nii-105.jpg",
    'it\'s "x".png',
    "line\nbreak.png",
    "größe-肺.png",
    "e.jpg",
    "f.png",
]
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
Tables = dict[str, list[dict[str, Any]]]


def encoded(place: int) -> bytes:
    pixels = (
        skimage.data.cell()[: 100 + place, :200] if place % 2 else skimage.data.retina()[300:400, 300 : 420 + place]
    )
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG" if NAMES[place].endswith("jpg") else "PNG")
    return stream.getvalue()


PICTURES = [encoded(place) for place in range(6)]
SIZES = [(120, 100, 3), (200, 101, 1), (122, 100, 3), (200, 103, 1), (124, 100, 3), (200, 105, 1)]


def read(*paths: Path, **said: Any) -> Tables:
    made = MedTrinityReader(paths, Options(keys=KEYS, **said))
    reader = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own pickle
    found: Tables = {name: [] for name in (*records.BATCH_TABLES, "blobs")}
    for unit in made.units():
        batch = reader.read(pickle.loads(pickle.dumps(unit)), None)  # noqa: S301 - our own pickle
        for name, table in batch.tables.items():
            found[name] += records.conform(table, name).to_pylist() if name == "images" else table.to_pylist()
        found["blobs"] += batch.blobs.to_pylist() if batch.blobs is not None else []
    return found


def demo(path: Path, **columns: list[Any]) -> Path:
    pictures = [{"bytes": data, "path": None} for data in PICTURES]
    given = {"image": pa.array(columns.pop("image", pictures), IMAGE), "id": [f"id{place}" for place in range(6)]}
    pq.write_table(pa.table({**given, "caption": CAPTIONS, **columns}), path, row_group_size=4)
    return path


def metadata(path: Path, **columns: list[Any]) -> Path:
    given: dict[str, Any] = {
        "file_name": NAMES, "id": [f"id{place}" for place in range(6)], "caption": CAPTIONS, "source": ["ct_rate"] * 6
    }  # fmt: skip
    pq.write_table(pa.table({**given, **columns}), path)
    return path


def folder(path: Path, places: range = range(6)) -> Path:
    for place in places:
        deep = path / f"deep {place % 2}"
        deep.mkdir(parents=True, exist_ok=True)
        (deep / NAMES[place]).write_bytes(PICTURES[place])
    return path


def tar(path: Path, pictures: Mapping[str, bytes] | None = None) -> Path:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in (pictures or dict(zip(NAMES, PICTURES, strict=True))).items():
            info = tarfile.TarInfo(f"deep/er/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(_compressed(stream.getvalue()) if path.suffix == ".zst" else stream.getvalue())
    return path


def _compressed(raw: bytes) -> bytes:
    """In frames of 16 KB, so that a cut leaves something to read."""
    return b"".join(zstandard.compress(raw[start : start + 16_384]) for start in range(0, len(raw), 16_384))


def sized(images: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    return [(image["width"], image["height"], image["channels"]) for image in images]


def test_embedded_images_are_linked_measured_and_hashed(tmp_path: Path) -> None:
    found = read(demo(tmp_path / "a demo!#.parquet", view=["AP"] * 6))
    assert found["failures"] == []
    assert [text["text"] for text in found["descriptions"]] == CAPTIONS
    assert sized(found["images"]) == SIZES
    assert [image["sha256"] for image in found["images"]] == [hashlib.sha256(data).hexdigest() for data in PICTURES]
    assert {image["extra"] for image in found["images"]} == {'{"view":"AP"}'}
    source = PixelSource(KEYS)
    assert [source.read(image["uri"]) for image in found["images"]] == PICTURES


def test_embedded_images_are_copied_each_once(tmp_path: Path) -> None:
    twice = [{"bytes": PICTURES[place // 2], "path": None} for place in range(6)]
    found = read(demo(tmp_path / "demo.parquet", image=twice), copy=True)
    assert sorted(blob["data"] for blob in found["blobs"]) == sorted(PICTURES[:3])
    keys = {blob["sha256"] for blob in found["blobs"]}
    assert {image["uri"] for image in found["images"]} == {f"lance:{key}" for key in keys}


def test_metadata_alone_gives_rows_without_pixels_and_without_complaint(tmp_path: Path) -> None:
    found = read(metadata(tmp_path / "train-0.parquet"))
    assert found["failures"] == []
    assert [(image["image_id"], image["uri"], image["file_name"]) for image in found["images"]] == [
        (f"id{place}", None, name) for place, name in enumerate(NAMES)
    ]
    assert {(image["source"], image["source_raw"]) for image in found["images"]} == {("ct_rate", "ct_rate")}


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.zst"])
@pytest.mark.parametrize("copy", [False, True])
def test_rows_are_joined_to_their_files_wherever_they_lie(tmp_path: Path, kind: str, copy: bool) -> None:
    table = metadata(tmp_path / "train-0.parquet")
    given = folder(tmp_path / "images") if kind == "folder" else tar(tmp_path / f"shard 1!.{kind}")
    found = read(table, given, copy=copy)
    assert found["failures"] == []
    assert sized(found["images"]) == SIZES
    stored = {blob["sha256"]: blob["data"] for blob in found["blobs"]}
    source = PixelSource(KEYS, blobs=stored.__getitem__)
    assert [source.read(image["uri"]) for image in found["images"]] == PICTURES
    assert len(stored) == (6 if copy else 0)


def test_json_lines_are_joined_by_the_last_part_of_the_name(tmp_path: Path) -> None:
    rows = [{"id": f"id{place}", "file_name": f"x/y/{NAMES[place]}", "caption": CAPTIONS[place]} for place in range(6)]
    rows[1]["file_name"] = f"C:\\x\\{NAMES[1]}"
    (tmp_path / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder(tmp_path / "images")
    found = read(tmp_path)
    assert found["failures"] == []
    assert sized(found["images"]) == SIZES
    assert found["images"][0]["file_name"] == f"x/y/{NAMES[0]}"


def test_what_has_no_file_and_files_that_no_row_names_are_listed(tmp_path: Path) -> None:
    table = metadata(tmp_path / "train-0.parquet", file_name=[*NAMES[:4], "gone.jpg", None])
    found = read(table, folder(tmp_path / "images"))
    assert len(found["images"]) == 6
    assert [image["uri"] is None for image in found["images"]] == [False] * 4 + [True] * 2
    missing = [failure for failure in found["failures"] if failure["error"] == "missing"]
    assert [(failure["item"], failure["image_id"]) for failure in missing] == [("row 4", "id4"), ("row 5", "id5")]
    assert "'gone.jpg'" in missing[0]["message"]
    unnamed = [failure["input"] for failure in found["failures"] if failure["error"] == "unreferenced"]
    assert sorted(Path(name).name for name in unnamed) == ["e.jpg", "f.png"]


def test_two_different_files_of_one_name_are_ambiguous_and_equal_ones_are_not(tmp_path: Path) -> None:
    images = folder(tmp_path / "images")
    (images / "again").mkdir()
    (images / "again" / NAMES[0]).write_bytes(PICTURES[0])
    (images / "again" / NAMES[1]).write_bytes(PICTURES[1][:-1] + b"\0")
    (images / "again" / NAMES[2]).write_bytes(PICTURES[3])
    found = read(metadata(tmp_path / "train-0.parquet"), images)
    assert [image["uri"] is None for image in found["images"]] == [False, True, True, False, False, False]
    assert [(failure["error"], failure["item"]) for failure in found["failures"]] == [
        ("ambiguous", "row 1"),
        ("ambiguous", "row 2"),
    ]


def test_what_came_before_the_break_of_a_shard_is_joined(tmp_path: Path) -> None:
    shard = tar(tmp_path / "shard.tar.zst")
    shard.write_bytes(shard.read_bytes()[: len(shard.read_bytes()) * 2 // 3])
    found = read(metadata(tmp_path / "train-0.parquet"), shard)
    joined = [image["uri"] is not None for image in found["images"]]
    assert 1 <= sum(joined) < 6
    assert joined == sorted(joined, reverse=True)
    (broken,) = (failure for failure in found["failures"] if failure["error"] == "truncated")
    assert "shard.tar.zst" in broken["message"]
    assert sum(failure["error"] == "missing" for failure in found["failures"]) == 6 - sum(joined)


def test_a_broken_shard_alone_is_told(tmp_path: Path) -> None:
    (tmp_path / "shard.tar.zst").write_bytes(b"nothing of the kind")
    found = read(metadata(tmp_path / "train-0.parquet"), tmp_path / "shard.tar.zst")
    assert len(found["images"]) == 6
    assert "archive" in {failure["error"] for failure in found["failures"]}


def test_broken_embedded_bytes_keep_their_row_without_a_size(tmp_path: Path) -> None:
    pictures = [{"bytes": data, "path": None} for data in PICTURES]
    pictures[1]["bytes"], pictures[2]["bytes"], pictures[3]["bytes"] = b"not an image", b"", None
    found = read(demo(tmp_path / "demo.parquet", image=pictures))
    assert [image["width"] is None for image in found["images"]] == [False, True, True, True, False, False]
    told = [(failure["item"], failure["error"]) for failure in found["failures"]]
    assert told == [("row 1", "image"), ("row 2", "image"), ("row 3", "missing")]


def test_rows_without_id_or_caption_are_told(tmp_path: Path) -> None:
    table = metadata(tmp_path / "t.parquet", id=["a", None, "c", "d", "e", "f"], caption=[*CAPTIONS[:4], None, " "])
    found = read(table)
    assert [image["image_id"] for image in found["images"]] == ["a", "c", "d", "e", "f"]
    assert len(found["descriptions"]) == 3
    assert [(failure["item"], failure["error"]) for failure in found["failures"]] == [
        ("row 1", "id"), ("row 4", "caption"), ("row 5", "caption")
    ]  # fmt: skip


def test_one_id_with_two_captions_has_two_content_hashes(tmp_path: Path) -> None:
    table = metadata(tmp_path / "t.parquet", id=["a"] * 6, caption=["one", "two", "one", "one", "one", "one"])
    hashes = [image["content_hash"] for image in read(table)["images"]]
    assert len(set(hashes)) == 2
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_joined_row_has_the_content_of_the_same_row_without_pixels(tmp_path: Path) -> None:
    table = metadata(tmp_path / "train-0.parquet")
    alone, joined = read(table), read(table, tar(tmp_path / "shard.tar.zst"), copy=True)
    assert [image["content_hash"] for image in alone["images"]] == [image["content_hash"] for image in joined["images"]]


def test_damaged_tables_are_one_failure_each_and_the_others_go_on(tmp_path: Path) -> None:
    good = metadata(tmp_path / "good.parquet")
    (tmp_path / "empty.parquet").touch()
    (tmp_path / "half.parquet").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (tmp_path / "lfs.parquet").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    pq.write_table(pa.table({"id": ["a"], "text": ["b"], "file_name": ["c"]}), tmp_path / "nocaption.parquet")
    found = read(tmp_path)
    assert len(found["images"]) == 6
    kinds = {Path(failure["input"]).name: failure["error"] for failure in found["failures"]}
    assert kinds == {
        "empty.parquet": "empty",
        "half.parquet": "truncated",
        "lfs.parquet": "pointer",
        "nocaption.parquet": "columns",
    }
    (columns,) = (failure["message"] for failure in found["failures"] if failure["error"] == "columns")
    assert "id, text, file_name" in columns
    assert "--as manifest --map" in columns


def test_a_page_that_was_damaged_in_the_middle_fails_its_rows_only(tmp_path: Path) -> None:
    path = demo(tmp_path / "demo.parquet")
    raw = bytearray(path.read_bytes())
    raw[4:200] = bytes(196)
    path.write_bytes(raw)
    found = read(path)
    assert found["images"] == [] or len(found["images"]) < 6
    assert "cannot be read" in found["failures"][0]["message"]


def test_units_are_cut_by_rows_and_cover_every_row_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.ingest.medtrinity.reader.UNIT_ROWS", 3)
    path = demo(tmp_path / "demo.parquet")
    found = read(path)
    assert [unquote(image["uri"].rpartition("!")[2]) for image in found["images"]] == [str(place) for place in range(6)]
    assert sized(found["images"]) == SIZES
    keys = [unit.key for unit in MedTrinityReader([path], Options(keys=KEYS)).units()]
    assert len(set(keys)) == len(keys) == 2
    assert keys == [unit.key for unit in MedTrinityReader([path], Options(keys=KEYS)).units()]
    assert not set(keys) & {unit.key for unit in MedTrinityReader([path], Options(keys=KEYS, copy=True)).units()}


def test_the_shape_is_told_by_the_columns(tmp_path: Path) -> None:
    assert sniff([demo(tmp_path / "demo.parquet")])
    assert sniff([metadata(tmp_path / "train.parquet"), tmp_path / "shard.tar"])
    pq.write_table(pa.table({"image_id": ["a"], "caption": ["b"]}), tmp_path / "other.parquet")
    assert not sniff([tmp_path / "other.parquet"])
    (tmp_path / "empty.parquet").touch()
    with pytest.raises(InputError, match="0 bytes"):
        sniff([tmp_path / "empty.parquet"])
