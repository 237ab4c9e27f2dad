"""Puts tables, views and macros of ``sql/`` into a lake, each with its comments, and migrates older lakes.

A ``CREATE TABLE`` file documents its columns in trailing ``-- `` comments; they become the catalog's column comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from catalog import sqlfiles
from catalog.sqlfiles import SqlFile, identifier, literal

_COLUMN = re.compile(r"^\s+(?P<name>\w+) .*?-- (?P<comment>.+)$", re.M)
VIEWS = ("layers", "stale", "coverage", "triplets")
"""Views in the order they are made: a view comes after those it reads."""
_SETTINGS = {
    "parquet_compression": "'zstd'",
    "parquet_compression_level": "1",
    "data_inlining_row_limit": "0",
    "sort_on_insert": "false",
}
"""Inserts stay as they come, which halves what they cost; the sort order holds for files that are merged."""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table, macro and view in one transaction."""
    connection.execute("BEGIN")
    for name, value in _SETTINGS.items():
        connection.execute(f"CALL lake.set_option({literal(name)}, {value})")
    for file in sqlfiles.listing("tables"):
        create_table(connection, file)
    replace_views(connection)
    connection.execute("COMMIT")


def create_table(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Make one table with its comments and its sort order."""
    table = identifier(file.name)
    connection.execute(file.statement)
    connection.execute(f"COMMENT ON TABLE {table} IS {literal(file.title)}")
    for column, comment in column_comments(file).items():
        connection.execute(f"COMMENT ON COLUMN {table}.{identifier(column)} IS {literal(comment)}")
    if file.sorted:
        connection.execute(f"ALTER TABLE {table} SET SORTED BY ({file.sorted})")


def replace_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make or replace macros and views; they hold no data, so a newer Triptych brings its own."""
    for file in sqlfiles.listing("macros"):
        connection.execute(file.statement)
    for file in (sqlfiles.read(f"views/{name}") for name in VIEWS):
        connection.execute(file.statement)
        connection.execute(f"COMMENT ON VIEW {identifier(file.name)} IS {literal(file.title)}")


def column_comments(file: SqlFile) -> dict[str, str]:
    """What a CREATE TABLE file says of each of its columns."""
    return {match["name"]: match["comment"].strip() for match in _COLUMN.finditer(file.statement)}


def migrate(
    connection: duckdb.DuckDBPyConnection, *, found: int, wanted: int, files: Iterable[SqlFile] | None = None
) -> None:
    """Bring an older lake to the wanted format, in one transaction: ``sql/migrations/NNNN_*.sql`` in order.

    A file is named for the format it leads to. ``files`` stands in for that folder.
    """
    connection.execute("BEGIN")
    for file in sqlfiles.listing("migrations") if files is None else files:
        if found < int(file.name.partition("_")[0]) <= wanted:
            connection.execute(file.statement)
    replace_views(connection)
    connection.execute("COMMIT")
