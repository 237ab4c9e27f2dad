"""Counts by value: over all rows, where a modality, under two flags, and of the multi-valued columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.drawing import MANY, Drawer
from benchmarks.predicates import Predicate
from benchmarks.scale import Scale
from benchmarks.workload import Question, Session, Workload, floor_of, predicate_of, predicates, slice_of

_FOUR = ("organs", "diseases", "source", "view")


def facets_ours(session: Session, question: Question) -> dict[str, Any]:
    """Column to value to number of images, through the catalog."""
    tables = slice_of(session, question).facets(*question["columns"])
    return {
        column: dict(zip(table["value"].to_pylist(), table["count"].to_pylist(), strict=True))
        for column, table in tables.items()
    }


def facets_floor(session: Session, question: Question) -> dict[str, Any]:
    """The same from the floor."""
    floor, predicate = floor_of(session), predicate_of(question)
    return {column: floor.facet(predicate, column) for column in question["columns"]}


def _workload(key: str, title: str, goal: float, draw: Callable[[Drawer], list[Predicate]], *columns: str) -> Workload:
    def questions(drawer: Drawer, scale: Scale) -> list[Question]:
        del scale
        return predicates(draw(drawer), columns=list(columns))

    return Workload(
        key=key,
        title=title,
        goal=goal,
        questions=questions,
        ours=facets_ours,
        floor=facets_floor,
        peers=True,
    )


WORKLOADS = [
    _workload("facet-all", "facet over all rows: modality", 0.02, lambda _: [Predicate()] * MANY, "modality"),
    _workload("facet-modality", "facet: disease where modality", 0.02, lambda drawer: drawer.modalities(), "disease"),
    _workload(
        "facet-four",
        "four facets (organs, diseases, source, view) under modality and organ",
        0.04,
        lambda drawer: drawer.of_images("modality", "organ"),
        *_FOUR,
    ),
    _workload(
        "facet-diseases",
        "facet: diseases where one of organs",
        0.1,
        lambda drawer: drawer.of_images("organ"),
        "diseases",
    ),
    _workload(
        "facet-organs", "facet: organs where one of diseases", 0.1, lambda drawer: drawer.of_images("disease"), "organs"
    ),
]
