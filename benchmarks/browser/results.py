"""What was found, on disk and as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import machine
from benchmarks.timing import stats

HERE = Path(__file__).parent.parent
KEPT = HERE / "results-browser.json"
BEGIN, END = "<!-- begin of what was measured -->", "<!-- end of what was measured -->"
GOALS: dict[str, tuple[str, float | None]] = {
    "first paint": ("process start to the first frame with its panes, in a plain terminal", 0.7),
    "first rows": ("process start to the first row, in a plain terminal", 1.0),
    "first paint, tmux": ("the same inside of tmux: first frame", 0.7),
    "first rows, tmux": ("the same inside of tmux: first row", 1.0),
    "facets": ("click on a value to all facets of images counted", 0.3),
    "regions": ("click to kind, area and zone of regions counted", 0.3),
    "layers": ("click to what the images have and lack", 0.3),
    "first rows of a slice": ("click to the first rows of the new slice", 0.15),
    "page": ("jump to any row", 0.05),
    "page, sorted": ("jump to any row, sorted by a column", 0.05),
    "first rows, sorted": ("sort all images by a column: first rows", None),
    "all rows, sorted": ("sort all images by a column: every row known", None),
    "JPEG": ("cursor on a row to its picture: linked JPEG, 512 x 512", 0.15),
    "DICOM": ("the same: DICOM, 512 x 512, 16 bits", 0.2),
    "cached": ("the same: drawn before", 0.02),
    "typing": ("key to letter while a slice is being counted", 0.1),
    "lag, clicking": ("how late the loop answers while facets are counted", 0.05),
    "lag, roaming": ("how late the loop answers in random use", 0.05),
}
"""In words, and seconds (p95); typing and the loop have to keep what a person takes for at once."""
_ROOM, _GROWTH = 500.0, 0.02
"""MB, and the share by which the last quarter may differ from the one before."""


@dataclass(slots=True)
class Browsing:
    """Everything that was measured last, part by part."""

    machine: str = ""
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Date, images, load and seconds of the part, and under samples its numbers."""

    def take(self, part: str, found: dict[str, Any], *, images: int, load: float, seconds: float) -> None:
        """Keep what one part has found."""
        self.machine = machine()
        told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "images": images, "load": round(load, 1)}
        self.parts[part] = {**told, "seconds": round(seconds, 1), **_summed(part, found)}

    def save(self, file: Path) -> None:
        """Write the file."""
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def lines(self, part: str) -> list[str]:
        """The rows of the table that one part fills."""
        found = self.parts[part]
        told = [f"{found['images']:,}", f"{found['load']:.1f}"]
        rows = [_timed(name, times, told) for name, times in found["times"].items()]
        return [*rows, *_remembered(found["memory"], told)] if "memory" in found else rows


def read(file: Path) -> Browsing:
    """What is kept in a file; nothing if there is none."""
    return Browsing(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else Browsing()


def write_page(kept: Browsing, page: Path) -> None:
    """Write the table into the page, which has words of its own before and after it."""
    head = ["what", "goal (p95)", "p50", "p95", "most", "times", "met", "images", "load"]
    rows = [line for part in kept.parts for line in kept.lines(part)]
    table = "\n".join([_row(head), _row(["---"] * len(head)), *rows])
    before, after = "# The browser, measured\n\n", "\n"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{kept.machine}.\n\n{table}\n{END}{after}", encoding="utf-8")


def _summed(part: str, found: dict[str, Any]) -> dict[str, Any]:
    """Samples as numbers that say enough of them."""
    named = {f"lag, {part}" if name == "lag" else name: value for name, value in found.items()}
    times = {name: _spread(named[name]) for name in GOALS if named.get(name)}
    if "memory" not in found:
        return {"times": times}
    rest = {name: found[name] for name in ("acts", "at rest")}
    return {"times": times, "memory": {"quarters": _quarters(found["memory"]), **rest}}


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    said = stats(seconds)
    return {
        "p50": round(said.p50, 4),
        "p95": round(said.p95, 4),
        "most": round(max(seconds), 4),
        "times": len(seconds),
    }


def _quarters(memory: Sequence[float]) -> list[dict[str, float]]:
    size = max(1, len(memory) // 4)
    parts: Iterable[Sequence[float]] = (memory[at * size : (at + 1) * size] for at in range(4))
    return [{"median": round(median(part), 1), "most": round(max(part), 1)} for part in parts if part]


def _timed(name: str, times: dict[str, float], told: list[str]) -> str:
    words, goal = GOALS[name]
    met = "" if goal is None else "yes" if times["p95"] <= goal else "**no**"
    spread = [_time(times[key]) for key in ("p50", "p95", "most")]
    return _row([words, _time(goal) if goal else "", *spread, f"{times['times']:,}", met, *told])


def _remembered(memory: dict[str, Any], told: list[str]) -> list[str]:
    quarters = memory["quarters"]
    actions = f"{sum(memory['acts'].values()):,}"
    most, medians = max(part["most"] for part in quarters), [part["median"] for part in quarters]
    grown = medians[-1] / medians[-2] - 1 if len(medians) > 1 else 0.0
    said = ", ".join(f"{part['median']:.0f} ({part['most']:.0f})" for part in quarters)
    return [
        _row(
            [
                "most memory in random use",
                f"{_ROOM:.0f} MB",
                "",
                "",
                f"{most:.0f} MB",
                actions,
                _met(most < _ROOM),
                *told,
            ]
        ),
        _row(
            [
                f"memory by quarters, median (most): {said} MB",
                f"last two within {_GROWTH:.0%}",
                "",
                "",
                f"{grown:+.1%}",
                actions,
                _met(grown <= _GROWTH),
                *told,
            ]
        ),
    ]


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
