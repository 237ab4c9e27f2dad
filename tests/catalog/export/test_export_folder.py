"""An export appears whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import catalog
from catalog.errors import TriptychError, UsageError
from catalog.export.folder import new_folder

SLOW_EXPORT = """
import sys, time, catalog
def stop(done, total):
    if done == 2:
        print("two done", flush=True)
        time.sleep(60)
with catalog.open(sys.argv[1]) as lake:
    lake.slice().export(sys.argv[2], sys.argv[3], watch=stop)
"""


@pytest.mark.parametrize("name", ["llava", "hf"])
def test_a_killed_export_leaves_nothing_that_looks_finished(lake_path: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", SLOW_EXPORT, str(lake_path), name, str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"two done\n"
        child.send_signal(signal.SIGKILL)
    assert not out.exists()
    assert all(item.name.startswith(".out.partial-") for item in tmp_path.iterdir())
    assert not list(tmp_path.rglob("manifest.json"))

    with catalog.open(lake_path) as lake:
        lake.slice().export(name, out)
    assert [item.name for item in tmp_path.iterdir()] == ["out"]
    assert (out / "manifest.json").is_file()


def test_an_export_under_way_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out", overwrite=False) as first:
        with pytest.raises(KeyError), new_folder(tmp_path / "out", overwrite=False):
            raise KeyError
        assert first.root.is_dir()


def test_a_folder_that_holds_something_is_refused(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        mixed_lake.slice().export("llava", tmp_path, images="none")
    with pytest.raises(UsageError, match="no export"):
        mixed_lake.slice().export("llava", tmp_path, images="none", overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        mixed_lake.slice().export("llava", tmp_path / "thesis.tex", images="none")
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_earlier_export_is_replaced_when_asked(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    mixed_lake.slice().export("llava", out, images="none")
    with pytest.raises(UsageError, match="not empty"):
        mixed_lake.slice().export("coco", out, images="none")
    mixed_lake.slice().export("coco", out, images="none", overwrite=True)
    assert sorted(item.name for item in out.iterdir()) == ["captions.json", "instances.json", "manifest.json"]
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


def test_a_failed_export_leaves_the_earlier_one(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    mixed_lake.slice().export("llava", out, images="none")
    with pytest.raises(RuntimeError):
        mixed_lake.slice().export("coco", out, overwrite=True, watch=_fail)
    assert (out / "llava.jsonl").is_file()
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


def _fail(done: int, total: int) -> None:
    raise RuntimeError(f"{done} of {total}")


def test_a_place_that_cannot_be_written_is_named(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TriptychError, match="cannot write the export"):
        mixed_lake.slice().export("llava", tmp_path / "file" / "out", images="none")


@pytest.mark.parametrize(("said", "near"), [({"to": "lava"}, "llava"), ({"to": "coco", "images": "copies"}, "copy")])
def test_a_misspelt_choice_is_corrected(
    mixed_lake: catalog.Lake, tmp_path: Path, said: dict[str, str], near: str
) -> None:
    with pytest.raises(UsageError, match=f"did you mean '{near}'"):
        mixed_lake.slice().export(out=tmp_path / "out", **said)
    assert not list(tmp_path.iterdir())
