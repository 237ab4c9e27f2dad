"""Shards of 100,000 images appended to the lake, until a reader that was open before counts them in.

``python -m benchmarks.append JOB.json`` does it in a process of its own and prints JSON. The floor is a bare DuckDB
that writes the same rows to Parquet files, without checks, ids, keys or metadata.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.asking import amounts, child
from benchmarks.drawing import MANY
from benchmarks.lakes import SEED, fingerprint, scratch_copy
from benchmarks.outcome import Outcome
from benchmarks.scale import Scale
from benchmarks.timing import Stats, peak_mb, stats, timed, two_cores

_ALONE = 4
"""Appends before the floor's first turn: their peak of memory is ours alone."""


def measure(lake: Path, scale: Scale) -> list[Outcome]:
    """On a copy of the lake that shares its files."""
    with tempfile.TemporaryDirectory(dir=lake.parent) as folder:
        copy = scratch_copy(lake, Path(folder) / "lake")
        job = {
            "lake": str(copy),
            "rows": scale.rows,
            "appended": scale.appended,
            "captions": scale.captions,
            "scratch": folder,
        }
        said = child("benchmarks.append", job, Path(folder))
    return [
        Outcome(
            key="append",
            title="append a shard of {appended} images, until it is counted".format(**amounts(scale)),
            goal=3.0,
            ours=Stats(**said["ours"]),
            cold=said["cold"],
            peak_mb=said["peak_mb"],
            floor=Stats(**said["floor"]),
            asked=said["asked"],
            wrong=said["wrong"],
            notes=[f"append: {said['rewritten']} of {said['old_files']} old data files changed in size, time or inode"],
        )
    ]


def main() -> None:
    """Append, count, look at the old files."""
    two_cores()
    job = json.loads(Path(sys.argv[1]).read_text())
    lake = Path(job["lake"])
    before = fingerprint(lake)
    ours, floors, wrong, peak = [], [], 0, 0.0
    for place in range(MANY):
        known = fingerprint(lake)
        seconds, count = timed(lambda place=place: _append(job, place))  # type: ignore[misc]
        ours.append(seconds)
        wrong += count != job["rows"] + (place + 1) * job["appended"]
        if place < _ALONE:
            peak = peak_mb()
        else:
            new = [str(lake / name) for name in fingerprint(lake).keys() - known.keys()]
            floors.append(_floor(new, Path(job["scratch"]) / "floor"))
    after = fingerprint(lake)
    changed = sum(after.get(name) != stat for name, stat in before.items())
    said: dict[str, Any] = {"ours": asdict(stats(ours[1:])), "floor": asdict(stats(floors)), "cold": ours[0]}
    said |= {"peak_mb": peak, "asked": MANY, "wrong": wrong + changed, "rewritten": changed, "old_files": len(before)}
    print(json.dumps(said))


def _append(job: dict[str, Any], place: int) -> int:
    import catalog
    from benchmarks.synthetic import generate

    start = job["rows"] + place * job["appended"]
    generate(job["lake"], rows=job["appended"], seed=SEED, captions=job["captions"], start=start)
    with catalog.open(job["lake"]) as lake:
        return int(lake.slice().count())


def _floor(files: list[str], folder: Path) -> float:
    import duckdb

    folder.mkdir()
    connection = duckdb.connect(config={"threads": 2})
    tables: dict[str, list[str]] = {}
    for file in files:
        tables.setdefault(Path(file).parent.name, []).append(file)

    def write() -> None:
        for name, parts in tables.items():
            connection.execute(f"COPY (FROM read_parquet({parts})) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")

    seconds, _ = timed(write)
    shutil.rmtree(folder)
    return seconds


if __name__ == "__main__":
    main()
