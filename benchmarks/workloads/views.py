"""Any page of a large slice: the view is materialised once, then its pages are turned."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.drawing import Drawer
from benchmarks.scale import Scale
from benchmarks.workload import Question, Session, Workload, floor_of, predicate_of, predicates, slice_of
from benchmarks.workloads.slices import holds

_ROWS = 100


def _questions(drawer: Drawer, scale: Scale) -> list[Question]:
    found = predicates(drawer.sized(scale.viewed))
    # A place in the view's first 85 %, where the smallest of the drawn slices has rows, too.
    return [{**question, "offset": int(drawer.random.random() * scale.viewed * 0.85)} for question in found]


def _build(session: Session, question: Question) -> int:
    for old in session.views.values():
        old.close()
    session.views.clear()
    view = session.views[_key(question)] = slice_of(session, question).view()
    return int(view.count)


def _build_floor(session: Session, question: Question) -> int:
    where = predicate_of(question).where()
    floor = floor_of(session)
    floor.connection.execute(f"CREATE OR REPLACE TEMP TABLE keys AS SELECT image_key FROM images WHERE {where}")
    return floor.number("SELECT count(*) FROM keys")


def _prepare(session: Session, question: Question) -> None:
    if _key(question) not in session.views:
        _build(session, question)


def _page(session: Session, question: Question) -> Any:
    return session.views[_key(question)].page(question["offset"], _ROWS)


def _page_floor(session: Session, question: Question) -> Any:
    where = predicate_of(question).where()
    rest = f"LIMIT {_ROWS} OFFSET {question['offset']}"
    return floor_of(session).table(f"SELECT * FROM images WHERE {where} {rest}")


def _same_page(session: Session, question: Question, ours: Any, floor: Any) -> bool:
    """The floor's page is the same one where both follow the files' order; its rows must be the slice's in any case."""
    return holds(session, question, ours, floor)


def _key(question: Question) -> str:
    return json.dumps(question["predicate"])


WORKLOADS = [
    Workload(
        key="view-build",
        title="materialise a view of about {viewed} rows",
        goal=0.6,
        questions=_questions,
        ours=_build,
        floor=_build_floor,
        alone=3,
        rounds=1,
    ),
    Workload(
        key="view-page",
        title=f"any page of {_ROWS} rows of that view",
        goal=0.02,
        questions=_questions,
        ours=_page,
        floor=_page_floor,
        same=_same_page,
        prepare=_prepare,
        alone=3,
        rounds=1,
    ),
]
