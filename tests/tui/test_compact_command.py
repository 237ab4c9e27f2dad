"""``triptych compact``: what it says, and its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import catalog
from tests.catalog.lake.test_compact import commit
from tests.tui.conftest import Triptych


@pytest.fixture(scope="module")
def scattered_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of four commits of 100 images each, made once; tests copy it."""
    root = tmp_path_factory.mktemp("scattered") / "lake"
    with catalog.init(root) as made:
        commit(made.layout, 4, 100)
    return root


@pytest.fixture
def scattered(tmp_path: Path, scattered_template: Path) -> Path:
    return Path(shutil.copytree(scattered_template, tmp_path / "lake"))


def test_a_line_a_table_says_what_was_done(triptych: Triptych, scattered: Path) -> None:
    said = triptych("compact", "--lake", scattered)
    assert said.code == 0
    images, rois = said.out.splitlines()
    assert images.startswith("images  4 files -> 1, ")
    assert rois.startswith("rois    4 files -> 1, ")
    assert said.err.startswith("kept for queries that may still read: 8 replaced files (")


def test_nothing_to_do_is_said(triptych: Triptych, scattered: Path) -> None:
    triptych("compact", "--lake", scattered, "--expire", "0s")
    said = triptych("compact", "--lake", scattered)
    assert (said.code, said.out, said.err) == (0, "", "the files are in order already\n")


def test_expiring_says_what_was_freed(triptych: Triptych, scattered: Path) -> None:
    said = triptych("compact", "--lake", scattered, "--expire", "0s")
    assert said.code == 0
    assert "7 snapshots expired, 8 files deleted, " in said.out
    assert said.out.endswith("kB freed\n")
    assert len(json.loads(triptych("snapshots", "--lake", scattered, "--json").out)) == 1


def test_an_age_that_no_snapshot_has_is_said(triptych: Triptych, scattered: Path) -> None:
    said = triptych("compact", "--lake", scattered, "--expire", "7d")
    assert said.code == 0
    assert "no snapshot is older, nothing was freed" in said.err


def test_as_json_it_is_one_object(triptych: Triptych, scattered: Path) -> None:
    done = json.loads(triptych("compact", "--lake", scattered, "--expire", "0s", "--json").out)
    assert [(item["table"], item["files_before"], item["files_after"]) for item in done["tables"]] == [
        ("images", 4, 1),
        ("rois", 4, 1),
    ]
    assert done["cleared"]["snapshots"] == 7
    assert done["cleared"]["bytes"] > 0


@pytest.mark.parametrize("age", ["soon", "7", "-1d"])
def test_a_bad_age_is_wrong_usage(triptych: Triptych, scattered: Path, age: str) -> None:
    said = triptych("compact", "--lake", scattered, f"--expire={age}")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"error: '{age}' is neither an age nor a date; write something like 7d")


def test_snapshots_show_the_commits_of_a_compaction(triptych: Triptych, scattered: Path) -> None:
    triptych("compact", "--lake", scattered)
    last = json.loads(triptych("snapshots", "--lake", scattered, "--json").out)[-1]
    assert last["message"] == "compact rois: small files merged"
    assert last["author"].startswith("triptych ")
