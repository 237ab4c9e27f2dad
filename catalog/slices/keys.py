"""The order of a slice: that of row keys, which are the same in every table and outlive every rewriting of files.

Rows of one modality, organ and disease follow each other, and among those the images of one input. Files are sorted so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from catalog.errors import LakeError, QueryError, UsageError, did_you_mean
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.layout import NUMBER_BITS
from catalog.slices.kept import Ascending, Kept, Ordered
from catalog.slices.query import Query, build
from catalog.slices.selection import Selection
from catalog.sqlfiles import identifier

if TYPE_CHECKING:
    import pyarrow as pa

Keys = NDArray[np.int64]
FEW = 2_000
"""Rows that are worth finding first and reading then; the columns of more are read on the way."""
SPARSE = 8
"""Rows in a range of which one is wanted, from which the wanted ones are named one by one."""
MANY = 50_000
"""Rows that are read at a time where all are wanted."""
NEAR = (50, 1_000)
"""Images that are looked at for one that is wanted, before all are."""
_STREAMED = 250_000
"""Row keys that are taken at a time."""
_REGIONS_AN_IMAGE = 4
"""Regions read for every image that is asked for; where that is too few, as many times more."""


def all_keys(connection: duckdb.DuckDBPyConnection, query: Query) -> Keys:
    """The row key of every image of a slice, in order: 8 bytes each."""
    (found,) = guard.run(connection, query.keys, query.bound(query.keys)).fetchnumpy().values()
    return once(np.asarray(found, dtype=np.int64))


def kept(connection: duckdb.DuckDBPyConnection, query: Query, order: str) -> Kept:
    """The row key of every image of a slice in little memory: in an order that ``ordering`` gives, or in their own."""
    if not order:
        return Ascending.of(_streamed(connection, query.keys, query))
    return Ordered(_streamed(connection, query.select("image_key", rest=order), query))


def _streamed(connection: duckdb.DuckDBPyConnection, sql: str, query: Query) -> Iterator[Keys]:
    for batch in guard.run(connection, sql, query.bound(sql)).to_arrow_reader(_STREAMED):
        yield batch.column(0).to_numpy()


def ordering(connection: duckdb.DuckDBPyConnection, column: str | None, *, descending: bool) -> str:
    """ORDER BY a column of ``images``, images without a value last, those with the same one by row key; "" for None.

    Raises:
        UsageError: There is no such column, or its values are lists or JSON.
    """
    if column is None:
        if descending:
            raise UsageError("descending needs a column to order by; give order_by, such as order_by='width'")
        return ""
    types = {row[0]: row[1] for row in _sound(connection, "DESCRIBE images").fetchall()}
    if column not in types:
        near = did_you_mean(column, types) or "; known are " + ", ".join(types)
        raise UsageError(f"no column '{column}' in images{near}")
    if (listed := types[column].endswith("[]")) or types[column] == "JSON":
        held = "lists" if listed else "JSON"
        raise UsageError(f"images cannot be ordered by '{column}', which holds {held}; choose one of single values")
    return f"ORDER BY {identifier(column)} {'DESC' if descending else 'ASC'} NULLS LAST, image_key"


def first_ordered(connection: duckdb.DuckDBPyConnection, query: Query, order: str, count: int) -> Keys:
    """The first ``count`` row keys of a slice in an order that ``ordering`` gives."""
    sql = query.select("image_key", rest=f"{order} LIMIT $count")
    (found,) = guard.run(connection, sql, {**query.bound(sql), "count": count}).fetchnumpy().values()
    return np.asarray(found, dtype=np.int64)


def first_keys(connection: duckdb.DuckDBPyConnection, query: Query, count: int) -> Keys:
    """The first ``count`` row keys of a slice; of a sorted lake they are found without reading it all."""
    if query.few_regions:
        return all_keys(connection, query)[:count]
    found: Keys = np.empty(0, np.int64)
    for near in _nearer(query, count):
        found = _first_of(connection, query, near, count)
        if found.size == count:
            break
    return found


def _nearer(query: Query, count: int) -> Iterator[str]:
    """Predicates over row keys that leave the first images that may be in a slice: some, many, at last all."""
    clusters = query.clusters()[:-1]
    for wanted in (count * times for times in NEAR):
        seen = accumulate(images for _, images in clusters)
        last = next((cluster for (cluster, _), so_far in zip(clusters, seen, strict=True) if so_far >= wanted), None)
        if last is not None:
            yield f"image_key < {last + 1 << NUMBER_BITS}"
    yield "true"


def _first_of(connection: duckdb.DuckDBPyConnection, query: Query, near: str, count: int) -> Keys:
    """The first row keys among those that the predicate ``near`` leaves; regions repeat them."""
    chosen = f"rois WHERE {query.regions}" if query.regions is not None else f"({query.images}) AS slice WHERE true"
    sql = f"SELECT image_key FROM {chosen} AND {near} ORDER BY image_key LIMIT $count"
    wanted = rows = count if query.regions is None else count * _REGIONS_AN_IMAGE
    while True:
        bound = {**query.bound(sql), "count": wanted}
        (found,) = guard.run(connection, sql, bound).fetchnumpy().values()
        rows, keys = len(found), once(np.asarray(found, dtype=np.int64))
        if keys.size >= count or rows < wanted:
            return keys[:count]
        wanted *= _REGIONS_AN_IMAGE


def once(keys: Keys) -> Keys:
    """Row keys in order, each once.

    They come nearly in order, which sorting uses: on 3M regions this takes a tenth of what ``DISTINCT`` does.
    """
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


def rows(connection: duckdb.DuckDBPyConnection, table: str, keys: Keys, *, columns: str = "*") -> pa.Table:
    """The rows of a table with these row keys, in their order.

    Args:
        connection: A reader.
        table: images, or a table that speaks of them.
        keys: In order; of images in any order, each once.
        columns: What ``select_list`` gives.

    Raises:
        LakeError: The snapshot was expired, or its files were cleaned up after a merge.
        QueryError: It cannot be read.
    """
    ascending = np.sort(keys)
    if not np.array_equal(ascending, keys):
        sql = f"SELECT {columns}, image_key AS row_key FROM {table} WHERE {among(ascending)}"
        return _arranged(_sound(connection, sql, bound(keys)).to_arrow_table(), keys)
    if 0 < keys.size <= FEW and keys[-1] - keys[0] < keys.size * SPARSE:
        sql = f"SELECT {columns}, image_key AS row_key FROM {table} WHERE image_key BETWEEN {keys[0]} AND {keys[-1]}"
        return _chosen(_sound(connection, sql).to_arrow_table(), keys)
    sql = f"SELECT {columns} FROM {table} WHERE {among(keys)} ORDER BY image_key"
    return _sound(connection, sql, bound(keys)).to_arrow_table()


def _chosen(table: pa.Table, keys: Keys) -> pa.Table:
    """The rows with these keys, in order: of few rows that takes less than DuckDB's join and sorting."""
    found = table.column("row_key").to_numpy()
    wanted = np.flatnonzero(np.isin(found, keys))
    return table.drop_columns(["row_key"]).take(wanted[np.argsort(found[wanted], kind="stable")])


