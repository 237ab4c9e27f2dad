"""Which images of a slice are exported: the licence gate, and what a format has no place for."""

from __future__ import annotations

import duckdb

from catalog import sqlfiles
from catalog.export.contract import Images, Writer
from catalog.slices.query import Query

_COLUMNS = "image_key, image_id, uri, file_name, source, license, redistributable, width, height"


def choose(connection: duckdb.DuckDBPyConnection, query: Query) -> None:
    """Run the slice once: its images are in ``memory.main.chosen`` from here on."""
    chosen = query.select(_COLUMNS)
    connection.execute(f"CREATE TABLE memory.main.chosen AS {chosen}", query.bound(chosen))
    for name in ("texts", "left_out", "saved"):
        connection.execute(sqlfiles.statement(f"export/{name}"))


def sift(connection: duckdb.DuckDBPyConnection, writer: Writer, *, images: Images, include_restricted: bool) -> int:
    """Leave out what may not be copied or has no place in the format; the number of images that remain.

    Linking counts as copying, as what cannot be linked is copied.
    """
    if (writer.text or images != "none") and not include_restricted:
        connection.execute(sqlfiles.statement("export/left_restricted"))
    if writer.needs_text:
        connection.execute(sqlfiles.statement("export/left_textless"))
    if writer.needs_size:
        connection.execute(sqlfiles.statement("export/left_sizeless"))
    return _count(connection, "chosen") - _count(connection, "left_out")


def settle(connection: duckdb.DuckDBPyConnection) -> int:
    """Number the images that remain, in ``memory.main.exported``; how many they are."""
    connection.execute(sqlfiles.statement("export/exported"))
    return _count(connection, "exported")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM memory.main.{table}").fetchone()
    return int(row[0]) if row else 0
