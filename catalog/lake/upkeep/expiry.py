"""Expires snapshots and deletes the files that nothing needs.

All of it happens under the commit lock, so that a file which the metadata does not know was left by a process that
was killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from catalog import sqlfiles
from catalog.lake.layout import Layout

GRACE = timedelta(days=1)
"""Time that a query or an export may take: the files it reads stay so long after they were replaced."""


@dataclass(slots=True)
class Cleared:
    """What went, and what waits for its readers."""

    snapshots: int = 0
    files: int = 0
    bytes: int = 0
    waiting_files: int = 0
    waiting_bytes: int = 0


def expire(connection: duckdb.DuckDBPyConnection, layout: Layout, *, before: datetime, now: datetime) -> Cleared:
    """Expire the snapshots made before a moment, never the newest, and delete what no other needs.

    Files that were replaced less than a day ago, and not before that moment either, wait.
    """
    waited = {path for path, _ in _waiting(connection)}
    statement = sqlfiles.statement("upkeep/old_snapshots")
    gone = [number for (number,) in connection.execute(statement, {"before": before}).fetchall()]
    if gone:
        # By number: with metadata in SQLite, DuckLake's own older_than expires snapshots that are younger too.
        connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => {gone})")
    freed = [path for path, _ in _waiting(connection) if path not in waited]
    return _clear(connection, layout, freed, until=max(before, now - GRACE), snapshots=len(gone))


def clear(connection: duckdb.DuckDBPyConnection, layout: Layout, *, now: datetime) -> Cleared:
    """Delete files that were replaced more than a day ago, and those that killed processes left."""
    return _clear(connection, layout, [], until=now - GRACE, snapshots=0)


def _clear(
    connection: duckdb.DuckDBPyConnection, layout: Layout, freed: list[str], *, until: datetime, snapshots: int
) -> Cleared:
    waiting = _waiting(connection)
    old = {*freed, *(path for path, since in waiting if since <= until)}
    known = {path for (path,) in connection.execute(sqlfiles.statement("upkeep/known_files")).fetchall()}
    files = (file for file in layout.data.rglob("*.parquet") if file.is_file())
    orphans = [file for file in files if file.relative_to(layout.data).as_posix() not in known]
    kept = [_size(layout.data / path) for path, _ in waiting if path not in old]
    sizes = _delete([*(layout.data / path for path in sorted(old)), *orphans])
    if old:
        connection.execute(sqlfiles.statement("upkeep/forget_files"), {"paths": sorted(old)})
    return Cleared(snapshots, len(sizes), sum(sizes), len(kept), sum(kept))


def _waiting(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, datetime]]:
    return connection.execute(sqlfiles.statement("upkeep/waiting_files")).fetchall()


def _delete(files: Iterable[Path]) -> list[int]:
    """The sizes of the files that were there to delete."""
    sizes = []
    for file in files:
        if file.exists():
            sizes.append(_size(file))
            file.unlink(missing_ok=True)
    return sizes


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
