"""How fast manifests are read into Arrow tables: 1,000,000 rows with boxes, as Parquet, CSV and JSON lines.

    python benchmarks/manifest_read.py [ROWS]

The peer, in the same run, is DuckDB copying the same file into an Arrow table without looking at it.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from catalog.ingest.contract import Lookup, Options
from catalog.ingest.manifest import ManifestReader
from catalog.lake.keys import KeyedHash

_ROWS = """
SELECT
    'img' || i // 2 AS image_id,
    'images/img' || (i // 2) || '.png' AS uri,
    ['CT', 'MR', 'XR'][1 + (i // 2) % 3] AS modality,
    ['lung', 'brain;skull', 'liver'][1 + (i // 2) % 3] AS organ,
    'cancer' AS disease,
    512 AS width,
    512 AS height,
    'p' || (i // 40) AS pid,
    (i % 200)::DOUBLE AS x0,
    (i % 300)::DOUBLE AS y0,
    (i % 200 + 50)::DOUBLE AS x1,
    (i % 300 + 60)::DOUBLE AS y1,
    'mass' AS label,
    'lesion' AS kind,
    'A caption of image ' || (i // 2) AS caption,
    i // 2 % 77 AS age
FROM range(?) AS rows(i)
"""
_PEERS = {
    "parquet": "read_parquet('{}')",
    "csv": "read_csv('{}')",
    "jsonl": "read_json('{}', format = 'newline_delimited')",
}


class _Nothing:
    """A lake without images."""


def main(rows: int) -> None:
    """Make the files, read them, print rows a second."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix, peer in _PEERS.items():
            path = Path(folder, f"manifest.{suffix}")
            kind = {"jsonl": "json"}.get(suffix, suffix)
            duckdb.execute(f"COPY ({_ROWS}) TO '{path}' (FORMAT {kind})", [rows])
            bare = _timed(partial(_bare, peer.format(path)))
            ours = _timed(partial(_read, path))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{suffix:8} {rows / ours:10,.0f} rows/s   bare DuckDB {rows / bare:12,.0f}   peak {peak} MB")


def _bare(source: str) -> int:
    return int(duckdb.sql(f"FROM {source}").to_arrow_table().num_rows)


def _read(path: Path) -> int:
    reader = ManifestReader([path], Options(keys=KeyedHash(b"bench"), columns={"pid": "patient"}))
    lookup: Lookup = _Nothing()  # type: ignore[assignment]
    return sum(reader.read(unit, lookup).tables["rois"].num_rows for unit in reader.units())


def _timed(work: Callable[[], int]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
