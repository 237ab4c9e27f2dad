"""A small real lake of pictures in several formats, with boxes, a mask, texts and licences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from export_rows import rows

import catalog


@pytest.fixture(scope="session")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    given = rows(folder / "pictures")
    names = list(dict.fromkeys(name for one in given for name in one))
    pq.write_table(
        pa.Table.from_pylist([{name: one.get(name) for name in names} for one in given]), folder / "m.parquet"
    )
    with catalog.init(folder / "lake") as lake:
        report = lake.ingest(folder / "m.parquet", kind="manifest")
        assert (report.published.images, report.published.rois) == (10, 11)
    return folder / "lake"


@pytest.fixture
def mixed_lake(lake_path: Path) -> Iterator[catalog.Lake]:
    with catalog.open(lake_path) as lake:
        yield lake