def _arranged(table: pa.Table, keys: Keys) -> pa.Table:
    """The rows with these keys, a row a key, as the keys follow each other."""
    found = table.column("row_key").to_numpy()
    order = np.argsort(found)
    return table.drop_columns(["row_key"]).take(order[np.searchsorted(found[order], keys)])


def _sound(
    connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    try:
        return guard.run(connection, sql, values)
    except QueryError as error:
        if isinstance(error.__cause__, duckdb.IOException | duckdb.InvalidInputException):
            raise LakeError(f"this snapshot is gone, in part at least ({error}); look at a newer one") from error
        raise


def stream(selection: Selection, columns: str | Sequence[str]) -> pa.RecordBatchReader:
    """Every image of a slice, in order, in bounded memory; the first come at once. All are of one snapshot.

    Raises:
        UsageError: No such column.
    """
    import pyarrow as pa

    chosen = select_list(selection.connection, columns)
    schema = rows(selection.connection, "images", np.empty(0, np.int64), columns=chosen).schema
    return pa.RecordBatchReader.from_batches(schema, _batches(selection, chosen))


def _batches(selection: Selection, chosen: str) -> Iterator[pa.RecordBatch]:
    def begin(sight: Sight, query: Query) -> tuple[int, pa.Table]:
        few = first_keys(sight.connection, query, FEW)
        return sight.snapshot, rows(sight.connection, "images", few, columns=chosen)

    snapshot, table = selection.ask(begin)
    yield from table.to_batches()
    if table.num_rows < FEW:
        return
    with selection.readers.fixed(snapshot) as connection:
        rest = all_keys(connection, build(selection.said, Sight(snapshot, lambda: connection)))[FEW:]
        for start in range(0, rest.size, MANY):
            yield from rows(connection, "images", rest[start : start + MANY], columns=chosen).to_batches()


@dataclass(frozen=True, slots=True)
class Page:
    """Images of a slice by their number from 0; without a limit, all from there on."""

    limit: int | None
    offset: int
    columns: str | Sequence[str]


def read(connection: duckdb.DuckDBPyConnection, query: Query, page: Page) -> pa.Table:
    """A page of a slice, in order.

    Raises:
        UsageError: No such column.
    """
    chosen = select_list(connection, page.columns)
    if page.limit is not None and page.offset + page.limit <= FEW:
        found = first_keys(connection, query, page.offset + page.limit)[page.offset :]
        return rows(connection, "images", found, columns=chosen)
    sql = query.select(chosen, rest="ORDER BY image_key LIMIT $limit OFFSET $offset")
    bound = {**query.bound(sql), "limit": page.limit, "offset": page.offset}
    return guard.run(connection, sql, bound).to_arrow_table()


def select_list(connection: duckdb.DuckDBPyConnection, columns: str | Sequence[str]) -> str:
    """Names of columns of ``images``, as a list or with commas between, as SQL; ``*`` means all.

    Raises:
        UsageError: There is no such column.
    """
    if columns == "*":
        return "*"
    known = [row[0] for row in _sound(connection, "DESCRIBE images").fetchall()]
    names = [name.strip() for name in (columns.split(",") if isinstance(columns, str) else columns)]
    for name in names:
        if name not in known:
            raise UsageError(
                f"no column '{name}' in images{did_you_mean(name, known) or '; known are ' + ', '.join(known)}"
            )
    return ", ".join(identifier(name) for name in names)


def among(keys: Keys) -> str:
    """A predicate over ``image_key``, whose values ``bound`` gives.

    Written out, few keys prune row groups by their ranges; more are joined.
    """
    if not keys.size:
        return "false"
    listed = ", ".join(map(str, keys.tolist())) if keys.size <= FEW else "SELECT unnest($keys)"
    return f"image_key BETWEEN {keys[0]} AND {keys[-1]} AND image_key IN ({listed})"


def bound(keys: Keys | None) -> dict[str, Any]:
    """The values that ``among`` names."""
    return {"keys": keys} if keys is not None and keys.size > FEW else {}
