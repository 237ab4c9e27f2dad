"""The snapshots of a lake: one a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def newest_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the snapshot that a connection sees."""
    row = connection.execute("SELECT id FROM lake.current_snapshot()").fetchone()
    return int(row[0]) if row else 0


def snapshots(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Columns snapshot, time, author, message: one row a commit, oldest first."""
    query = """
        SELECT snapshot_id AS snapshot, snapshot_time AS time, author, commit_message AS message
        FROM lake.snapshots()
        ORDER BY snapshot_id
    """
    return connection.execute(query).to_arrow_table()
