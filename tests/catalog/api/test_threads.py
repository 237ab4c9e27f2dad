"""One lake, many threads: each gets its own answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import catalog
from catalog.errors import UsageError

THREADS = 6
TIMES = 25


@pytest.mark.parametrize("name", ["snapshot", "snapshots", "sql", "stream", "to_duckdb", "view", "page"])
def test_threads_that_share_a_lake_get_their_own_answers(chest_lake: catalog.Lake, name: str) -> None:
    def viewed() -> tuple[int, int]:
        with chest_lake.slice(modality="CT").view() as view:
            return view.snapshot, view.count

    calls: dict[str, Callable[[], Any]] = {
        "snapshot": chest_lake.snapshot,
        "snapshots": lambda: chest_lake.snapshots().num_rows,
        "sql": lambda: chest_lake.sql("SELECT image_id FROM images WHERE modality = $m", m="CT").fetchall(),
        "stream": lambda: chest_lake.slice().stream(columns="image_id").read_all().to_pydict(),
        "to_duckdb": lambda: chest_lake.slice(modality="CT").to_duckdb().fetchall(),
        "view": viewed,
        "page": lambda: chest_lake.slice(modality="CT").page(columns="image_id").to_pydict(),
    }
    alone = calls[name]()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = [pool.submit(calls[each]) for _ in range(TIMES) for each in (name, "sql", name, "view")]
        mixed = [answer.result() for answer in answers]
    assert mixed[::4] == [alone] * TIMES


def test_a_relation_of_a_slice_is_read_when_it_is_used(chest_lake: catalog.Lake) -> None:
    relation = chest_lake.slice(modality="CT", roi_area=(0.0, 0.5)).to_duckdb()
    assert "COLUMN_DATA_SCAN" not in relation.explain()
    assert relation.project("image_id").fetchall() == [("ct",)]


def test_a_view_of_a_closed_lake_says_so(chest_lake: catalog.Lake) -> None:
    view = chest_lake.slice().view()
    view.wait()
    chest_lake.close()
    for ask in (lambda: view.page(0), view.first, lambda: view.count):
        with pytest.raises(UsageError, match="this lake is closed"):
            ask()
