"""Exports without pixels: Parquet (images with their regions, descriptions and findings) and LLaVA conversations."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.drawing import Drawer
from benchmarks.predicates import Predicate
from benchmarks.scale import Scale
from benchmarks.workload import Ask, Question, Session, Workload, floor_of, predicate_of, predicates, slice_of
from catalog.export.chat import HUMAN

_IMAGE = """CASE WHEN regexp_matches(i.uri, '^(tar|tarzst|parquet|lance):') THEN coalesce(i.file_name, i.uri)
    ELSE coalesce(i.uri, i.file_name, i.image_id) END"""
_INTERNAL = {
    "images": "image_key, profile",
    "rois": "image_key, profile",
    "descriptions": "image_key, profile, modality, source, organ, disease",
}
"""Tables that are exported, and the columns of each that stay in the lake."""


def _ours(to: str) -> Ask:
    def ask(session: Session, question: Question) -> Path:
        out = session.folder()
        slice_of(session, question).export(to, out, images="none", include_restricted=True)
        return out

    return ask


def _parquet_floor(session: Session, question: Question) -> Path:
    out = session.folder()
    out.mkdir()
    where = predicate_of(question).where()
    inside = f"image_key IN (SELECT image_key FROM images WHERE {where})"
    for table, rows in zip(_INTERNAL, (where, inside, inside), strict=True):
        image = f", {_IMAGE} AS image" if table == "images" else ""
        floor_of(session).connection.execute(
            f"COPY (SELECT i.* EXCLUDE ({_INTERNAL[table]}){image} FROM {table} AS i WHERE {rows}) "
            f"TO '{out / table}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    return out


def _llava_floor(session: Session, question: Question) -> Path:
    out = session.folder()
    out.mkdir()
    where = Predicate(**{**question["predicate"], "described": False}).where()
    floor_of(session).connection.execute(f"""COPY (
        SELECT i.image_id AS id, {_IMAGE} AS image, [
            {{'from': 'human', 'value': '<image>' || chr(10) || '{HUMAN}'}},
            {{'from': 'gpt', 'value': d.text}}] AS conversations
        FROM (SELECT * FROM images WHERE {where}) AS i JOIN descriptions AS d USING (image_key)
    ) TO '{out / "llava.jsonl"}' (FORMAT json)""")
    return out


def _same_parquet(session: Session, question: Question, ours: Path, floor: Path) -> bool:
    del question
    said = [[_rows(session, folder / f"{table}.parquet") for table in _INTERNAL] for folder in (ours, floor)]
    return _cleared(said[0] == said[1], ours, floor)


def _same_llava(session: Session, question: Question, ours: Path, floor: Path) -> bool:
    del question
    said = [_lines(session, folder / "llava.jsonl") for folder in (ours, floor)]
    return _cleared(said[0] == said[1], ours, floor)


def _rows(session: Session, file: Path) -> tuple[Any, ...]:
    """How many rows, and a digest of all their columns that does not depend on the order."""
    names = sorted(row[0] for row in floor_of(session).all(f"DESCRIBE FROM '{file}'"))
    columns = ", ".join(names)
    return floor_of(session).all(f"SELECT count(*), sum(hash({columns})::HUGEINT) FROM '{file}'")[0]


def _lines(session: Session, file: Path) -> tuple[Any, ...]:
    read = (
        f"read_csv('{file}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', header = false)"
    )
    return floor_of(session).all(f"SELECT count(*), sum(hash(line)::HUGEINT) FROM {read}")[0]


def _cleared(same: bool, *folders: Path) -> bool:
    for folder in folders:
        shutil.rmtree(folder)
    return same


def _sized(described: bool) -> Callable[[Drawer, Scale], list[Question]]:
    return lambda drawer, scale: predicates(drawer.sized(scale.exported, described=described))


WORKLOADS = [
    Workload(
        key="export-parquet",
        title="export of about {exported} images to Parquet",
        goal=0.4,
        questions=_sized(False),
        ours=_ours("parquet"),
        floor=_parquet_floor,
        same=_same_parquet,
        alone=1,
        rounds=1,
        peers=True,
    ),
    Workload(
        key="export-llava",
        title="export of about {exported} captions to LLaVA JSONL",
        goal=5.0,
        questions=_sized(True),
        ours=_ours("llava"),
        floor=_llava_floor,
        same=_same_llava,
        alone=1,
        rounds=1,
    ),
]
