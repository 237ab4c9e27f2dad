"""Results on disk: ``results-SIZE.json`` holds the newest outcome of every workload at a size."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Row, load, machine
from benchmarks.outcome import Outcome
from benchmarks.timing import Stats

HERE = Path(__file__).parent


@dataclass(slots=True)
class Results:
    """All that is known of one size."""

    size: str
    date: str = ""
    machine: str = ""
    load: float = 0.0
    """How busy the machine was before the newest run."""
    lake: dict[str, Any] = field(default_factory=dict)
    """Images, seconds to generate and to compact, bytes of each part."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    """Workloads on inputs of their own, timed as whole processes."""
    peers: list[str] = field(default_factory=list)
    """What is to be said of the peers."""

    def stamp(self) -> None:
        """Say when and where the newest outcomes were measured."""
        self.date, self.machine, self.load = f"{datetime.now(UTC):%Y-%m-%d}", machine(), load()

    def save(self) -> None:
        """Write the file."""
        text = json.dumps(asdict(self), indent=2)
        (HERE / f"results-{self.size}.json").write_text(text + "\n", encoding="utf-8")


def read(size: str) -> Results:
    """What is kept for a size; nothing when it was not measured."""
    file = HERE / f"results-{size}.json"
    if not file.exists():
        return Results(size)
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["outcomes"] = {key: _outcome(value) for key, value in kept["outcomes"].items()}
    kept["rows"] = {key: Row(**{**value, "ours": Cost(**value["ours"])}) for key, value in kept["rows"].items()}
    return Results(**kept)


def _outcome(kept: dict[str, Any]) -> Outcome:
    found = {name: Stats(**kept[name]) if kept[name] else None for name in ("ours", "floor")}
    peers = {name: Stats(**value) for name, value in kept["peers"].items()}
    return Outcome(**{**kept, **found, "peers": peers})
