"""Finds images by their ids without a scan: id, hash, row key, rows.

``image_ids`` is sorted by hash and the other tables by row key, so each step reads the few row groups whose range holds
what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import duckdb

from catalog import sqlfiles
from catalog.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa


def rows_of_images(
    connection: duckdb.DuckDBPyConnection, ids: Sequence[str], tables: Iterable[str]
) -> dict[str, pa.Table]:
    """For each of ``tables``, which carry image_id and image_key, its rows of the images with these ids.

    They come in the order of row keys. Ids that the lake does not hold have no rows.

    Raises:
        UsageError: An id is no text.
    """
    import pyarrow.compute as pc

    wanted = _texts(ids)
    keys = _keys(connection, wanted.to_pylist())
    found = {table: _rows(connection, table, keys) for table in tables}
    # Two ids may share a hash, so a key may be that of another image.
    return {table: rows.filter(pc.is_in(rows.column("image_id"), wanted)) for table, rows in found.items()}


def key_of(connection: duckdb.DuckDBPyConnection, image_id: str) -> int | None:
    """The row key of the image with this id; None when the lake does not hold it.

    Raises:
        UsageError: The id is no text.
    """
    (wanted,) = _texts([image_id]).to_pylist()
    keys = _keys(connection, [wanted])
    query = f"SELECT image_key FROM images WHERE image_key IN ({_listed(keys)}) AND image_id = $id"
    found = connection.execute(query, {"id": wanted}).fetchone() if keys else None
    return None if found is None else int(found[0])


def images_of_series(connection: duckdb.DuckDBPyConnection, series_key: str) -> list[str]:
    """Ids of the images of a series, in the order of its slices or frames; none where there is no such series.

    The images of a series lie in as many places as it has diseases, so the column of the keys is read as a whole.
    """
    query = sqlfiles.statement("lookup/series")
    return [image_id for (image_id,) in connection.execute(query, {"series_key": series_key}).fetchall()]


def _texts(ids: Sequence[str]) -> pa.Array:
    import pyarrow as pa

    for name in ids:
        if not isinstance(name, str):
            raise UsageError(f"{name!r} is no image id; ids are texts")
    try:
        return pa.array(sorted(set(ids)), pa.string())
    except UnicodeEncodeError as error:
        raise UsageError(f"an image id is no UTF-8 text: {error}") from error


def _keys(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[int]:
    hashed = connection.execute("SELECT md5_number_lower(unnest($ids::VARCHAR[]))", {"ids": ids}).fetchall()
    query = f"SELECT image_key FROM image_ids WHERE id_hash IN ({_listed(row[0] for row in hashed)})"
    return [row[0] for row in connection.execute(query).fetchall()]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[int]) -> pa.Table:
    query = f"SELECT * FROM {table} WHERE image_key IN ({_listed(keys)}) ORDER BY image_key"
    return connection.execute(query).to_arrow_table()


def _listed(numbers: Iterable[int]) -> str:
    """Written out, not joined: constants prune row groups by their ranges."""
    return ", ".join(map(str, numbers)) or "NULL"
