"""Many small commits, then ``compact``: how long it takes, how much memory, and how fast queries are at each stage.

``python -m benchmarks.compacting JOB.json`` does one stage in a process of its own and prints JSON. The floor is a bare
DuckDB that rewrites once, sorted, the rows of the files that ``compact`` replaced.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.asking import amounts, child
from benchmarks.drawing import Drawer
from benchmarks.floor import Floor
from benchmarks.lakes import SEED, LakeFiles, lake_files, scratch_copy
from benchmarks.outcome import Outcome
from benchmarks.scale import Scale
from benchmarks.timing import Stats, peak_mb, stats, timed, two_cores
from benchmarks.workload import Session

_ASKED = ("facet-four", "count-images", "count-regions", "count-regions-alone", "look-up")
_MEMORY_MB = 2000
_KEYS = {"image_ids": "id_hash", "roi_index": "place", "profiles": "profile"}
_PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 16384"


def measure(lake: Path, scale: Scale) -> list[Outcome]:
    """Commit, ask, compact, ask again, on a copy of the lake that shares its files."""
    with tempfile.TemporaryDirectory(dir=lake.parent) as folder:
        copy = scratch_copy(lake, Path(folder) / "lake")
        job = {"lake": str(copy), "scratch": folder, "questions": _questions(lake, scale)}
        amount = {"rows": scale.rows, "commits": scale.commits, "committed": scale.committed}

        def stage(name: str, **more: Any) -> dict[str, Any]:
            return child("benchmarks.compacting", {**job, **more, "mode": name}, Path(folder))

        queries = {"before": stage("ask")}
        commits = stage("commit", **amount)
        fragments = lake_files(copy)
        queries["in fragments"] = stage("ask")
        ours = stage("compact")
        queries["compacted"] = stage("ask")
        floor = stage("floor", touched=_gone(fragments, lake_files(copy)))
    same = queries["in fragments"]["answers"] == queries["compacted"]["answers"]
    return [_outcome(scale, ours, floor, commits, queries, same=same)]


def _outcome(
    scale: Scale, ours: Any, floor: Any, commits: Any, queries: dict[str, dict[str, Any]], *, same: bool
) -> Outcome:
    seconds, least = ours["seconds"], floor["seconds"]
    speeds = [
        f"{key}: " + ", ".join(f"{1000 * told['p95'][key]:.0f} ms {stage}" for stage, told in queries.items())
        for key in _ASKED
    ]
    each = Stats(**commits["each"])
    return Outcome(
        key="compact",
        title="compact after {commits} commits of {committed} images".format(**amounts(scale)),
        goal=2 * least,
        goal_said="2x the floor, 2 GB",
        ours=Stats(p50=seconds, p95=seconds, times=1),
        peak_mb=ours["peak_mb"],
        floor=Stats(p50=least, p95=least, times=1),
        floor_peak_mb=floor["peak_mb"],
        asked=1,
        wrong=0 if same else 1,
        met=seconds <= 2 * least and ours["peak_mb"] < _MEMORY_MB,
        notes=[
            f"compact: one of the small commits takes {1000 * each.p50:.0f} ms (p95 {1000 * each.p95:.0f}); the files "
            f"that it replaced hold {floor['rows']:,} rows of all tables",
            "compact, p95 of queries before the commits, with their files, and after it: " + "; ".join(speeds),
        ],
    )


def main() -> None:
    """Do one stage and say what it took."""
    two_cores()
    job = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(_STAGES[job["mode"]](job)))


def _questions(lake: Path, scale: Scale) -> dict[str, list[Any]]:
    from benchmarks.workloads import ALL

    drawer = Drawer(Floor(lake_files(lake)))
    return {key: ALL[key].questions(drawer.about(f"{key}, compacted"), scale) for key in _ASKED}


def _ask(job: dict[str, Any]) -> dict[str, Any]:
    import catalog
    from benchmarks.workloads import ALL

    p95, answers = {}, {}
    with catalog.open(job["lake"], memory_limit="4GB") as lake:
        session = Session(lake=lake, floor=None, scratch=Path(job["scratch"]))
        for key, questions in job["questions"].items():
            ALL[key].ours(session, questions[-1])
            asked = [
                timed(lambda key=key, question=question: ALL[key].ours(session, question)) for question in questions
            ]  # type: ignore[misc]
            p95[key] = stats([seconds for seconds, _ in asked]).p95
            if key != "look-up":
                answers[key] = [answer for _, answer in asked]
    return {"p95": p95, "answers": answers}


def _commit(job: dict[str, Any]) -> dict[str, Any]:
    from benchmarks.synthetic import generate

    def one(place: int) -> float:
        start = job["rows"] + place * job["committed"]
        return timed(lambda: generate(job["lake"], rows=job["committed"], seed=SEED, start=start))[0]

    return {"each": asdict(stats([one(place) for place in range(job["commits"])]))}


def _compact(job: dict[str, Any]) -> dict[str, Any]:
    import catalog

    with catalog.open(job["lake"], write=True) as lake:
        seconds, _ = timed(lake.compact)
    return {"seconds": seconds, "peak_mb": peak_mb()}


def _floor(job: dict[str, Any]) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
    connection.execute(f"SET temp_directory = '{job['scratch']}/spill'")
    rows = 0

    def rewrite() -> None:
        nonlocal rows
        for table, files in job["touched"].items():
            read = f"FROM read_parquet({files}, union_by_name = true) ORDER BY {_KEYS.get(table, 'image_key')}"
            told = connection.execute(f"COPY ({read}) TO '{job['scratch']}/{table}.parquet' ({_PARQUET})").fetchall()
            rows += told[0][0]

    seconds, _ = timed(rewrite)
    return {"seconds": seconds, "peak_mb": peak_mb(), "rows": rows}


def _gone(before: LakeFiles, after: LakeFiles) -> dict[str, list[str]]:
    """Files that a table no longer has; they are still on disk for older snapshots."""
    gone = {table: sorted(set(files) - set(after.files[table])) for table, files in before.files.items()}
    return {table: files for table, files in gone.items() if files}


_STAGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ask": _ask,
    "commit": _commit,
    "compact": _compact,
    "floor": _floor,
}


if __name__ == "__main__":
    main()
