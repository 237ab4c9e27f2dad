"""A slice materialised as the places of its rows, so that any page of it costs the same."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np

from catalog.errors import UsageError
from catalog.lake import guard
from catalog.lake.connection import another
from catalog.lake.lifecycle import newest_snapshot
from catalog.lake.rows import Addresses, fetch, files_of
from catalog.slices.order import keeps_order, places
from catalog.slices.query import build
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 50_000
"""Rows that become known at once."""
_PATIENCE = 0.05
"""Seconds between two attempts to interrupt the worker."""


class View:
    """The images of a slice at one snapshot, in the order of storage, by their number from 0.

    A thread of its own finds where the rows are, 8 bytes a row; pages are served as soon as their rows are known, which
    is at once unless the slice needs a join. Methods may be called from any thread. Later commits and merges change
    nothing. Close it, or use ``with``.
    """

    snapshot: int
    """The snapshot that the view shows."""

    def __init__(self, selection: Selection) -> None:
        self._connection = selection.connection
        self._cursor = another(selection.connection)
        self._cursor.begin()  # one snapshot for all that follows
        try:
            self.snapshot = newest_snapshot(self._cursor)
            self._query = build(selection.said, self._cursor)
            self._files = files_of(self._cursor, "images", snapshot=self.snapshot)
        except BaseException:
            self._cursor.close()
            raise
        self._blocks: list[Addresses] = []
        self._ends: list[int] = []
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
        return self._known

    def wait(self) -> None:
        """Wait until every row is known.

        Raises:
            QueryError: The slice could not be read.
            UsageError: The view is closed.
        """
        self._wait_for(None)

    def first(self, limit: int = 100, *, columns: str = "*") -> pa.Table:
        """The first rows, as soon as they are known."""
        return self.page(0, limit, columns=columns)

    def page(self, offset: int, limit: int = 100, *, columns: str = "*") -> pa.Table:
        """The images from number ``offset`` on; waits until they are known, not for the whole.

        Args:
            offset: From 0; past the end there are no rows.
            limit: Images at most.
            columns: SQL over the columns of ``images``.

        Raises:
            LakeError: The files of the snapshot are gone: it was expired, or cleaned up after ``compact``.
            QueryError: The slice could not be read, or the columns do not bind.
            UsageError: A negative offset or limit, or the view is closed.
        """
        if offset < 0 or limit < 0:
            raise UsageError(f"limit={limit}, offset={offset} is no page; both begin at 0")
        self._wait_for(offset + limit)
        with another(self._connection) as reading:
            return fetch(reading, self._files, self._addresses(offset, limit), columns=columns)

    def close(self) -> None:
        """Stop the worker, if it is still at work, and forget the rows."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        while self._worker.is_alive():
            self._cursor.interrupt()
            self._worker.join(_PATIENCE)
        self._cursor.close()
        self._blocks, self._ends = [], []

    @property
    def _known(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _wait_for(self, rows: int | None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._done or (rows is not None and self._known >= rows))
            if self._closed:
                raise UsageError("this view is closed; make another")
            if self._error is not None:
                raise self._error

    def _addresses(self, offset: int, limit: int) -> Addresses:
        with self._changed:
            first, last = bisect_right(self._ends, offset), bisect_right(self._ends, offset + limit)
            start = self._ends[first - 1] if first else 0
            blocks = self._blocks[first : last + 1]
        found = np.concatenate(blocks) if blocks else np.empty(0, np.int64)
        return found[offset - start : offset - start + limit]

    def _work(self) -> None:
        try:
            if keeps_order(self._query, self._cursor):
                for block in self._read():
                    self._publish(block)
            else:
                self._publish(np.sort(np.concatenate([np.empty(0, np.int64), *self._read()])))
            self._cursor.commit()
        except duckdb.Error as error:
            self._error = guard.explained(error)
        except BaseException as error:
            self._error = error
        with self._changed:
            self._done = True
            self._changed.notify_all()

    def _read(self) -> Iterator[Addresses]:
        sql = places(self._query)
        for batch in self._cursor.execute(sql, self._query.bound(sql)).to_arrow_reader(_BATCH):
            if self._closed:
                return
            yield self._files.addresses(batch)

    def _publish(self, block: Addresses) -> None:
        with self._changed:
            self._ends.append(self._known + block.size)
            self._blocks.append(block)
            self._changed.notify_all()
