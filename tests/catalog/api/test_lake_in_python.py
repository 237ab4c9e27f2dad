"""A lake in Python: values of queries, pages, and a lake that is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
from catalog.api.memory import checked
from catalog.errors import UsageError
from catalog.records import Image
from tests.conftest import take_in


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three CT images."""
    folder = tmp_path_factory.mktemp("python") / "lake"
    records = [Image(image_id=f"i{n}", source="s", modality="CT", content_hash=str(n)) for n in range(3)]
    with catalog.init(folder) as made:
        take_in(made.layout, {"all": records})
    return folder


def test_a_query_without_a_value_says_which_it_lacks(lake: Path) -> None:
    with catalog.open(lake) as opened:
        with pytest.raises(UsageError, match=r"the query names \$m; give it a value: lake.sql\(query, m=...\)"):
            opened.sql("SELECT $m AS m")
        with pytest.raises(UsageError, match=r"the query has no \$n"):
            opened.sql("SELECT $m AS m", m=1, n=2)
        assert opened.sql("SELECT $m AS m", m=1).fetchall() == [(1,)]


def test_a_page_is_all_with_a_limit_of_minus_one(lake: Path) -> None:
    with catalog.open(lake) as opened:
        images = opened.slice(modality="CT")
        assert (images.page(limit=-1).num_rows, images.page(limit=2).num_rows) == (3, 2)
        assert images.page(limit=-1, offset=1).column("image_id").to_pylist() == ["i1", "i2"]
        with pytest.raises(UsageError, match="limit=-2"):
            images.page(limit=-2)


def test_a_closed_lake_is_not_opened_again_quietly(lake: Path, tmp_path: Path) -> None:
    with catalog.open(lake, write=True) as opened:
        pass
    for use in (opened.reader, opened.snapshot, opened.slice, lambda: opened.ingest(tmp_path)):
        with pytest.raises(UsageError, match="this lake is closed; open it again"):
            use()


@pytest.mark.parametrize("amount", ["1KB", "-1", "50%", "lots", "", "63MB", "0", "nan"])
def test_memory_that_no_lake_can_work_with_is_refused(lake: Path, amount: str) -> None:
    with pytest.raises(UsageError, match="memory"):
        catalog.open(lake, memory_limit=amount)


@pytest.mark.parametrize("amount", ["64MB", "2GB", "1.5 GiB", "2g"])
def test_an_amount_of_memory_is_taken_as_it_is(amount: str) -> None:
    assert checked(amount) == amount
