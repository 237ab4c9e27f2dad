"""Named slices: the filter, the snapshot it was saved at, its count, and a digest of its ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from catalog.errors import UsageError, did_you_mean
from catalog.lake import guard
from catalog.lake.commit import signed
from catalog.lake.cube import Sight
from catalog.lake.snapshots import newest_snapshot
from catalog.slices.query import Query
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = re.compile(r"[\w.-]{1,100}")


def digest(sight: Sight, query: Query) -> tuple[int, str]:
    """How many images a slice holds, and a digest of their ids that does not depend on their order (hex)."""
    sums = "count(*), coalesce(sum(md5_number_lower(image_id)), 0), coalesce(bit_xor(md5_number_upper(image_id)), 0)"
    sql = query.select(sums)
    count, low, high = guard.run(sight.connection, sql, query.bound(sql)).fetchall()[0]
    return int(count), f"{int(low) % 2**64:016x}{int(high):016x}"


def save(writer: duckdb.DuckDBPyConnection, name: str, selection: Selection, *, count: int, ids: str) -> None:
    """Save a slice under a name, with the count and digest that it had.

    Raises:
        UsageError: The name is taken, or is no name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' is no name for a slice; use letters, digits, '_', '-' and '.'")
    if writer.execute("SELECT 1 FROM slices WHERE name = ?", [name]).fetchone():
        raise UsageError(f"there is a slice '{name}' already; drop it with: triptych slices drop {name}")
    if selection.said.at is not None:
        raise UsageError("a slice is saved as it is now; look at the past with --slice NAME --at SNAPSHOT")
    # This commit changes no image, and is the first snapshot that knows the slice by name.
    snapshot = newest_snapshot(writer) + 1
    row = [name, selection.said.to_json(), snapshot, count, ids, datetime.now(UTC)]
    insert = "INSERT INTO slices (name, filter, snapshot, count, digest, saved_at) VALUES (?, ?, ?, ?, ?, ?)"
    with signed(writer, f"slice '{name}' saved"):
        writer.execute(insert, row)


def drop(writer: duckdb.DuckDBPyConnection, name: str) -> None:
    """Forget a saved slice; no image is touched.

    Raises:
        UsageError: There is no such slice.
    """
    names = [str(row[0]) for row in writer.execute("SELECT name FROM slices").fetchall()]
    if name not in names:
        raise UsageError(f"no slice '{name}'{did_you_mean(name, names)}")
    with signed(writer, f"slice '{name}' dropped"):
        writer.execute("DELETE FROM slices WHERE name = ?", [name])


def listing(reader: duckdb.DuckDBPyConnection) -> pa.Table:
    """The saved slices, by name."""
    return reader.execute(
        "SELECT name, count, snapshot, filter, digest, saved_at FROM slices ORDER BY name"
    ).to_arrow_table()
