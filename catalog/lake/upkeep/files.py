"""The files that a lake's newest snapshot is made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import duckdb

from catalog import sqlfiles

ROWS_A_FILE = 1_000_000
"""Rows that a file should have: few enough to sort in little memory, many enough that few files are opened."""
_SMALLEST, _LARGEST = 16_000_000, 128_000_000
"""Bounds of that in bytes, for tables of few rows and for those of long texts."""


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet file of a table."""

    path: str
    """Below the lake's data."""
    rows: int
    """Deleted ones among them."""
    bytes: int
    deleted: int
    since: int
    """Snapshot that brought it."""
    low: int | None
    """Least value of what the table is sorted by; None where that is no number."""
    high: int | None

    @property
    def placed(self) -> bool:
        """Whether it is known which range its rows lie in."""
        return self.low is not None and self.high is not None

    @property
    def width(self) -> int:
        """How far its greatest value is from its least."""
        return (self.high or 0) - (self.low or 0)

    def covers(self, low: int, high: int) -> bool:
        """Whether its rows may lie all over a range."""
        return self.placed and (self.low or 0) <= low and (self.high or 0) >= high

    def overlaps(self, other: File) -> bool:
        """Whether their ranges have more than an end in common; two that one commit wrote in order share a few rows."""
        return self.since != other.since and (self.low or 0) < (other.high or 0) and (other.low or 0) < (self.high or 0)


@dataclass(frozen=True, slots=True)
class TableFiles:
    """A table and its files, oldest first."""

    name: str
    sort_key: str | None
    files: tuple[File, ...]

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def target(self) -> int:
        """Size in bytes that a file of this table should have."""
        rows = max(1, sum(file.rows for file in self.files))
        return min(_LARGEST, max(_SMALLEST, self.bytes * ROWS_A_FILE // rows))


def tables(connection: duckdb.DuckDBPyConnection) -> list[TableFiles]:
    """Every table that has files."""
    found = connection.execute(sqlfiles.statement("upkeep/live_files")).fetchall()
    return [
        TableFiles(name, key, tuple(File(*row[2:]) for row in rows))
        for (name, key), rows in groupby(found, key=lambda row: (row[0], row[1]))
    ]
