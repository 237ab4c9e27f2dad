"""Exact counts of slices, and their first hundred rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.drawing import Drawer
from benchmarks.predicates import Predicate
from benchmarks.scale import Scale
from benchmarks.workload import Question, Session, Workload, floor_of, predicate_of, predicates, slice_of

_FIRST = 100
Draw = Callable[[Drawer], list[Predicate]]


def _count(session: Session, question: Question) -> int:
    return int(slice_of(session, question).count())


def _count_floor(session: Session, question: Question) -> int:
    return floor_of(session).count(predicate_of(question))


def _first(session: Session, question: Question) -> Any:
    return slice_of(session, question).page(limit=_FIRST)


def _first_floor(session: Session, question: Question) -> Any:
    where = predicate_of(question).where()
    return floor_of(session).table(f"SELECT * FROM images WHERE {where} LIMIT {_FIRST}")


def holds(session: Session, question: Question, ours: Any, floor: Any) -> bool:
    """Whether rows are rows of the slice, all different, as many as the floor's, and in every column what it says."""
    ids = ours["image_id"].to_pylist()
    if len(set(ids)) != len(ids) or len(ids) != floor.num_rows:
        return False
    where = predicate_of(question).where()
    told = floor_of(session).table(f"SELECT * FROM images WHERE image_id IN {tuple(ids) or ('',)} AND {where}")
    return rows_of(ours) == rows_of(told)


def rows_of(table: Any, key: str = "image_id") -> list[dict[str, Any]]:
    """Rows in the order of a key, columns in the order of their names."""
    names = sorted(table.column_names)
    return [{name: row[name] for name in names} for row in table.sort_by(key).to_pylist()]


def _questions(draw: Draw) -> Callable[[Drawer, Scale], list[Question]]:
    return lambda drawer, _: predicates(draw(drawer))


def _counted(key: str, title: str, goal: float, draw: Draw) -> Workload:
    return Workload(
        key=key, title=title, goal=goal, questions=_questions(draw), ours=_count, floor=_count_floor, peers=True
    )


def _shown(key: str, title: str, draw: Draw) -> Workload:
    return Workload(
        key=key,
        title=title,
        goal=0.05,
        questions=_questions(draw),
        ours=_first,
        floor=_first_floor,
        same=holds,
    )


_REGIONS = "three image flags and three ROI flags on one ROI"
_ALONE = "ROI flags alone (zone and area, ~9 % of ROIs)"
WORKLOADS = [
    _counted(
        "count-images",
        "count: modality, organ and disease",
        0.05,
        lambda d: d.of_images("modality", "organ", "disease"),
    ),
    _counted("count-regions", f"count: {_REGIONS}", 0.05, lambda d: d.of_regions()),
    _counted("count-regions-alone", f"count: {_ALONE}", 0.25, lambda d: d.regions_alone()),
    _shown("first-regions", f"first {_FIRST} rows: {_REGIONS}", lambda d: d.of_regions()),
    _shown("first-regions-alone", f"first {_FIRST} rows: {_ALONE}", lambda d: d.regions_alone()),
    _counted("count-organ", "count: one of organs", 0.1, lambda d: d.of_images("organ")),
    _counted("count-disease", "count: one of diseases", 0.1, lambda d: d.of_images("disease")),
]
