"""A manifest of a million rows or more, an image and a box each, into an empty lake.

The floor is DuckDB pouring the same Parquet file into a DuckLake table of its own: no checks, no regions, no ids.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.measure import Cost, Row, best, python, triptych

_ROWS = """
SELECT
    printf('%08x-case', hash(i)) || i AS image_id,
    'images/img' || i || '.png' AS uri,
    ['CT', 'MR', 'DX'][1 + i % 3] AS modality,
    ['lung', 'brain', 'liver'][1 + i % 3] AS organ,
    ['lung cancer', 'glioma', 'cyst', NULL][1 + i % 4] AS disease,
    512 AS width,
    512 AS height
    {box}
FROM range(?) AS rows(i)
"""
_BOX = """,
    (i % 200)::DOUBLE AS x0,
    (i % 300)::DOUBLE AS y0,
    (i % 200 + 50)::DOUBLE AS x1,
    (i % 300 + 60)::DOUBLE AS y1,
    'mass' AS label,
    'lesion' AS kind
"""
_FLOOR = """
import sys, duckdb
from catalog.lake.connection import load_extension
connection = duckdb.connect()
for name in ("ducklake", "sqlite_scanner"):
    load_extension(connection, name)
connection.execute(f"ATTACH 'ducklake:sqlite:{sys.argv[2]}.sqlite' AS lake (DATA_PATH '{sys.argv[2]}')")
connection.execute(f"CREATE TABLE lake.images AS FROM read_parquet('{sys.argv[1]}')")
"""


def measure(rows: int, folder: Path) -> list[Row]:
    """Images alone, and images with a box each."""
    return [_one(rows, folder, "images alone", ""), _one(rows, folder, "images with a box each", _BOX)]


def _one(rows: int, folder: Path, name: str, box: str) -> Row:
    slug = name.replace(" ", "-")
    manifest = folder / f"{slug}.parquet"
    duckdb.execute(f"COPY ({_ROWS.format(box=box)}) TO '{manifest}' (FORMAT parquet)", [rows])
    floor = best(lambda number: python(_FLOOR, str(manifest), str(folder / f"floor-{slug}-{number}")))
    ours = best(lambda number: _ingest(manifest, folder / f"lake-{slug}-{number}"))
    return Row(
        workload=f"manifest ingest, {name}",
        amount=rows,
        unit="rows",
        ours=ours,
        floor="DuckDB: Parquet into a bare DuckLake table",
        floor_seconds=floor.seconds,
        goal="200,000 rows/s",
        met=rows / ours.seconds >= 200_000,
    )


def _ingest(manifest: Path, lake: Path) -> Cost:
    triptych("init", str(lake))
    return triptych("--lake", str(lake), "ingest", str(manifest), "--as", "manifest", "--source", "bench")
