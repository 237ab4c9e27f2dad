"""The snapshots of a lake: one a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


_SNAPSHOTS = "__ducklake_metadata_lake.ducklake_snapshot"
"""Its current_snapshot() takes three times as long to say the same."""


def newest_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the lake's newest snapshot, which a connection sees unless it is attached at another."""
    row = connection.execute(f"SELECT max(snapshot_id) FROM {_SNAPSHOTS}").fetchone()
    return int(row[0]) if row else 0


def snapshots(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Columns snapshot, time, author, message: one row a commit, oldest first."""
    query = """
        SELECT snapshot_id AS snapshot, snapshot_time AS time, author, commit_message AS message
        FROM lake.snapshots()
        ORDER BY snapshot_id
    """
    return connection.execute(query).to_arrow_table()
