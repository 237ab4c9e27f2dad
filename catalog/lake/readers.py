"""The read-only connections of one process to a lake: one a snapshot, and cursors of it, each for one thread.

Reads that belong together must not share a transaction: DuckLake finds no files at all in one that was open while files
were merged. A single statement is safe, and so is a connection attached at a snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import TypeVar

import duckdb

from catalog.errors import UsageError
from catalog.lake.connection import another, open_reader
from catalog.lake.cube import Cube, Sight
from catalog.lake.layout import Layout
from catalog.lake.snapshots import newest_snapshot

Answer = TypeVar("Answer")
_ATTEMPTS = 3
"""Times that reads are tried beside commits before they get a snapshot of their own."""


def stop(connection: duckdb.DuckDBPyConnection) -> None:
    """Stop what a connection is running; it may have been closed by its own thread meanwhile."""
    with suppress(duckdb.ConnectionException):
        connection.interrupt()


class Readers:
    """Connections that show a lake, opened when they are first needed. Methods may be called from any thread."""

    def __init__(self, layout: Layout, *, memory_limit: str) -> None:
        self.layout = layout
        self.memory_limit = memory_limit
        self._readers: dict[int | None, duckdb.DuckDBPyConnection] = {}
        self._of_thread: dict[tuple[int | None, int], duckdb.DuckDBPyConnection] = {}
        """The same for each thread: two that share a connection take each other's answers."""
        self._cubes: dict[int | None, Cube] = {}
        self._fixed: tuple[int, duckdb.DuckDBPyConnection] | None = None
        """The snapshot that was fixed last, and what the connections fixed at it are cursors of."""
        self._opening = threading.Lock()
        """Held while a connection is opened, which takes a moment; whoever stops queries does not wait for it."""
        self._cursors: list[tuple[int, duckdb.DuckDBPyConnection]] = []
        """With the thread that opened each."""
        self._turn = threading.Lock()
        """Held while what is known of connections changes."""
        self._closed = False
        self._reading: AbstractContextManager[object] = (
            nullcontext() if layout.readable_beside_a_writer else threading.RLock()
        )
        """Held by whoever reads or writes where only one of them can."""

    def reader(self, *, at: int | None = None) -> duckdb.DuckDBPyConnection:
        """The connection of this thread that shows a snapshot (None: always the newest); it cannot leave the lake.

        Raises:
            UsageError: The lake is closed, or there is no such snapshot.
        """
        mine = (at, threading.get_ident())
        self.require_open()
        if (known := self._of_thread.get(mine)) is not None:
            return known
        with self._reading, self._opening:
            self.require_open()
            base = self._readers.get(at)
            made = open_reader(self.layout, at=at, memory_limit=self.memory_limit) if base is None else another(base)
            with self._turn:
                self._readers.setdefault(at, made)
                self._of_thread[mine] = made
            return made

    @contextmanager
    def cursor(
        self, *, at: int | None = None, of: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the caller's own to what ``reader``, or the connection ``of``, shows; closed at the end."""
        with self._reading:
            made = another(of or self.reader(at=at))
            with self._registered(made):
                yield made

    def together(self, work: Callable[[Sight], Answer], *, at: int | None = None) -> Answer:
        """What ``work`` reads, all of one snapshot: it is done again when a commit came in between."""
        with self._reading, self._beside(at) as beside:
            if at is not None:
                return self._look(work, at, beside, at=at)
            for _ in range(_ATTEMPTS):
                before = newest_snapshot(beside)
                answer = self._look(work, before, beside, at=None)
                if newest_snapshot(beside) == before:
                    return answer
        with self._reading, self.fixed(before) as connection:
            return work(Sight(before, lambda: connection))

    def _look(
        self, work: Callable[[Sight], Answer], snapshot: int, beside: duckdb.DuckDBPyConnection, *, at: int | None
    ) -> Answer:
        with ExitStack() as opened:
            sight = Sight(snapshot, lambda: opened.enter_context(self.cursor(at=at)))
            with self._cubes.setdefault(at, Cube()).shown(sight, beside):
                return work(sight)

    @contextmanager
    def _beside(self, at: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor without the lake's search path, which costs 2 ms a statement."""
        made = self.reader(at=at).cursor()
        with self._registered(made):
            yield made

    @contextmanager
    def fixed(self, snapshot: int) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the caller's own that shows one snapshot whatever happens.

        Those of one snapshot share a database and its memory; the first one takes a moment to open.
        """
        made = self._of_fixed(snapshot)
        with self._registered(made):
            yield made

    def _of_fixed(self, snapshot: int) -> duckdb.DuckDBPyConnection:
        with self._reading, self._opening:
            self.require_open()
            if self._fixed is None or self._fixed[0] != snapshot:
                opened = open_reader(self.layout, at=snapshot, memory_limit=self.memory_limit)
                self._fixed = (snapshot, opened)  # the one before is not closed, as that would close its cursors
            return another(self._fixed[1])

    @contextmanager
    def _registered(self, made: duckdb.DuckDBPyConnection) -> Iterator[None]:
        with self._turn:
            self._cursors.append((threading.get_ident(), made))
        try:
            yield
        finally:
            with self._turn:
                self._cursors = [known for known in self._cursors if known[1] is not made]
            made.close()

    def interrupt(self, *, of: int | None = None) -> None:
        """Stop the queries that are running: all of them, or those of one thread."""
        with self._turn:
            running = [(thread, connection) for (_, thread), connection in self._of_thread.items()] + self._cursors
        for thread, connection in running:
            if of in (None, thread):
                stop(connection)

    def let_go(self) -> None:
        """Stop what is running and close every connection; whoever asks next opens another."""
        with self._opening, self._turn:
            cursors = [connection for _, connection in self._cursors]
            fixed = [self._fixed[1]] if self._fixed is not None else []
            connections = [*cursors, *fixed, *self._of_thread.values(), *self._readers.values()]
            self._cursors, self._of_thread, self._readers, self._cubes, self._fixed = [], {}, {}, {}, None
        for connection in connections:
            stop(connection)
        for connection in connections:
            connection.close()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Make way for a writer where the metadata can only be opened once: who reads is waited for, and then waits."""
        with self._reading:
            if not self.layout.readable_beside_a_writer:
                self.let_go()
            yield

    def close(self) -> None:
        """Let go for good."""
        self._closed = True
        self.let_go()

    def require_open(self) -> None:
        """Refuse to go on with a closed lake.

        Raises:
            UsageError: It is closed.
        """
        if self._closed:
            raise UsageError("this lake is closed; open it again with catalog.open(path)")
