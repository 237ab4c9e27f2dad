"""Export of 100,000 images with a description each to LLaVA JSONL, no pixels: the target is under 3 s and 500 MB.

Time and memory are those of a whole child process, its start included. The floor is a bare DuckDB that attaches the
same lake in the same way and writes the same rows with COPY.

    python benchmarks/export_llava.py [ROWS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def main() -> None:
    """Build the lake, run the floor and the export in processes of their own, and print what they took."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        _build(lake, rows)
        floor = _report("DuckDB COPY (floor)", FLOOR, lake, Path(folder, "floor.jsonl"))
        ours = _report("triptych export", EXPORT, lake, Path(folder, "llava"))
        print(f"ratio to the floor: {ours / floor:.2f}")


def _build(path: Path, rows: int) -> None:
    """A lake of images with one description of 100 to 200 words each, as MedTrinity's have."""
    import catalog
    from catalog.lake.commit import locked

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


def _report(name: str, script: str, lake: Path, out: Path) -> float:
    """Run a script, print what it took, and return its wall seconds."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", script, str(lake), str(out)])
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} failed with {child.returncode}")
    size = sum(file.stat().st_size for file in ([out] if out.is_file() else out.iterdir())) / 1e6
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000
    print(f"{name}: {seconds:.2f} s ({cpu:.2f} s of CPU), peak {peak:.0f} MB, {size:.0f} MB written")
    return seconds


if __name__ == "__main__":
    main()
