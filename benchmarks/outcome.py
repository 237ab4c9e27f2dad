"""What came out of a workload at one size."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.timing import Stats

WITHIN = 1.3
"""How many times the floor a workload may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line of the results; seconds and MiB."""

    key: str
    title: str
    goal: float
    """Seconds, p95, warm."""
    goal_said: str = ""
    """The goal in words, where it is not a time."""
    ours: Stats
    cold: float | None = None
    peak_mb: float | None = None
    floor: Stats | None = None
    floor_cold: float | None = None
    floor_peak_mb: float | None = None
    asked: int = 0
    """Answers that were compared with the floor's."""
    wrong: int = 0
    peers: dict[str, Stats] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    met: bool | None = None
    """Whether the goal is met, where its time does not decide."""

    @property
    def ratio(self) -> float | None:
        """Ours over the floor's, in the middle."""
        return self.ours.p50 / self.floor.p50 if self.floor else None

    @property
    def goal_met(self) -> bool:
        """Whether the goal of 25M images is met at this size, with every answer right."""
        return self.wrong == 0 and (self.ours.p95 <= self.goal if self.met is None else self.met)
