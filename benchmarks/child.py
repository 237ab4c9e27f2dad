"""Asks the questions of one workload in a process of its own: ``python -m benchmarks.child JOB.json`` prints JSON.

``ours`` and ``floor`` time the first answer, with the opening of the lake or of DuckDB, and then answer a few more, so
that the peak of memory is that of one side alone. ``both`` warms up, then asks every question of the lake and of the
floor in turn, the one and the other first, and compares the answers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.lakes import LakeFiles
from benchmarks.timing import peak_mb, stats, timed, two_cores
from benchmarks.workload import Session, Workload

MEMORY = "4GB"


def main() -> None:
    """Do the job and say what it took."""
    two_cores()
    job = json.loads(Path(sys.argv[1]).read_text())
    from benchmarks.workloads import ALL

    work = {"ours": _alone, "floor": _alone, "both": _both}[job["mode"]]
    print(json.dumps(work(ALL[job["workload"]], job)))


def _alone(workload: Workload, job: dict[str, Any]) -> dict[str, Any]:
    session = Session(lake=None, floor=None, scratch=Path(job["scratch"]))
    questions = job["questions"][: workload.alone]
    open_ = _open_lake if job["mode"] == "ours" else _open_floor

    def first() -> None:
        open_(session, job)
        _ask(session, workload, questions[0], job["mode"])

    cold, _ = timed(first)
    for question in questions[1:]:
        _ask(session, workload, question, job["mode"])
    return {"cold": cold, "peak_mb": peak_mb()}


def _both(workload: Workload, job: dict[str, Any]) -> dict[str, Any]:
    session = Session(lake=None, floor=None, scratch=Path(job["scratch"]))
    _open_lake(session, job)
    _open_floor(session, job)
    questions = job["questions"]
    _turn(session, workload, questions[-1], "ours")
    seconds: dict[str, list[float]] = {"ours": [], "floor": []}
    wrong: list[Any] = []
    plain: list[Any] = []
    for place in range(workload.rounds * len(questions)):
        question = questions[place % len(questions)]
        times, answers, same = _turn(session, workload, question, ("ours", "floor")[place % 2])
        for side, taken in times.items():
            seconds[side].append(taken)
        wrong += [] if same else [question]
        if workload.peers and place < len(questions):
            plain.append(_plain(answers["floor"]))
    found = {side: asdict(stats(taken)) for side, taken in seconds.items()}
    asked = {"asked": workload.rounds * len(questions), "wrong": len(wrong), "examples": wrong[:3]}
    return {**found, **asked, "answers": plain}


def _turn(
    session: Session, workload: Workload, question: Any, first: str
) -> tuple[dict[str, float], dict[str, Any], bool]:
    times: dict[str, float] = {}
    answers: dict[str, Any] = {}
    if workload.prepare:
        workload.prepare(session, question)
    for side in (first, "floor" if first == "ours" else "ours"):
        ask = workload.ours if side == "ours" else workload.floor
        times[side], answers[side] = timed(lambda ask=ask: ask(session, question))  # type: ignore[misc]
    return times, answers, workload.same(session, question, answers["ours"], answers["floor"])


def _ask(session: Session, workload: Workload, question: Any, side: str) -> None:
    if side == "ours" and workload.prepare:
        workload.prepare(session, question)
    (workload.ours if side == "ours" else workload.floor)(session, question)


def _open_lake(session: Session, job: dict[str, Any]) -> None:
    import catalog

    session.lake = catalog.open(job["lake"], memory_limit=MEMORY)


def _open_floor(session: Session, job: dict[str, Any]) -> None:
    from benchmarks.floor import Floor

    session.floor = Floor(LakeFiles(**job["files"]))


def _plain(answer: Any) -> Any:
    """An answer as JSON holds it, which is how peers give theirs; a table only by its ids, files not at all."""
    if isinstance(answer, Path):
        return None
    if isinstance(answer, dict) and "rois" in answer:
        return [sorted(answer[table][key].to_pylist()) for table, key in (("images", "image_id"), ("rois", "roi_id"))]
    if isinstance(answer, dict):
        return {column: {str(value): number for value, number in told.items()} for column, told in answer.items()}
    return answer


if __name__ == "__main__":
    main()
