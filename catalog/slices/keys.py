"""The order of a slice: that of row keys, which are the same in every table and outlive every rewriting of files.

Rows of one modality, organ and disease follow each other, and among those the images of one input. Files are sorted so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from catalog.errors import LakeError, QueryError
from catalog.lake import guard
from catalog.slices.query import Query

if TYPE_CHECKING:
    import pyarrow as pa

Keys = NDArray[np.int64]
FEW = 2_000
"""Rows that are worth finding first and reading then; the columns of more are read on the way."""
MANY = 50_000
"""Rows that are read at a time where all are wanted."""
_REGIONS_AN_IMAGE = 4
"""Regions read for every image that is asked for; where that is too few, as many times more."""


def all_keys(connection: duckdb.DuckDBPyConnection, query: Query) -> Keys:
    """The row key of every image of a slice, in order: 8 bytes each."""
    sql = _source(query)
    (found,) = guard.run(connection, sql, query.bound(sql)).fetchnumpy().values()
    return once(np.asarray(found, dtype=np.int64))


def first_keys(connection: duckdb.DuckDBPyConnection, query: Query, count: int) -> Keys:
    """The first ``count`` row keys of a slice; of a sorted lake they are found without reading it all."""
    sql = f"{_source(query)} ORDER BY image_key LIMIT $count"
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


def rows(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Keys, *, columns: str = "*", at: int | None = None
) -> pa.Table:
    """The rows of a table with these row keys, in their order.

    Args:
        connection: A reader.
        table: images, or a table that speaks of them.
        keys: In order.
        columns: SQL over the columns of the table.
        at: Snapshot; the connection's own when None.

    Raises:
        LakeError: A file is gone: the snapshot was expired, or its files were cleaned up after a merge.
        QueryError: The columns do not parse or bind.
    """
    version = f" AT (VERSION => {at:d})" if at is not None else ""
    sql = f"SELECT {columns} FROM {table}{version} WHERE {_among(keys)} ORDER BY image_key"
    try:
        return guard.run(connection, sql, _bound(keys)).to_arrow_table()
    except QueryError as error:
        if isinstance(error.__cause__, duckdb.IOException):
            raise LakeError(f"a file of this snapshot is gone ({error}); look at a newer snapshot") from error
        raise


def stream(connection: duckdb.DuckDBPyConnection, query: Query, *, columns: str = "*") -> Iterator[pa.RecordBatch]:
    """Every image of a slice, in order, in bounded memory; the first come at once.

    ``connection`` is in a transaction that lasts as long.
    """
    few = first_keys(connection, query, FEW)
    yield from rows(connection, "images", few, columns=columns).to_batches()
    rest = all_keys(connection, query)[FEW:] if few.size == FEW else few[:0]
    for start in range(0, rest.size, MANY):
        yield from rows(connection, "images", rest[start : start + MANY], columns=columns).to_batches()


def _source(query: Query) -> str:
    """A query for the row keys of a slice: of its images, or of the regions that mean it, with repeats."""
    if query.regions is not None:
        return f"SELECT image_key FROM rois WHERE {query.regions}"
    return query.select("image_key")


def _among(keys: Keys) -> str:
    """Written out, few keys prune row groups by their ranges; more are joined."""
    if not keys.size:
        return "false"
    listed = ", ".join(map(str, keys.tolist())) if keys.size <= FEW else "SELECT unnest($keys)"
    return f"image_key BETWEEN {keys[0]} AND {keys[-1]} AND image_key IN ({listed})"


def _bound(keys: Keys) -> dict[str, Any]:
    return {"keys": keys} if keys.size > FEW else {}
