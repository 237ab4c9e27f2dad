"""From the start of a process to its first count, each in a process of its own; pages of the disk stay in memory."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.drawing import Drawer
from benchmarks.floor import Floor
from benchmarks.lakes import LakeFiles
from benchmarks.measure import Cost, python, triptych
from benchmarks.outcome import Outcome
from benchmarks.predicates import listed
from benchmarks.timing import stats

_OURS = """
import sys, catalog
with catalog.open(sys.argv[1], memory_limit="4GB") as lake:
    lake.slice(modality=sys.argv[2]).count()
"""
_FLOOR = """
import sys, duckdb
connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
connection.execute(f"SELECT count(*) FROM read_parquet({sys.argv[1]}) WHERE modality = ?", [sys.argv[2]]).fetchall()
"""


def measure(lake: Path, files: LakeFiles) -> list[Outcome]:
    """Python, and the command line."""
    drawer = Drawer(Floor(files))
    modalities = [predicate.modality[0] for predicate in drawer.modalities()]
    drawer.floor.connection.close()
    images = listed(files.files["images"])
    floor, ours, command = [], [], []
    for modality in modalities:
        floor.append(python(_FLOOR, images, modality))
        ours.append(python(_OURS, str(lake), modality))
        command.append(triptych("--lake", str(lake), "count", "--modality", modality))
    said = f"cold: process start to first count where modality ({Path(sys.executable).name}, catalog.open)"
    return [
        _outcome("cold", said, ours, floor),
        _outcome("cold-command", "cold: triptych count --modality", command, floor),
    ]


def _outcome(key: str, title: str, ours: list[Cost], floor: list[Cost]) -> Outcome:
    seconds, floors = ([cost.seconds for cost in costs] for costs in (ours, floor))
    return Outcome(
        key=key,
        title=title,
        goal=0.6,
        ours=stats(seconds),
        cold=seconds[0],
        peak_mb=max(cost.peak_mb or 0 for cost in ours),
        floor=stats(floors),
        floor_cold=floors[0],
        floor_peak_mb=max(cost.peak_mb or 0 for cost in floor),
    )
