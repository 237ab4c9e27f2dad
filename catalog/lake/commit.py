"""Publishes staged batches: one transaction over all tables, under the commit lock.

Image bytes go to Lance first; they are addressed by content, so bytes that a killed commit left behind are found again
and not written twice. Then every row, every failure and the record of the batches become visible at once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from catalog import sqlfiles
from catalog.errors import LakeBusyError, LakeError
from catalog.lake import blobs, staging, trouble, vectors
from catalog.lake.connection import writer
from catalog.lake.layout import Layout
from catalog.lake.procedures import GENERATE, INGEST, Procedure
from catalog.lake.staging import Run, StagedBatch
from catalog.sqlfiles import literal

LOCK_TIMEOUT = 600.0
"""Seconds to wait for another process's commit."""


@dataclass(slots=True)
class Published:
    """What commits added."""

    images: int = 0
    filled: int = 0
    relicensed: int = 0
    """Images of the lake that got the licence which the input names."""
    outcomes: int = 0
    rois: int = 0
    descriptions: int = 0
    findings: int = 0
    failures: int = 0
    vectors: int = 0

    def add(self, other: Published) -> None:
        """Count another commit in."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


@contextmanager
def locked(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writing connection while no other process commits.

    Raises:
        LakeBusyError: Another process has been committing for ten minutes.
        LakeError: The lake cannot be written.
        TriptychError: The disk is full.
    """
    with trouble.explained(layout.root):
        if not layout.root.is_dir():  # a lock would make the folder anew
            raise LakeError(f"the lake at '{layout.root}' is gone; was it moved?")
        try:
            lock = FileLock(layout.lock).acquire(timeout=LOCK_TIMEOUT)
        except Timeout as error:
            raise LakeBusyError(
                f"another process is committing to '{layout.root}'; try again when it is done"
            ) from error
        with lock, writer(layout) as connection:
            yield connection


@contextmanager
def signed(connection: duckdb.DuckDBPyConnection, message: str) -> Iterator[None]:
    """One transaction with a commit message; ``snapshots`` shows it."""
    connection.execute("BEGIN")
    yield
    _sign(connection, message, {})
    connection.execute("COMMIT")


def publish(layout: Layout, run: Run, batches: Sequence[StagedBatch]) -> Published:
    """Make staged batches visible in one transaction, then clear them away.

    A batch that this run has published already (its process died before it could clear up) is only cleared away.
    """
    if not batches:
        return Published()
    with locked(layout) as connection:
        blobs.append(layout, [file for batch in batches if (file := batch.file(staging.BLOBS))])
        done = _published_by(connection, run)
        todo = [batch for batch in batches if batch.batch_id not in done]
        try:
            published = _commit(connection, layout, run, todo) if todo else Published()
        except vectors.DimensionError:  # no later commit could publish them either
            _clear(batches)
            raise
    _clear(batches)
    return published


def recover(layout: Layout) -> Published:
    """Publish what killed runs had finished, and clear away the rest.

    What another version of Triptych left may lack columns: it is cleared away too, and read again by whoever needs it.
    """
    total = Published()
    if not layout.staging.is_dir() or not any(layout.staging.iterdir()):
        return total
    with trouble.explained(layout.root), staging.abandoned(layout) as runs:
        for run, folder in runs:
            if run.version == version("triptych"):
                total.add(publish(layout, run, list(staging.batches(folder))))
            shutil.rmtree(folder, ignore_errors=True)
    return total


def _clear(batches: Sequence[StagedBatch]) -> None:
    for batch in batches:
        shutil.rmtree(batch.folder)


def _commit(
    connection: duckdb.DuckDBPyConnection, layout: Layout, run: Run, batches: Sequence[StagedBatch]
) -> Published:
    procedure = INGEST if run.ingests else GENERATE
    bound = {**run.bound, "now": datetime.now(UTC)}
    _stage_views(connection, procedure, batches)
    for name in procedure.prepare:
        _execute(connection, name, bound)
    files = [file for batch in batches if (file := batch.file("vectors"))]
    moved = None if run.ingests else vectors.append(connection, layout, run, files)
    published = Published()
    connection.execute("BEGIN")
    for name in procedure.write:
        rows = _write(connection, procedure, name, bound)
        if name in procedure.counted:
            setattr(published, procedure.counted[name], rows)
    if moved is not None:
        published.vectors = moved.added
        for name in ("generated/drop_vector_set", "generated/insert_vector_set"):
            _execute(connection, name, {**bound, **moved.bound})
    said = {name: count for name, count in asdict(published).items() if count}
    _sign(connection, f"{run.kind}: {_listed(said)}", {"run_id": run.run_id, **said})
    connection.execute("COMMIT")
    return published


