"""Takes a synthetic MedTrinity into a lake, through the same staging and commits as any ingest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from math import inf
from pathlib import Path
from platform import node

import pyarrow as pa

from benchmarks.synthetic import captions as texts
from benchmarks.synthetic import distribution
from benchmarks.synthetic import rows as made_rows
from benchmarks.synthetic.blocks import BLOCK, draw
from catalog.errors import UsageError
from catalog.lake import staging
from catalog.lake.commit import Published, recover
from catalog.lake.keys import digest
from catalog.lake.layout import Layout
from catalog.lake.lifecycle import create, find
from catalog.lake.publishing import Publisher
from catalog.lake.staging import Run, StagedBatch

ROWS_A_COMMIT = 1_200_000
"""Rows of all tables in a commit: more of them make fewer commits, and take more memory."""
_VERSION = 1
"""Raised when a seed gives other rows than before."""


@dataclass(slots=True)
class Made:
    """What was made: rows, and the images of each modality."""

    images: int = 0
    rois: int = 0
    descriptions: int = 0
    modalities: Counter[str] = field(default_factory=Counter)
    published: Published = field(default_factory=Published)
    """What of it was new to the lake."""


def generate(lake_path: str | Path, *, rows: int, seed: int, captions: float = 0.0, start: int = 0) -> Made:
    """Add the images ``start`` to ``start + rows`` of a seed to a lake, which is made if there is none.

    Rows that the lake has already are not added again.

    Args:
        lake_path: Folder of the lake.
        rows: How many images.
        seed: Which images; row i of a seed is always the same.
        captions: Share of the images that get a description, 0 to 1; a larger share adds to those of a smaller one.
        start: First image.

    Raises:
        UsageError: A number is out of its range.
        LakeError: The lake cannot be written.
    """
    if min(rows, seed, start) < 0 or not 0 <= captions <= 1:
        raise UsageError(
            f"rows={rows}, seed={seed}, start={start}, captions={captions}: give whole numbers from 0 on, "
            "and a share of 0 to 1 as captions"
        )
    path = Path(lake_path)
    layout = find(path) if (path / "lake.json").exists() else create(path)
    recover(layout)
    run = _run(layout, {"seed": seed, "rows": rows, "start": start, "captions": captions})
    made = Made()
    pending = Publisher(layout, run, rows=ROWS_A_COMMIT, seconds=inf)
    made.published = pending.published
    with staging.open_run(layout, run) as folder, pending:
        for number, wanted in _parts(start, start + rows):
            tables = _tables(seed, number, wanted, captions, batch_id := _batch_id(seed, number, wanted, captions))
            pending.add(_stage(folder, batch_id, f"seed {seed}, block {number}", tables))
            _count(tables, made)
    return made


def batches(*, rows: int, seed: int, captions: float = 0.0, start: int = 0) -> Iterator[dict[str, pa.Table]]:
    """The same rows as staged tables, a block at a time, without a lake."""
    for number, wanted in _parts(start, start + rows):
        yield _tables(seed, number, wanted, captions, _batch_id(seed, number, wanted, captions))


def _tables(seed: int, number: int, wanted: slice, captions: float, batch_id: str) -> dict[str, pa.Table]:
    known = distribution.load()
    block = draw(known, seed=seed, number=number, wanted=wanted)
    tables = made_rows.tables(block, known, batch_id)
    if captions > 0:
        tables |= texts.tables(block, known, tables, captions, batch_id)
    return made_rows.finish(tables)


def _stage(folder: Path, batch_id: str, name: str, tables: dict[str, pa.Table]) -> StagedBatch:
    with staging.new_batch(folder, batch_id, name) as (place, counted):
        for table, complete in tables.items():
            staging.write(place, table, complete)
            counted[table] = complete.num_rows
    return staging.read_batch(folder / batch_id)


def _count(tables: dict[str, pa.Table], made: Made) -> None:
    made.images += tables["images"].num_rows
    made.rois += tables["rois"].num_rows if "rois" in tables else 0
    made.descriptions += tables["descriptions"].num_rows if "descriptions" in tables else 0
    for value in tables["images"].column("modality").value_counts().to_pylist():
        made.modalities[value["values"]] += value["counts"]


def _parts(start: int, stop: int) -> Iterator[tuple[int, slice]]:
    """The blocks that hold the rows, and which of their images are wanted."""
    for number in range(start // BLOCK, -(-stop // BLOCK)):
        yield number, slice(max(start - number * BLOCK, 0), min(stop - number * BLOCK, BLOCK))


def _batch_id(seed: int, number: int, wanted: slice, captions: float) -> str:
    return digest("synthetic", _VERSION, seed, number, wanted.start, wanted.stop, captions)


def _run(layout: Layout, said: dict[str, float]) -> Run:
    host, release = layout.keys()("host", node()), version("triptych")
    fingerprint = digest("synthetic", _VERSION, release, sorted(said.items()))
    return staging.new_run("ingest:synthetic", fingerprint=fingerprint, options=said, host=host, version=release)
