"""The order of a slice: that of storage, the files of the snapshot and the rows in them.

It needs no sort where a query only scans and filters, for DuckDB keeps the order of a scan. It does not keep it through
joins (flags of regions, layers, splits), whatever their kind: the rows of such slices are sorted by their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.lake import guard
from catalog.lake.connection import another
from catalog.lake.lifecycle import newest_snapshot
from catalog.lake.rows import PLACE, fetch, files_of
from catalog.slices.query import Query
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

_KEEPS_ORDER = {"PROJECTION", "FILTER", "DUCKLAKE_SCAN", "EMPTY_RESULT", "DUMMY_SCAN"}
_FEW = 2_000
"""Rows of a page that are worth finding first and reading then; the columns of more are read on the way."""


def places(query: Query) -> str:
    """A query for the place of every image of the slice, as ``lake.rows`` takes them."""
    return _of_images(query, PLACE)


def ordered(query: Query, connection: duckdb.DuckDBPyConnection, columns: str) -> str:
    """A query for ``columns`` of every image of the slice, in the order of storage."""
    if keeps_order(query, connection):
        return query.select(columns)
    inside = _of_images(query, "*, file_index AS of_file, file_row_number AS of_row")
    rows = f"SELECT * EXCLUDE (of_file, of_row) FROM ({inside}) ORDER BY of_file, of_row"
    return f"SELECT {columns} FROM ({rows}) AS slice"


def page(selection: Selection, *, limit: int | None, offset: int, columns: str) -> pa.Table:
    """Some images of the slice, in the order of storage."""
    query, bounds = selection.query, {"limit": limit, "offset": offset}
    if limit is None or limit > _FEW:
        sql = ordered(query, selection.connection, columns)
        return selection.execute(f"{sql} LIMIT $limit OFFSET $offset", bounds).to_arrow_table()
    with another(selection.connection) as reading:
        reading.begin()  # files and rows of one snapshot
        sort = "" if keeps_order(query, reading) else " ORDER BY file_index, file_row_number"
        sql = f"{places(query)}{sort} LIMIT $limit OFFSET $offset"
        files = files_of(reading, "images", snapshot=newest_snapshot(reading))
        found = guard.run(reading, sql, {**query.bound(sql), **bounds}).to_arrow_table()
        return fetch(reading, files, files.addresses(found), columns=columns)


def keeps_order(query: Query, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the images of the slice come in the order of storage by themselves."""
    sql = places(query)
    plan = connection.execute(f"EXPLAIN (FORMAT json) {sql}", query.bound(sql)).fetchall()[0][1]
    return set(_operators(json.loads(plan))) <= _KEEPS_ORDER


def _of_images(query: Query, columns: str) -> str:
    """The slice with other columns, those among them that ``*`` does not show."""
    return query.images.replace("*", columns, 1)


def _operators(plan: list[dict[str, Any]]) -> Iterator[str]:
    for node in plan:
        yield str(node["name"]).strip()
        yield from _operators(node["children"])
