"""The profiles, a row a combination and commit, summed up to a row a combination."""

from __future__ import annotations

import duckdb

from catalog import sqlfiles
from catalog.lake.commit import signed
from catalog.lake.upkeep.files import TableFiles

TABLE = "profiles"
TIMES = 2
"""Rows a combination from which summing pays."""


def sum_up(connection: duckdb.DuckDBPyConnection, table: TableFiles) -> bool:
    """Replace the profiles by their sums in one transaction, where there are many more rows than combinations."""
    if table.name != TABLE or len(table.files) < TIMES:
        return False
    connection.execute(sqlfiles.statement("upkeep/profile_sums"))
    rows = _count(connection, TABLE)
    if rows < TIMES * _count(connection, "profile_sums"):
        return False
    with signed(connection, f"compact {TABLE}: {rows} rows summed up"):
        connection.execute(f"DELETE FROM {TABLE}")
        connection.execute(f"INSERT INTO {TABLE} BY NAME FROM profile_sums")
    return True


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
