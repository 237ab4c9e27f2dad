"""Counts of images by two columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import UsageError, did_you_mean
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.slices.query import Query

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("modality", "region", "organ", "organs", "disease", "diseases", "source", "subset", "view", "license")
_LISTS = ("organs", "diseases")


def cross(sight: Sight, query: Query, one: str, other: str) -> pa.Table:
    """The images of a slice by the values of two columns, most first: columns one, other and count.

    An image counts once for each of its organs or diseases where a column is of such lists.

    Raises:
        UsageError: A column cannot be counted by.
    """
    for column in (one, other):
        if column not in COLUMNS:
            near = did_you_mean(column, COLUMNS) or f"; known are {', '.join(COLUMNS)}"
            raise UsageError(f"cannot count by '{column}'{near}")
    if query.profiles is not None:
        return query.of_profiles(_counted("{profiles}", one, other, weight="images")).to_arrow_table()
    sql = _counted(f"({query.select(f'{one}, {other}')})", one, other, weight="1")
    return guard.run(sight.connection, sql, query.bound(sql)).to_arrow_table()


def _counted(source: str, one: str, other: str, *, weight: str) -> str:
    """One list after the other: two in one SELECT would be paired by their places."""
    first = f"SELECT {_flat(one)} AS one, {other} AS other, {weight} AS images FROM {source}"
    both = f"SELECT one, {_flat(other, 'other')} AS other, images FROM ({first})"
    counted = "SELECT one, other, sum(images)::BIGINT AS count"
    return f"{counted} FROM ({both}) GROUP BY one, other ORDER BY count DESC, one, other"


def _flat(column: str, name: str = "") -> str:
    return f"unnest(list_distinct({name or column}))" if column in _LISTS else name or column
