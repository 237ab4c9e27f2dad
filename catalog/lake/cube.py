"""The profiles of a lake, held in memory while its newest snapshot stays the same.

Of the time that DuckLake takes to answer from ``profiles``, nine tenths are spent on finding its files.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog import sqlfiles

if TYPE_CHECKING:
    import duckdb

PROFILES = "profiles"
"""The lake's own table."""


class Cube:
    """Copies of ``profiles`` beside the lake of one connection and its cursors, a snapshot each; the last one stays."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._seen: int | None = None
        self._users: dict[int, int] = {}

    @contextmanager
    def table(self, connection: duckdb.DuckDBPyConnection, snapshot: int) -> Iterator[str]:
        """The name of a table with the profiles of a snapshot: the lake's own when it is asked for the first time.

        Args:
            connection: One that shows this snapshot, or a later one.
            snapshot: Its number.
        """
        with self._turn:
            copied = self._take(connection, snapshot)
        try:
            yield _name(snapshot) if copied else PROFILES
        finally:
            if copied:
                with self._turn:
                    self._users[snapshot] -= 1
                    self._drop_old(connection)

    def _take(self, connection: duckdb.DuckDBPyConnection, snapshot: int) -> bool:
        again, self._seen = self._seen == snapshot, snapshot
        if not again and snapshot not in self._users:
            return False
        if snapshot not in self._users:
            copied = sqlfiles.statement("reports/profiles_in_memory")
            connection.execute(f"CREATE OR REPLACE TABLE {_name(snapshot)} AS {copied}", {"snapshot": snapshot})
        self._users[snapshot] = self._users.get(snapshot, 0) + 1
        self._drop_old(connection)
        return True

    def _drop_old(self, connection: duckdb.DuckDBPyConnection) -> None:
        for old in [snapshot for snapshot, users in self._users.items() if not users and snapshot != self._seen]:
            connection.execute(f"DROP TABLE IF EXISTS {_name(old)}")
            del self._users[old]


def _name(snapshot: int) -> str:
    return f"memory.main.profiles_{snapshot}"
