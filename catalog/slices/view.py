"""A slice materialised as the row keys of its images, so that any page of it costs the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb

from catalog.errors import UsageError
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.lookup import key_of
from catalog.lake.readers import stop
from catalog.slices.filter import Filter
from catalog.slices.kept import Ascending, Kept, Keys, Locating, Numbers
from catalog.slices.keys import FEW, first_keys, first_ordered, kept, ordering, rows, select_list
from catalog.slices.query import Query, build
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

_PATIENCE = 0.05
"""Seconds between two attempts to interrupt the worker."""


class View:
    """The images of a slice at one snapshot, in the order of row keys or of a column, by their number from 0.

    A thread of its own finds all row keys, 4 bytes each in their own order and 6 in that of a column; until it has, the
    first rows are found by themselves. Methods may be called from any thread. Later commits and rewritten files change
    nothing. Close it, or use ``with``.
    """

    snapshot: int
    """The snapshot that the view shows."""
    said: Filter
    """The slice."""

    def __init__(
        self,
        selection: Selection,
        *,
        order_by: str | None = None,
        descending: bool = False,
        known: Locating | None = None,
    ) -> None:
        """Begin; what is ``known`` of the same snapshot tells rows in their own order without a scan."""
        self._readers = selection.readers
        self.snapshot = selection.snapshot
        self.said = selection.said
        self._known = known
        with ExitStack() as unless_sound:
            self._connection = unless_sound.enter_context(self._readers.fixed(self.snapshot))
            self._order = ordering(self._connection, order_by, descending=descending)
            told = known is not None and known.snapshot == self.snapshot and not self._order
            self._places = known.places(self.said) if known is not None and told else None
            if self._places is None:
                self._query  # noqa: B018 - written now, so that a wrong flag is told now
            self._open = unless_sound.pop_all()
        self._keys: Kept = Ascending.of([])
        self._done = self._closed = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._worker = threading.Thread(target=self._work, name=f"view of snapshot {self.snapshot}", daemon=True)
        self._worker.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ready(self) -> bool:
        """Whether every row is known (or the worker has failed, which the next call tells)."""
        return self._done

    @property
    def count(self) -> int:
        """The number of images, exactly; waits until every row is known.

        Raises:
            QueryError: The slice could not be read.
            UsageError: The view is closed.
        """
        self.wait()
        return self._keys.size

    def wait(self) -> None:
        """Wait until every row is known.

        Raises:
            QueryError: The slice could not be read.
            UsageError: The view is closed.
        """
        self._readers.require_open()
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._done)
        self._require_sound()

    def first(self, limit: int = 100, *, columns: str | Sequence[str] = "*") -> pa.Table:
        """The first images, the same as those of page 0, without waiting for the others."""
        if self._done or limit > FEW:
            return self.page(0, limit, columns=columns)
        self._require_sound()
        with self._readers.cursor(of=self._connection) as reading:
            keys = self._first_keys(reading, limit)
            if keys is not None:
                return rows(reading, "images", keys, columns=select_list(reading, columns))
        return self.page(0, limit, columns=columns)

    def page(self, offset: int, limit: int = 100, *, columns: str | Sequence[str] = "*") -> pa.Table:
        """The images from number ``offset`` on; waits until every row is known.

        Args:
            offset: From 0; past the end there are no rows.
            limit: Images at most.
            columns: Names of columns of ``images``: a list, or with commas between.

        Raises:
            LakeError: The snapshot was expired.
            QueryError: The slice could not be read.
            UsageError: A negative offset or limit, no such column, or the view or its lake is closed.
        """
        if not isinstance(offset, int) or not isinstance(limit, int) or offset < 0 or limit < 0:
            raise UsageError(f"limit={limit}, offset={offset} is no page; both are whole numbers from 0")
        self.wait()
        keys = self._keys.part(offset, offset + limit)
        with self._readers.cursor(of=self._connection) as reading:
            return rows(reading, "images", keys, columns=select_list(reading, columns))

    def place(self, image_id: str) -> int | None:
        """The number of an image in the view, or None where it is not in it; waits until every row is known.

        Raises:
            QueryError: The slice could not be read.
            UsageError: The id is no text, or the view or its lake is closed.
        """
        self.wait()
        with self._readers.cursor(of=self._connection) as reading:
            key = key_of(reading, image_id)
        return None if key is None else self._keys.place(key)

    def numbers(self) -> Iterator[Numbers]:
        """The numbers of the images, in pieces; waits until every row is known.

        Raises:
            QueryError: The slice could not be read.
            UsageError: The view is closed.
        """
        self.wait()
        return self._keys.numbers()

    def close(self) -> None:
        """Stop the worker, if it is still at work, and forget the rows."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        while self._worker.is_alive():
            stop(self._connection)
            if self._known is not None:
                self._known.interrupt(of=self._worker.ident)
            self._worker.join(_PATIENCE)
        self._open.close()
        self._keys = Ascending.of([])

    @cached_property
    def _query(self) -> Query:
        return build(self.said, Sight(self.snapshot, lambda: self._connection))

    def _first_keys(self, reading: duckdb.DuckDBPyConnection, limit: int) -> Keys | None:
        """The first row keys; None where finding all of them takes no longer."""
        if self._order:
            return first_ordered(reading, self._query, self._order, limit)
        if self._places is not None:
            return self._places.first(limit)
        # a query of its own: where images lie is asked of the connection it was built for, which the worker uses
        return first_keys(reading, build(self.said, Sight(self.snapshot, lambda: reading)), limit)

    def _found(self) -> Kept:
        if self._places is not None:
            return self._places.all(stopped=lambda: self._closed)
        return kept(self._connection, self._query, self._order)

    def _require_sound(self) -> None:
        self._readers.require_open()
        if self._closed:
            raise UsageError("this view is closed; make another")
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            self._keys = self._found()
        except duckdb.Error as error:
            self._error = guard.explained(error)
        except BaseException as error:
            self._error = error
        with self._changed:
            self._done = True
            self._changed.notify_all()
