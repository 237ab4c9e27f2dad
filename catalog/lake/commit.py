"""Publishes staged batches: one transaction over all tables, under the commit lock.

Image bytes go to Lance first; they are addressed by content, so bytes that a killed commit left behind are found again
and not written twice. Then every row, every failure and the record of the batches become visible at once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from catalog import sqlfiles
from catalog.errors import LakeBusyError
from catalog.lake import blobs, staging, trouble
from catalog.lake.connection import writer
from catalog.lake.layout import Layout
from catalog.lake.staging import Run, StagedBatch
from catalog.sqlfiles import literal

LOCK_TIMEOUT = 600.0
"""Seconds to wait for another process's commit."""
_PREPARE = (
    "known_keys",
    "known_images",
    "repeated_images",
    "repeated_rois",
    "repeated_descriptions",
    "special_images",
    "refused_images",
    "recounted_images",
    "new_images",
    "special_parents",
    "new_rois",
    "new_descriptions",
    "new_findings",
    "new_failures",
    "old_attempts",
    "licensed",
)
_COUNTED = {
    "insert_images": "images",
    "fill_pixels": "filled",
    "insert_rois": "rois",
    "insert_descriptions": "descriptions",
    "insert_findings": "findings",
    "insert_failures": "failures",
}
_WRITE = (
    "insert_run",
    "insert_sources",
    "license_sources",
    "license_images",
    "license_profiles",
    "insert_images",
    "insert_image_ids",
    "insert_profiles",
    "fill_pixels",
    "insert_roi_index",
    "insert_rois",
    "recount_rois",
    "insert_descriptions",
    "insert_findings",
    "forget_failures",
    "forget_batches",
    "insert_batches",
    "insert_failures",
)
_ONLY_WITH = {
    "license_sources": "licensed",
    "license_images": "licensed",
    "license_profiles": "licensed",
    "recount_rois": "recounted_images",
    "fill_pixels": "known_images",
    "forget_failures": "old_attempts",
}
"""Statements that change nothing while a temporary table is empty."""


@dataclass(slots=True)
class Published:
    """What commits added."""

    images: int = 0
    filled: int = 0
    rois: int = 0
    descriptions: int = 0
    findings: int = 0
    failures: int = 0

    def add(self, other: Published) -> None:
        """Count another commit in."""
        for name in _COUNTED.values():
            setattr(self, name, getattr(self, name) + getattr(other, name))


@contextmanager
def locked(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writing connection while no other process commits.

    Raises:
        LakeBusyError: Another process has been committing for ten minutes.
        LakeError: The lake cannot be written.
        TriptychError: The disk is full.
    """
    with trouble.explained(layout.root):
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
        published = _commit(connection, run, todo) if todo else Published()
    for batch in batches:
        shutil.rmtree(batch.folder)
    return published


def recover(layout: Layout) -> Published:
    """Publish what killed runs had finished, and clear away the rest.

    What another version of Triptych left may lack columns: it is cleared away too, and read again by whoever needs it.
    """
    total = Published()
    if not layout.staging.is_dir() or not any(layout.staging.iterdir()):
        return total
    with staging.abandoned(layout) as runs:
        for run, folder in runs:
            if run.version == version("triptych"):
                total.add(publish(layout, run, list(staging.batches(folder))))
            shutil.rmtree(folder, ignore_errors=True)
    return total


def _commit(connection: duckdb.DuckDBPyConnection, run: Run, batches: Sequence[StagedBatch]) -> Published:
    _stage_views(connection, batches)
    for name in _PREPARE:
        connection.execute(sqlfiles.statement(f"commit/{name}"))
    bound = {**run.bound, "now": datetime.now(UTC)}
    published = Published()
    connection.execute("BEGIN")
    for name in _WRITE:
        rows = _run(connection, name, bound)
        if name in _COUNTED:
            setattr(published, _COUNTED[name], rows)
    said = {name: getattr(published, name) for name in _COUNTED.values()}
    counts = ", ".join(f"{count} {name}" for name, count in said.items() if count)
    _sign(connection, f"{run.kind}: {counts}", {"run_id": run.run_id, **said})
    connection.execute("COMMIT")
    return published


def _stage_views(connection: duckdb.DuckDBPyConnection, batches: Sequence[StagedBatch]) -> None:
    connection.execute(sqlfiles.statement("commit/staged_batches"))
    (number,) = connection.execute(sqlfiles.statement("commit/first_number")).fetchone() or (0,)
    for place, batch in enumerate(batches):
        counted = [batch.rows.get(table, 0) for table in staging.TABLES[:4]]
        row = [place, batch.batch_id, batch.name, number, *counted]
        connection.execute("INSERT INTO staged_batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        number += counted[0]
    for table in staging.TABLES:
        files = [file for batch in batches if (file := batch.file(table))]
        connection.execute(f"CREATE TEMP VIEW staged_{table} AS {_rows_of(table, files)}")


def _rows_of(table: str, files: Sequence[Path]) -> str:
    """A query over staged files; row keys, which count the images of a batch, get their number in the lake."""
    if not files:
        return f"SELECT *{_EXTRA[table]} FROM {table} WHERE false"
    rows = f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"
    if table == "failures":
        return f"SELECT * FROM {rows}"
    number = ", b.batch_number" if table == "images" else ""
    keyed = "s.* REPLACE (s.image_key + b.first_number AS image_key)"
    return f"SELECT {keyed}{number} FROM {rows} AS s JOIN staged_batches AS b USING (batch_id)"


_OF_CHILDREN = ", NULL::VARCHAR AS batch_id, NULL::VARCHAR AS content_hash, NULL::BOOLEAN AS own_image"
_EXTRA = {
    "images": ", NULL::VARCHAR AS batch_id, NULL::INTEGER AS batch_number, NULL::BIGINT AS place",
    "rois": _OF_CHILDREN,
    "descriptions": _OF_CHILDREN,
    "findings": _OF_CHILDREN,
    "failures": "",
}
"""What staged rows carry beside the columns of their table."""


def _run(connection: duckdb.DuckDBPyConnection, name: str, bound: dict[str, Any]) -> int:
    if name in _ONLY_WITH and not connection.execute(f"SELECT 1 FROM {_ONLY_WITH[name]} LIMIT 1").fetchone():
        return 0
    file = sqlfiles.read(f"commit/{name}")
    row = connection.execute(file.statement, {param.name: bound[param.name] for param in file.params}).fetchone()
    return int(row[0]) if row else 0


def _sign(connection: duckdb.DuckDBPyConnection, message: str, info: dict[str, Any]) -> None:
    author = literal(f"triptych {version('triptych')}")
    more = literal(json.dumps(info))
    connection.execute(f"CALL lake.set_commit_message({author}, {literal(message)}, extra_info => {more})")


def _published_by(connection: duckdb.DuckDBPyConnection, run: Run) -> set[str]:
    rows = connection.execute("SELECT batch_id FROM batches WHERE run_id = ?", [run.run_id]).fetchall()
    return {batch_id for (batch_id,) in rows}
