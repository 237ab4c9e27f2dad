"""What the manifest says of an export, and what the licence gate leaves out."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from export_rows import RESTRICTED, TEXT

import catalog
from catalog.export import FORMATS
from catalog.records import Image
from tests.conftest import take_in


def test_a_manifest_says_everything_that_was_promised(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    mixed_lake.slice(modality="MRI", sample=4, seed=7).export("llava", tmp_path / "out", images="none")
    said = json.loads((tmp_path / "out" / "manifest.json").read_text())
    promised = {
        "format",
        "count",
        "slice",
        "sql",
        "snapshot",
        "seed",
        "split",
        "sources",
        "excluded",
        "generators",
        "files",
    }
    assert promised <= said.keys()
    assert (said["format"], said["seed"], said["split"]) == ("llava", 7, None)
    assert said["slice"] == {"modality": ["MRI"], "sample": 4, "seed": 7}
    assert said["snapshot"] == mixed_lake.snapshot()
    assert mixed_lake.sql(f"SELECT count(*) FROM ({said['sql']})", **said["values"]).fetchall() == [(4,)]
    assert {"ingest:manifest"} == {entry["generator"] for entry in said["generators"]}


def test_checksums_match_the_files(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice().export("coco", tmp_path / "out")
    assert [file.path for file in manifest.files] == ["captions.json", "images.sha256", "instances.json"]
    for file in manifest.files:
        data = (tmp_path / "out" / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "images.sha256"], cwd=tmp_path / "out", capture_output=True, check=True
    )
    assert checked.stdout.count(b": OK") == manifest.images


@pytest.mark.parametrize("name", FORMATS)
def test_sources_that_forbid_redistribution_are_left_out_and_counted(
    mixed_lake: catalog.Lake, tmp_path: Path, name: str
) -> None:
    manifest = mixed_lake.slice(source=["open", "closed"]).export(name, tmp_path / "out")
    found = [entry for entry in manifest.excluded if entry["reason"] == "licence forbids redistribution"]
    assert [(entry["source"], entry["license"], entry["count"]) for entry in found] == [("closed", RESTRICTED, 1)]
    assert [entry["source"] for entry in manifest.sources] == ["open"]
    assert not any("f-restricted" in file.name for file in (tmp_path / "out").rglob("*"))


def test_who_may_redistribute_can_include_them(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice(source="closed").export("llava", tmp_path / "out", include_restricted=True)
    assert (manifest.count, manifest.excluded) == (1, [])
    assert manifest.sources == [{"source": "closed", "license": RESTRICTED, "count": 1}]


def test_coco_without_pixels_lists_restricted_images_but_not_their_texts(
    mixed_lake: catalog.Lake, tmp_path: Path
) -> None:
    manifest = mixed_lake.slice(source="closed").export("coco", tmp_path / "out", images="none")
    assert manifest.count == 1
    assert TEXT not in "".join(file.read_text() for file in (tmp_path / "out").iterdir())
    assert not (tmp_path / "out" / "captions.json").exists()
    assert [(entry["reason"], entry["count"]) for entry in manifest.excluded] == [
        ("licence forbids redistribution of its descriptions", 1)
    ]


def test_an_unknown_licence_is_exported_with_a_warning(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice(source="unsaid").export("jsonl", tmp_path / "out")
    assert manifest.sources == [{"source": "unsaid", "license": None, "count": 1}]
    assert ["unsaid" in warning for warning in manifest.warnings] == [True]


def test_images_that_cannot_be_read_are_counted_with_their_reason(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice(source="open").export("coco", tmp_path / "out")
    reasons = {entry["reason"]: (entry["count"], entry["examples"]) for entry in manifest.excluded}
    assert reasons == {
        "no pixels": (1, ["z-nowhere"]),
        "pixels missing": (1, ["y-gone"]),
        "pixels truncated": (1, ["x-broken"]),
    }
    assert manifest.unread == 3


def test_images_without_a_description_are_counted_in_formats_of_conversations(
    mixed_lake: catalog.Lake, tmp_path: Path
) -> None:
    manifest = mixed_lake.slice().export("sharegpt", tmp_path / "out", images="none")
    assert [
        (entry["count"], entry["examples"]) for entry in manifest.excluded if entry["reason"] == "no description"
    ] == [(1, ["b-jpeg"])]
    assert manifest.unread == 0


def test_all_regions_of_a_chosen_image_go_with_it(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice(roi_label="edema").export("jsonl", tmp_path / "out", images="none")
    (line,) = (tmp_path / "out" / "images.jsonl").read_text().splitlines()
    assert sorted(roi["label"] for roi in json.loads(line)["rois"]) == ["edema", "lesion"]
    assert any(note.startswith("regions:") for note in manifest.notes)


def test_an_export_sees_the_snapshot_of_its_slice(tmp_path: Path) -> None:
    with catalog.init(tmp_path / "lake") as lake:
        before = lake.snapshot()
        take_in(lake.layout, {"later": [Image(image_id="later", file_name="later.png", content_hash="1")]})
        old = lake.slice(at=before).export("jsonl", tmp_path / "old", images="none")
        new = lake.slice().export("jsonl", tmp_path / "new", images="none")
    assert (old.count, new.count) == (0, 1)
    assert old.snapshot == before < new.snapshot


def test_progress_reaches_the_total(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    mixed_lake.slice().export("coco", tmp_path / "a", watch=lambda *said: seen.append(said))
    assert seen[-1] == (9, 9)
    mixed_lake.slice().export("llava", tmp_path / "b", images="none", watch=lambda *said: seen.append(said))
    assert seen[-1] == (8, 8)
