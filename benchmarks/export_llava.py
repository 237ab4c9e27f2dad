"""Export of 100,000 images with a description each to LLaVA JSONL, no pixels: the target is under 3 s and 500 MB.

Time and memory are those of a whole child process, its start included. The floor is a bare DuckDB that attaches the
same lake in the same way and writes the same rows with COPY.
"""

from __future__ import annotations

from pathlib import Path

import catalog
from benchmarks.measure import Row, best, python
from catalog.lake.commit import locked

ROWS = 100_000
WORDS = [
    "axial",
    "image",
    "of",
    "the",
    "brain",
    "with",
    "a",
    "hyperdense",
    "region",
    "left",
    "temporal",
    "margin",
    "edema",
]
EXPORT = """
import sys, catalog
with catalog.open(sys.argv[1]) as lake:
    lake.slice().export("llava", sys.argv[2], images="none")
"""
FLOOR = """
import sys, duckdb
from catalog.lake.connection import load_extension
connection = duckdb.connect()
for name in ("ducklake", "sqlite_scanner"):
    load_extension(connection, name)
connection.execute(f"ATTACH 'ducklake:sqlite:{sys.argv[1]}/metadata.sqlite' AS lake (READ_ONLY, "
                   f"DATA_PATH '{sys.argv[1]}/data/', OVERRIDE_DATA_PATH true)")
connection.execute("USE lake")
connection.execute(f'''COPY (
    SELECT i.image_id AS id, i.file_name AS image, [
        {{'from': 'human', 'value': '<image>' || chr(10) || 'Describe this medical image.'}},
        {{'from': 'gpt', 'value': d.text}}] AS conversations
    FROM images AS i JOIN descriptions AS d ON d.image_id = i.image_id ORDER BY i.image_id, d.description_id
) TO '{sys.argv[2]}' (FORMAT json)''')
"""


def measure(rows: int, folder: Path) -> list[Row]:
    """``rows`` does not matter: the goal is about this many at every size."""
    del rows
    lake = folder / "lake-export"
    _build(lake, ROWS)
    floor = best(lambda number: python(FLOOR, str(lake), str(folder / f"floor-{number}.jsonl")))
    ours = best(lambda number: python(EXPORT, str(lake), str(folder / f"llava-{number}")))
    return [
        Row(
            workload="export to LLaVA, no images",
            amount=ROWS,
            unit="rows",
            ours=ours,
            floor="DuckDB COPY of the same rows",
            floor_seconds=floor.seconds,
            goal="3 s, 500 MB",
            met=ours.seconds < 3 and (ours.peak_mb or 0) < 500,
        )
    ]


def _build(path: Path, rows: int) -> None:
    """A lake of images with one description of 100 to 200 words each, as MedTrinity's have."""
    words = f"list_transform(range(100 + i % 100), lambda j: {WORDS}[1 + (hash(i * 1000 + j) % {len(WORDS)})::BIGINT])"
    with catalog.init(path) as lake, locked(lake.layout) as writer:
        writer.execute(
            "INSERT INTO images BY NAME SELECT md5(i::VARCHAR) AS image_id, 'bench' AS source, 'CC0-1.0' AS license, "
            f"true AS redistributable, 'slice ' || i || '.png' AS file_name FROM range({rows}) AS t(i)"
        )
        writer.execute(
            "INSERT INTO descriptions BY NAME SELECT md5(i::VARCHAR) AS image_id, md5('d' || i) AS description_id, "
            f"'published' AS kind, array_to_string({words}, ' ') AS text FROM range({rows}) AS t(i)"
        )
