"""The coverage of a slice and its areas are what the flags leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.slices.areas import BINS
from catalog.slices.filter import LAYERS
from tests.catalog.slices.worked import fill
from tests.conftest import opened_copy

SLICES: list[dict[str, Any]] = [
    {},
    {"modality": "CT"},
    {"organ": "lung", "source": "north"},
    {"roi_kind": "lesion"},
    {"roi_kind": ["organ", "cell"], "roi_zone": "center"},
    {"missing": "rois"},
    {"where": "image_key % 3 = 0", "roi_label": "cyst"},
    {"sample": 31, "seed": 5},
    {"where": "false"},
]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, empty_template: Path) -> Iterator[catalog.Lake]:
    with opened_copy(empty_template, tmp_path_factory.mktemp("worked") / "lake") as made:
        fill(made, 7, images=200)
        yield made


@pytest.mark.parametrize("said", SLICES)
def test_coverage_is_what_the_flags_leave(worked: catalog.Lake, said: dict[str, Any]) -> None:
    found = {row["layer"]: row for row in worked.slice(**said).coverage().to_pylist()}
    assert tuple(found) == LAYERS
    images = worked.slice(**said).count()
    for layer, row in found.items():
        assert row["images"] == images == row["has"] + row["misses"] + row["failed"]
        assert row["has"] == _both(worked, said, has=layer)
        assert row["stale"] == _both(worked, said, stale=layer)


def _both(lake: catalog.Lake, said: dict[str, Any], **flag: str) -> int:
    """Images that a slice shares with another."""
    ids = (set(lake.slice(**one).to_arrow().column("image_id").to_pylist()) for one in (said, flag))
    return len(set.intersection(*ids))


def test_the_coverage_of_everything_is_that_of_the_view(worked: catalog.Lake) -> None:
    numbers = ("images", "has", "misses", "stale", "failed")
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in numbers)
    wanted = worked.sql(f"SELECT layer, {sums} FROM coverage GROUP BY layer ORDER BY layer").to_arrow_table()
    found = worked.slice().coverage().to_pylist()
    assert sorted(found, key=lambda row: str(row["layer"])) == wanted.to_pylist()
    assert all(any(row[state] for row in found) for state in numbers)


@pytest.mark.parametrize("said", SLICES)
def test_a_bin_of_areas_counts_what_its_flag_leaves(worked: catalog.Lake, said: dict[str, Any]) -> None:
    rows = worked.slice(**said).facets("roi_area")["roi_area"].to_pylist()
    assert [row["value"] for row in rows] == list(BINS)
    if "sample" not in said:
        assert [row["count"] for row in rows] == [worked.slice(**said, roi_area=value).count() for value in BINS]


def test_a_region_on_an_edge_counts_in_both_bins(worked: catalog.Lake) -> None:
    edge = worked.slice(where="image_id IN (SELECT image_id FROM rois WHERE area_ratio = 0.1)")
    counts = dict(zip(BINS, edge.facets("roi_area")["roi_area"].column("count").to_pylist(), strict=True))
    assert edge.count() > 0
    assert counts["0.05:0.1"] >= edge.count() <= counts["0.1:0.25"]


def test_an_empty_lake_has_no_images_in_any_layer_or_bin(lake: catalog.Lake) -> None:
    assert {tuple(row.values())[1:] for row in lake.slice().coverage().to_pylist()} == {(0, 0, 0, 0, 0)}
    assert lake.slice().facets("roi_area")["roi_area"].column("count").to_pylist() == [0] * len(BINS)
