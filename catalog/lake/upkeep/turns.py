"""The commit lock, taken in turns with others."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import duckdb

from catalog.lake.commit import locked
from catalog.lake.layout import Layout

MEMORY = "1GB"
"""What DuckDB may use; beyond it sorting spills into the lake's folder. The process stays below twice as much."""
HOLD = 1.0
"""Seconds after which the lock is let go, once the unit in hand is done."""
PAUSE = 0.15
"""Seconds without the lock: long enough for a process that waits for it to notice."""


class Turns:
    """A writing connection of little memory under the commit lock, which others get in between."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._spill = layout.root / "spill"
        self._held = ExitStack()
        self._open: duckdb.DuckDBPyConnection | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:  # DuckDB clears up after itself, but not after a query that was interrupted
            shutil.rmtree(self._spill, ignore_errors=True)
        self._held.__exit__(kind, error, trace)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection for the next unit; what others committed meanwhile is in it."""
        if self._open is not None and time.monotonic() - self._began > HOLD:
            self._open = None
            self._held.close()
            time.sleep(PAUSE)
        if self._open is None:
            self._open = self._take()
        return self._open

    def _take(self) -> duckdb.DuckDBPyConnection:
        connection = self._held.enter_context(locked(self.layout))
        shutil.rmtree(self._spill, ignore_errors=True)
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET temp_directory = ?", [str(self._spill)])
        self._began = time.monotonic()
        return connection
