"""Fifty random images by their ids: every column, with their regions."""

from __future__ import annotations

from typing import Any

from benchmarks.drawing import Drawer
from benchmarks.scale import Scale
from benchmarks.workload import Question, Session, Workload, floor_of
from benchmarks.workloads.slices import rows_of

_MANY = 50


def _questions(drawer: Drawer, scale: Scale) -> list[Question]:
    del scale
    return [{"ids": ids} for ids in drawer.ids(_MANY)]


def _ours(session: Session, question: Question) -> Any:
    assert session.lake is not None
    return session.lake.images(question["ids"])


def _floor(session: Session, question: Question) -> Any:
    ids = ", ".join(f"'{value}'" for value in question["ids"])
    tables = ("images", "rois")
    return {table: floor_of(session).table(f"SELECT * FROM {table} WHERE image_id IN ({ids})") for table in tables}


def _same(session: Session, question: Question, ours: Any, floor: Any) -> bool:
    del session, question
    keys = {"images": "image_id", "rois": "roi_id"}
    return all(rows_of(ours[table], key) == rows_of(floor[table], key) for table, key in keys.items())


WORKLOADS = [
    Workload(
        key="look-up",
        title=f"{_MANY} random image_ids: all columns, with their ROIs",
        goal=0.04,
        questions=_questions,
        ours=_ours,
        floor=_floor,
        same=_same,
        peers=True,
    )
]
