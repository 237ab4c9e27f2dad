"""The profiles of a lake, held in memory while its newest snapshot stays the same.

DuckLake takes milliseconds to find the files of any table, and its search path another two for any statement at all; to
add profiles up takes less.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import duckdb

from catalog import sqlfiles


class Sight:
    """A lake as one thread sees it for a while."""

    def __init__(self, snapshot: int, connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self.snapshot = snapshot
        """The snapshot that it sees."""
        self.copy: Copy | None = None
        """The profiles of that snapshot in memory, if they are there."""
        self._connect = connect

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Shows the tables of the lake; opened when it is first needed."""
        return self._connect()


@dataclass(frozen=True, slots=True)
class Copy:
    """A table of ``profiles``, each combination once, with a column ``cluster``: where their images lie."""

    table: str
    connection: duckdb.DuckDBPyConnection
    """Finds the table, and not those of the lake."""


class Cube:
    """Copies of ``profiles`` beside the lake of one connection and its cursors, a snapshot each; the last one stays."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._seen: int | None = None
        self._users: dict[int, int] = {}

    @contextmanager
    def shown(self, sight: Sight, beside: duckdb.DuckDBPyConnection) -> Iterator[Sight]:
        """Give a sight a copy of the profiles from the second time on that its snapshot is seen.

        Args:
            sight: The lake; it may show later commits meanwhile.
            beside: A cursor of the same connection that the copy is asked with.
        """
        with self._turn:
            copied = self._take(sight)
        try:
            sight.copy = Copy(_name(sight.snapshot), beside) if copied else None
            yield sight
        finally:
            if copied:
                with self._turn:
                    self._users[sight.snapshot] -= 1
                    self._drop_old(beside)

    def _take(self, sight: Sight) -> bool:
        again, self._seen = self._seen == sight.snapshot, sight.snapshot
        if sight.snapshot not in self._users and not (again and _copied(sight)):
            return False
        self._users[sight.snapshot] = self._users.get(sight.snapshot, 0) + 1
        return True

    def _drop_old(self, beside: duckdb.DuckDBPyConnection) -> None:
        for old in [snapshot for snapshot, users in self._users.items() if not users and snapshot != self._seen]:
            beside.execute(f"DROP TABLE IF EXISTS {_name(old)}")
            del self._users[old]


def _copied(sight: Sight) -> bool:
    """Copy the profiles; False when the snapshot was expired meanwhile, as one may be that is no longer the newest."""
    query = f"CREATE OR REPLACE TABLE {_name(sight.snapshot)} AS {sqlfiles.statement('cube/copy')}"
    try:
        sight.connection.execute(query, {"snapshot": sight.snapshot})
    except duckdb.InvalidInputException:
        return False
    return True


def _name(snapshot: int) -> str:
    return f"memory.main.profiles_{snapshot}"
