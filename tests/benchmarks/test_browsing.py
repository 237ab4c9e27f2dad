"""The measuring of the browser works; how fast anything is, no test says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import catalog
from tests.generators.conftest import draw

pytest.importorskip("textual")
pytest.importorskip("data_store")

from benchmarks import browsing
from benchmarks.browser import results


@pytest.fixture(scope="module")
def lake_of_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("browsing")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "few", count=12), source="few", said={"modality": "CT", "organ": "lung"})
        lake.ingest(draw(root / "many", count=30), source="many", said={"modality": "X-Ray", "organ": "lung"})
    return root / "lake"


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("starts", {"first paint", "first rows", "first paint, tmux", "first rows, tmux"}),
        ("clicking", {"facets", "regions", "layers", "first rows of a slice", "lag, clicking"}),
        ("looking", {"JPEG", "DICOM", "cached"}),
        ("typing", {"typing"}),
    ],
)
def test_every_part_gives_its_numbers(lake_of_pictures: Path, tmp_path: Path, part: str, names: set[str]) -> None:
    out = tmp_path / "found.json"
    browsing.measure(lake_of_pictures, [part], times=1, actions=8, out=out)
    (found,) = json.loads(out.read_text())["parts"].values()
    assert found["images"] == 42
    assert set(found["times"]) == names
    assert all(0 < times["p50"] <= times["p95"] <= times["most"] for times in found["times"].values())
    table = (tmp_path / "BROWSER.md").read_text()
    assert all(results.GOALS[name][0] in table for name in names)


def test_random_use_gives_memory_by_quarters(lake_of_pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    browsing.measure(lake_of_pictures, ["roaming"], times=1, actions=8, out=out)
    memory = json.loads(out.read_text())["parts"]["roaming"]["memory"]
    assert len(memory["quarters"]) == 4
    assert all(0 < quarter["median"] <= quarter["most"] for quarter in memory["quarters"])
    assert sum(memory["acts"].values()) == 8


def test_the_words_around_the_table_stay(tmp_path: Path) -> None:
    page = tmp_path / "BROWSER.md"
    page.write_text(f"# Before\n\n{results.BEGIN}\nold\n{results.END}\n\nAfter.\n")
    results.write_page(results.Browsing(machine="a machine"), page)
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert "a machine" in text


def test_no_such_part_is_told(lake_of_pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no part 'dancing'"):
        browsing.measure(lake_of_pictures, ["dancing"], times=1, actions=1, out=tmp_path / "found.json")
