"""The demo, run once as a person runs it, and what it refuses to delete."""

from __future__ import annotations

import csv
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image as Picture
from pycocotools.coco import COCO

import catalog
from catalog.errors import MissingExtraError, UsageError
from tui.demo import packages
from tui.demo.folder import Folder
from tui.demo.medtrinity import caption


def triptych(*argv: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", *map(str, argv)]
    environment = {name: value for name, value in os.environ.items() if name != "TRIPTYCH_LAKE"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that ``triptych demo`` ran in, and all it said on stdout; run once, also when several workers test."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    folder.mkdir(exist_ok=True)
    transcript = folder / "said.txt"
    with FileLock(folder / "lock"):
        if not transcript.exists():
            said = triptych("demo", "my demo", cwd=folder)
            assert said.returncode == 0, said.stderr
            transcript.write_text(said.stdout, encoding="utf-8")
    return folder, transcript.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo_lake(transcript: tuple[Path, str]) -> Iterator[catalog.Lake]:
    with catalog.open(transcript[0] / "my demo" / "lake") as lake:
        yield lake


def column(lake: catalog.Lake, query: str) -> set[Any]:
    return {value for (value,) in lake.sql(query).fetchall()}


def test_the_demo_holds_six_modalities(demo_lake: catalog.Lake) -> None:
    modalities = column(demo_lake, "SELECT modality FROM images WHERE modality IS NOT NULL")
    assert modalities >= {
        "CT",
        "MRI",
        "X-Ray",
        "Ultrasound",
        "Nuclear Medicine",
        "Fundus Photography",
        "Histopathology",
    }


def test_its_regions_come_from_a_seg_an_rtstruct_an_overlay_a_label_map_instances_and_boxes(
    demo_lake: catalog.Lake,
) -> None:
    labels = column(demo_lake, "SELECT lower(label) FROM rois")
    assert labels >= {"left kidney", "right kidney", "brain", "overlay", "grey matter", "white matter", "microaneurysm"}
    assert column(demo_lake, "SELECT origin FROM rois") == {"source_mask", "source_box"}
    assert column(demo_lake, "SELECT kind FROM rois") >= {"organ", "lesion", "cell"}
    instances = demo_lake.sql("SELECT count(*) FROM rois WHERE source = 'colon-nuclei' AND mask IS NOT NULL").fetchone()
    assert instances is not None
    assert instances[0] > 100


def test_the_kidneys_lie_where_they_were_drawn(demo_lake: catalog.Lake) -> None:
    query = "SELECT lower(label), x0, y0, x1, y1 FROM rois WHERE label ILIKE '%kidney'"
    boxes = {label: box for label, *box in demo_lake.sql(query).fetchall()}
    assert boxes == {"right kidney": [173, 165, 232, 232], "left kidney": [295, 168, 344, 223]}


def test_what_it_breaks_on_purpose_are_its_only_failures(demo_lake: catalog.Lake) -> None:
    assert column(demo_lake, "SELECT error FROM failures") == {"missing", "missing-image"}


def test_its_exports_load(transcript: tuple[Path, str]) -> None:
    out = transcript[0] / "my demo" / "out"
    lines = (out / "llava" / "llava.jsonl").read_text(encoding="utf-8").splitlines()
    conversations = [json.loads(line) for line in lines]
    assert any("A region of interest, right kidney, is located at left-center" in line for line in lines)
    assert all((out / "llava" / item["image"]).is_file() for item in conversations)
    coco = COCO(str(out / "coco" / "instances.json"))
    assert {"left kidney", "microaneurysm"} <= {category["name"].lower() for category in coco.cats.values()}
    assert all(coco.annToMask(item).any() for item in coco.anns.values() if item["segmentation"])
    assert json.loads((out / "coco" / "manifest.json").read_text())["count"] == len(coco.imgs)


def test_its_picture_shows_the_regions_in_colour(transcript: tuple[Path, str]) -> None:
    with Picture.open(transcript[0] / "my demo" / "out" / "ct-abdomen.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape[0] >= 512
    assert (np.ptp(pixels, axis=2) > 80).sum() > 200


def test_every_command_it_shows_can_be_typed_again(transcript: tuple[Path, str]) -> None:
    folder, said = transcript
    shown = [line.removeprefix("$ ") for line in said.replace("\\\n", "").splitlines() if line.startswith("$ triptych")]
    assert {shlex.split(line)[3] for line in shown} >= {
        "init",
        "ingest",
        "status",
        "facets",
        "sql",
        "show",
        "export",
        "slices",
    }
    count = next(line for line in shown if " count " in line)
    typed = count.replace("triptych", f"{sys.executable} -m tui", 1)
    again = subprocess.run(typed, shell=True, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S602
    assert again.stdout.strip() in said.splitlines()


def test_every_input_is_listed_with_its_origin(transcript: tuple[Path, str]) -> None:
    inputs = transcript[0] / "my demo" / "inputs"
    with (inputs / "sources.csv").open(newline="", encoding="utf-8") as file:
        listed = {row["file"]: row for row in csv.DictReader(file)}
    there = {path.relative_to(inputs).as_posix() for path in inputs.rglob("*") if path.is_file()}
    made_later = {name for name in there if name.startswith("medtrinity/")} | {"sources.csv"}
    assert there - made_later == set(listed)
    assert all(row["package"] and row["note"] for row in listed.values())
    assert not [row for row in listed.values() if "693_" in row["original"]]


def test_a_finished_demo_may_be_made_again_unless_something_was_added(transcript: tuple[Path, str]) -> None:
    root = transcript[0] / "my demo"
    added = root / "out" / "mine.txt"
    added.write_text("mine")
    again = triptych("demo", root, cwd=root.parent)
    assert again.returncode == 2
    assert "mine.txt' was added or changed, and a new demo would delete it" in again.stderr
    added.unlink()
    with catalog.open(root / "lake", write=True) as lake:
        lake.save_slice("mine", modality="CT")
    with pytest.raises(UsageError, match="lake' was added or changed"):
        Folder(root).prepare()
    with catalog.open(root / "lake") as lake:
        assert lake.slice(slice="mine").count() > 0


def test_a_folder_with_other_things_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    said = triptych("demo", tmp_path, cwd=tmp_path)
    assert said.returncode == 2
    assert said.stderr.startswith(f"error: '{tmp_path}/thesis.txt' was added or changed")
    assert (tmp_path / "thesis.txt").read_text() == "years"


def test_a_demo_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    assert not folder.prepare()
    (folder.out / "half.png").write_bytes(b"")
    assert folder.prepare()
    assert not any(folder.out.iterdir())


def test_a_finished_demo_that_nobody_touched_is_cleared(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    folder.prepare()
    (folder.out / "picture.png").write_bytes(b"")
    folder.remember()
    assert folder.prepare()
    assert not any(folder.out.iterdir())


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(packages.DISTRIBUTIONS, "no_such_package", "no-such-package")
    with pytest.raises(
        MissingExtraError, match=r"no-such-package is not installed; run: pip install 'triptych\[demo\]'"
    ):
        packages.require()


def test_captions_say_what_is_known_and_no_more() -> None:
    image = {"modality": "MRI", "organ": "liver", "region": "abdomen", "disease": "cyst"}
    roi = {"label": "Cyst", "zone_h": "left", "zone_v": "lower", "area_ratio": 0.0123}
    assert caption(image, []) == "The image is an MRI image of the liver and shows cyst."
    assert caption({**image, "modality": "CT", "disease": None}, [roi]) == (
        "The image is a CT image of the liver. A region of interest, cyst, is located at left part of the image "
        "horizontally and lower part of image vertically, occupying approximately 1.2% of the total area."
    )
