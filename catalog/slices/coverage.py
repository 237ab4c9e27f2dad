"""What a slice has of every layer, and what it lacks: the view ``coverage``, of the images of the slice alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.slices.filter import LAYERS
from catalog.slices.query import Query
from catalog.slices.selection import count
from catalog.sqlfiles import statement

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("layer", "images", "has", "misses", "stale", "failed")


def coverage(sight: Sight, query: Query) -> pa.Table:
    """For each of LAYERS how many images of the slice have it, miss it, have it stale, or failed to get it."""
    counts = {state: _by_layer(sight, query, state) for state in ("has", "stale", "failed")}
    return table(count(sight, query), counts)


def table(images: int, counts: dict[str, dict[str, int]]) -> pa.Table:
    """The columns of COLUMNS from the images by state and layer; what is not named is 0."""
    import pyarrow as pa

    has, stale, failed = ([counts[state].get(layer, 0) for layer in LAYERS] for state in ("has", "stale", "failed"))
    misses = [images - had - broken for had, broken in zip(has, failed, strict=True)]
    numbers = [[images] * len(LAYERS), has, misses, stale, failed]
    arrays = [pa.array(LAYERS, pa.string()), *(pa.array(column, pa.int64()) for column in numbers)]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))


def _by_layer(sight: Sight, query: Query, state: str) -> dict[str, int]:
    inside = f"WHERE image_key IN ({query.select('image_key')})" if query.narrow else ""
    rows = f"SELECT layer, image_key FROM ({statement(f'slices/{state}')}) {inside}"
    sql = f"SELECT layer, count(DISTINCT image_key) FROM ({rows}) GROUP BY layer"
    return dict(guard.run(sight.connection, sql, query.bound(sql)).fetchall())
