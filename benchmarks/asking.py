"""Runs the workloads that are asked as questions: draws them, and gives each workload processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.drawing import Drawer
from benchmarks.floor import Floor
from benchmarks.lakes import LakeFiles
from benchmarks.outcome import Outcome
from benchmarks.peers.running import Peers
from benchmarks.scale import Scale
from benchmarks.timing import Stats
from benchmarks.workload import Workload

ROOT = Path(__file__).parent.parent


def ask_all(
    workloads: list[Workload], lake: Path, scale: Scale, files: LakeFiles, peers: Peers | None
) -> Iterator[Outcome]:
    """The outcome of every workload, as soon as it is there."""
    drawer = Drawer(Floor(files))
    drawn = [(workload, workload.questions(drawer.about(workload.key), scale)) for workload in workloads]
    drawer.floor.connection.close()
    for workload, questions in drawn:
        yield _one(workload, questions, lake, scale, files, peers)


def _one(
    workload: Workload, questions: list[Any], lake: Path, scale: Scale, files: LakeFiles, peers: Peers | None
) -> Outcome:
    with tempfile.TemporaryDirectory(dir=lake.parent) as scratch:
        job = {
            "workload": workload.key,
            "lake": str(lake),
            "files": files.to_json(),
            "questions": questions,
            "scratch": scratch,
        }

        def run(mode: str) -> dict[str, Any]:
            return child("benchmarks.child", {**job, "mode": mode}, Path(scratch))

        alone = {side: run(side) for side in ("ours", "floor")}
        both = run("both")
        told = peers.ask(workload.key, questions, both["answers"]) if peers and workload.peers else {}
    return Outcome(
        key=workload.key,
        title=workload.title.format(**amounts(scale)),
        goal=workload.goal,
        ours=Stats(**both["ours"]),
        cold=alone["ours"]["cold"],
        peak_mb=alone["ours"]["peak_mb"],
        floor=Stats(**both["floor"]),
        floor_cold=alone["floor"]["cold"],
        floor_peak_mb=alone["floor"]["peak_mb"],
        asked=both["asked"],
        wrong=both["wrong"],
        peers={name: found.stats for name, found in told.items() if found.stats},
        notes=[f"wrong: {json.dumps(question)[:300]}" for question in both["examples"]]
        + [f"{name}: {found.note}" for name, found in told.items() if found.note],
    )


def amounts(scale: Scale) -> dict[str, str]:
    """The amounts of a size, as titles name them."""
    return {name: f"{getattr(scale, name):,}" for name in ("viewed", "exported", "appended", "commits", "committed")}


def child(module: str, job: dict[str, Any], scratch: Path, *, python: str = sys.executable) -> dict[str, Any]:
    """Run a module on a job and read the JSON that it prints last.

    Raises:
        SystemExit: It failed.
    """
    file = scratch / f"job-{module}.json"
    file.write_text(json.dumps(job))
    done = subprocess.run([python, "-m", module, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{module} failed on {job.get('workload', '')} {job.get('mode', '')}: {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
