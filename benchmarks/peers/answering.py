"""A peer's process: ``python -m benchmarks.peers.answering JOB.json`` builds its data, or answers and prints JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.peers.contract import Peer
from benchmarks.timing import peak_mb, stats, two_cores

PEERS = {
    "polars": ("with_polars", "Polars"),
    "LanceDB": ("with_lancedb", "LanceDB"),
    "HF datasets": ("with_datasets", "HuggingFace"),
    "FiftyOne": ("with_fiftyone", "FiftyOne"),
}
_BUDGET = 12.0
"""Seconds for one workload; beyond them no further question is asked."""
_LEAST = 3
"""Questions that are asked in any case."""


def main() -> None:
    """Do the job and say what it took."""
    two_cores()
    job = json.loads(Path(sys.argv[1]).read_text())
    module, name = PEERS[job["peer"]]
    peer: Peer = getattr(importlib.import_module(f"benchmarks.peers.{module}"), name)(Path(job["folder"]))
    print(json.dumps((_build if job["mode"] == "build" else _answer)(peer, job)))


def _build(peer: Peer, job: dict[str, Any]) -> dict[str, Any]:
    begin = time.perf_counter()
    peer.build(job["files"])
    return {"seconds": time.perf_counter() - begin}


def _answer(peer: Peer, job: dict[str, Any]) -> dict[str, Any]:
    peer.open(job["files"])
    questions = job["questions"]
    _one(peer, job["workload"], questions[-1], job["out"])
    seconds, answers = [], []
    for place, question in enumerate(questions):
        if place >= _LEAST and sum(seconds) > _BUDGET:
            break
        begin = time.perf_counter()
        answer = _one(peer, job["workload"], question, f"{job['out']}-{place}.parquet")
        seconds.append(time.perf_counter() - begin)
        answers.append(answer)
    return {"stats": asdict(stats(seconds)), "answers": answers, "peak_mb": peak_mb()}


def _one(peer: Peer, workload: str, question: Any, out: str) -> Any:
    if workload == "look-up":
        return peer.look_up(question["ids"])
    said = question["predicate"]
    if workload.startswith("facet"):
        return {column: peer.facet(said, column) for column in question["columns"]}
    if workload.startswith("export"):
        peer.export(said, Path(out))
        return out
    return peer.count(said)


if __name__ == "__main__":
    main()