def _listed(said: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in said.items())


def _stage_views(connection: duckdb.DuckDBPyConnection, procedure: Procedure, batches: Sequence[StagedBatch]) -> None:
    connection.execute(sqlfiles.statement("commit/staged_batches"))
    (number,) = connection.execute(sqlfiles.statement("commit/first_number")).fetchone() or (0,)
    for place, batch in enumerate(batches):
        counted = [batch.rows.get(table, 0) for table in ("images", "outcomes", "rois", "descriptions", "findings")]
        row = [place, batch.batch_id, batch.name, number, *counted]
        connection.execute("INSERT INTO staged_batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        number += counted[0]
    for table in procedure.tables:
        files = [file for batch in batches if (file := batch.file(table))]
        rows = _rows_of(table, files) if procedure is INGEST else _generated_rows_of(table, files)
        connection.execute(f"CREATE TEMP VIEW staged_{table} AS {rows}")


def _rows_of(table: str, files: Sequence[Path]) -> str:
    """A query over staged files; row keys, which count the images of a batch, get their number in the lake."""
    if not files:
        return f"SELECT *{_EXTRA[table]} FROM {table} WHERE false"
    rows = _read(files)
    if table == "failures":
        return f"SELECT * FROM {rows}"
    number = ", b.batch_number" if table == "images" else ""
    keyed = "s.* REPLACE (s.image_key + b.first_number AS image_key)"
    return f"SELECT {keyed}{number} FROM {rows} AS s JOIN staged_batches AS b USING (batch_id)"


def _generated_rows_of(table: str, files: Sequence[Path]) -> str:
    if files:
        return f"SELECT * FROM {_read(files)}"
    if table == "vectors":
        columns = ", ".join(f"NULL AS {name}" for name in ("image_id", "unit_id", "vector", "batch_id"))
        return f"SELECT NULL::BIGINT AS image_key, {columns} WHERE false"
    return f"SELECT *, NULL::VARCHAR AS batch_id FROM {table} WHERE false"


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


_OF_CHILDREN = ", NULL::VARCHAR AS batch_id, NULL::VARCHAR AS content_hash, NULL::BOOLEAN AS own_image"
_EXTRA = {
    "images": ", NULL::VARCHAR AS batch_id, NULL::INTEGER AS batch_number, NULL::BIGINT AS place",
    "rois": _OF_CHILDREN,
    "descriptions": _OF_CHILDREN,
    "findings": _OF_CHILDREN,
    "failures": "",
}
"""What staged rows carry beside the columns of their table."""


def _write(connection: duckdb.DuckDBPyConnection, procedure: Procedure, name: str, bound: dict[str, Any]) -> int:
    needed = procedure.only_with.get(name)
    if needed and not connection.execute(f"SELECT 1 FROM {needed} LIMIT 1").fetchone():
        return 0
    row = _execute(connection, name, bound).fetchone()
    return int(row[0]) if row else 0


def _execute(connection: duckdb.DuckDBPyConnection, name: str, bound: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    file = sqlfiles.read(name)
    return connection.execute(file.statement, {param.name: bound[param.name] for param in file.params})


def _sign(connection: duckdb.DuckDBPyConnection, message: str, info: dict[str, Any]) -> None:
    author = literal(f"triptych {version('triptych')}")
    more = literal(json.dumps(info))
    connection.execute(f"CALL lake.set_commit_message({author}, {literal(message)}, extra_info => {more})")


def _published_by(connection: duckdb.DuckDBPyConnection, run: Run) -> set[str]:
    rows = connection.execute("SELECT batch_id FROM batches WHERE run_id = ?", [run.run_id]).fetchall()
    return {batch_id for (batch_id,) in rows}
