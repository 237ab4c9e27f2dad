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
_COLUMNS_OF = "SELECT column_name FROM duckdb_columns() WHERE database_name = 'lake' AND table_name = ?"
VIEWS = ("layer_rows", "layers", "input_rows", "view_digests", "stale", "coverage", "triplets")
"""Views in the order they are made: a view comes after those it reads."""
_SETTINGS = {
    "parquet_compression": "'zstd'",
    "parquet_compression_level": "1",
    "parquet_row_group_size": "16384",
    "data_inlining_row_limit": "0",
    "sort_on_insert": "false",
}
"""Inserts stay as they come, which halves what they cost; the sort order holds for files that are merged.

Small row groups make pages and look-ups cheap: with 122,880 rows a page of 100 rows reads four times as long.
"""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table, macro and view in one transaction."""
    connection.execute("BEGIN")
    _set_options(connection)
    for file in sqlfiles.listing("tables"):
        connection.execute(file.statement)
        _describe(connection, file)
    replace_views(connection)
    connection.execute("COMMIT")


def _set_options(connection: duckdb.DuckDBPyConnection) -> None:
    for name, value in _SETTINGS.items():
        connection.execute(f"CALL lake.set_option({literal(name)}, {value})")


def _describe(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Give a table its comments and its sort order."""
    table = identifier(file.name)
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
    """Bring an older lake to the wanted format, in the caller's transaction: ``sql/migrations/NNNN_*.sql`` in order.

    Tables and columns that are new are made first. A file is named for the format it leads to; ``files`` stands in for
    that folder.
    """
    _set_options(connection)
    for file in sqlfiles.listing("tables"):
        _make_or_widen(connection, file)
    replace_views(connection)
    for file in sqlfiles.listing("migrations") if files is None else files:
        if found < int(file.name.partition("_")[0]) <= wanted:
            connection.execute(file.statement)


def _make_or_widen(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Make a table, or add the columns that it lacks."""
    found = {str(name) for (name,) in connection.execute(_COLUMNS_OF, [file.name]).fetchall()}
    if not found:
        connection.execute(file.statement)
    with duckdb.connect() as memory:
        memory.execute(file.statement)
        wanted = memory.table(file.name)
        missing = [(name, kind) for name, kind in zip(wanted.columns, wanted.types, strict=True) if name not in found]
    for name, kind in missing if found else ():
        connection.execute(f"ALTER TABLE {identifier(file.name)} ADD COLUMN {identifier(name)} {kind}")
    _describe(connection, file)
