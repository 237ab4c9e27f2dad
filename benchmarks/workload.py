"""What a workload is: a question asked of the lake and, in plain SQL, of the floor, with answers that must be equal."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.predicates import Predicate

if TYPE_CHECKING:
    from benchmarks.drawing import Drawer
    from benchmarks.floor import Floor
    from benchmarks.scale import Scale
    from catalog import Lake

Question = Any
"""What JSON can hold; a predicate is ``{"predicate": {...}}`` with whatever else is asked."""


@dataclass(slots=True)
class Session:
    """What a process that measures works with; both sides have their own prepared objects."""

    lake: Lake | None
    floor: Floor | None
    scratch: Path
    views: dict[str, Any] = field(default_factory=dict)
    exports: int = 0

    def folder(self) -> Path:
        """A path that nothing lies at yet."""
        self.exports += 1
        return self.scratch / f"export-{os.getpid()}-{self.exports}"


Ask = Callable[[Session, Question], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One line of the results."""

    key: str
    title: str
    """What is asked, with {viewed}, {exported}, ... for amounts of the size."""
    goal: float
    """Seconds, p95, warm, at 25M images."""
    questions: Callable[[Drawer, Scale], list[Question]]
    ours: Ask
    floor: Ask
    same: Callable[[Session, Question, Any, Any], bool] = lambda _, __, ours, floor: bool(ours == floor)
    prepare: Ask | None = None
    """Done before a question is asked of the lake, and not timed."""
    alone: int = 8
    """Questions that each side answers in a process of its own, for the cold time and the peak of memory."""
    rounds: int = 2
    """How often every question is asked in the warm process."""
    peers: bool = False
    """Whether peers are asked, too; answers are then numbers, or maps from values to numbers."""


def predicates(found: list[Predicate], **more: Any) -> list[Question]:
    """Questions about predicates, with whatever else is asked."""
    return [{"predicate": predicate.to_json(), **more} for predicate in found]


def predicate_of(question: Question) -> Predicate:
    """The predicate of a question."""
    return Predicate(**question["predicate"])


def slice_of(session: Session, question: Question) -> Any:
    """The lake's slice for a question."""
    assert session.lake is not None
    return session.lake.slice(**predicate_of(question).flags())


def floor_of(session: Session) -> Floor:
    """The floor of a session that has one."""
    assert session.floor is not None
    return session.floor
