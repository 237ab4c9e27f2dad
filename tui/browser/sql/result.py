"""The rows of a query: kept as they come, in bounded memory, and counted exactly once the last one has come."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

import duckdb
import pyarrow as pa

from catalog.errors import QueryError, TriptychError
from catalog.lake import guard
from tui import output
from tui import query as queries
from tui.browser.pages import PAGE, Pages
from tui.browser.sql.spill import Spill
from tui.cells import visible
from tui.session import counted

if TYPE_CHECKING:
    from catalog.api import Lake

MOST = 4 << 30
"""Bytes of rows that are kept on disk."""
State = Literal["running", "whole", "cut", "stopped", "failed"]


class Result:
    """A query that is run in one thread, with ``fill``, and looked at from others."""

    def __init__(self, text: str, *, most: int | None = None) -> None:
        self.text = text
        self.question: queries.Asked | None = None
        """What the text means, once that is known."""
        self.state: State = "running"
        self.error: TriptychError | None = None
        self.columns: tuple[str, ...] = ()
        self.json_columns: frozenset[str] = frozenset()
        self.most = most if most is not None else _room()
        self._began = time.monotonic()
        self._took: float | None = None
        self._spill: Spill | None = None
        self._stopping = self._closed = False
        self._thread = 0
        self._turn = threading.Lock()

    @property
    def rows(self) -> int:
        """Rows that have come so far."""
        return self._spill.rows if self._spill is not None else 0

    @property
    def count(self) -> int | None:
        """Rows that are kept, exactly; None while more come."""
        return None if self.state == "running" else self.rows

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began if self._took is None else self._took

    @property
    def stopping(self) -> bool:
        """Whether it has been told to stop."""
        return self._stopping

    def is_about(self, text: str) -> bool:
        """Whether lines of errors are lines of this text."""
        return text == self.text and (self.question is None or self.question.statement == text)

    @property
    def has_images(self) -> bool:
        """Whether rows name images."""
        return "image_id" in self.columns

    def fill(self, lake: Lake) -> None:
        """Run the query and keep its rows; what is wrong with it becomes ``error``."""
        self._thread = threading.get_ident()
        state: State = "failed"
        try:
            state = self._filled(lake)
        except TriptychError as error:
            self.error = error
        except Exception as error:  # a defect of ours, or of a library: the screen stays
            self.error = QueryError(f"unexpected {type(error).__name__}: {error}")
        finally:
            with self._turn:
                self._took, self._thread = self.seconds, 0
                self.state = "stopped" if self._stopping and state == "failed" else state
                if self._closed and self._spill is not None:
                    self._spill.close()

    def stop(self, lake: Lake) -> None:
        """Stop the query; to be called again until ``state`` says so, as DuckDB forgets what comes between queries."""
        with self._turn:
            self._stopping = True
            if self._thread:
                lake.interrupt(of=self._thread)

    def read(self, offset: int, limit: int) -> pa.Table:
        """Rows from a number on, of those that have come."""
        return self._spill.read(offset, limit) if self._spill is not None else pa.table({})

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows that have come."""
        return self._spill.batches() if self._spill is not None else iter(())

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._spill.schema if self._spill is not None else pa.schema([])

    def close(self) -> None:
        """Give the disk back; there are no rows any more."""
        with self._turn:
            self._stopping = self._closed = True
            if self._spill is not None:
                self._spill.close()

    def told(self) -> str:
        """How many rows there are, and how long it took, for people."""
        rows, took = counted(self.rows, "row"), f"{self.seconds:.1f} s"
        if self.state == "running":
            return f"{rows} so far … {took}" if self.rows else f"running … {took}"
        if self.state == "whole":
            return f"{rows}   {took}"
        if self.state == "cut":
            return f"{rows} of more: no more than {self.most / 1e9:.1f} GB are kept; f6 exports all   {took}"
        if self.state == "stopped":
            return f"stopped at {rows}, there may be more   {took}"
        return f"failed after {rows}   {took}" if self.rows else f"failed   {took}"

    def _filled(self, lake: Lake) -> State:
        self.question = queries.asked(lake, self.text)
        rows = output.rows_of(queries.run(lake, self.question))
        batches = _told(rows.reader, self.question.statement)
        schema = rows.reader.schema
        if not self.question.is_select:
            schema, batches = _PLAN, _lines(batches)
        self.json_columns = rows.json_columns
        self._spill = Spill(schema)
        self.columns = tuple(map(visible, schema.names))
        for batch in batches:
            if self._stopping:
                return "stopped"
            if self._spill.size > self.most:
                return "cut"
            self._keep(batch)
        return "whole"

    def _keep(self, batch: pa.RecordBatch) -> None:
        assert self._spill is not None  # noqa: S101 - made before the first batch
        try:
            self._spill.append(batch)
        except OSError as error:
            raise QueryError(f"no room for rows in '{tempfile.gettempdir()}': {error.strerror}; free some") from error


class Nothing:
    """No rows, while there is no result."""

    columns: tuple[str, ...] = ()
    count: int | None = 0

    def read(self, offset: int, limit: int) -> pa.Table:
        """No rows."""
        return pa.table({})


class Growing(Pages):
    """Pages of a result: whole ones may be shown while more rows come."""

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self._result = result

    @property
    def first(self) -> int:
        """Rows that may be shown before the last one has come."""
        return self._result.rows // PAGE * PAGE


_PLAN = pa.schema([("plan", pa.string())])


def _lines(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What EXPLAIN says, a line a row."""
    for batch in batches:
        lines = [line for text in batch.column(batch.num_columns - 1).to_pylist() for line in str(text).splitlines()]
        yield pa.record_batch([pa.array(lines, pa.string())], schema=_PLAN)


def _told(reader: pa.RecordBatchReader, query: str) -> Iterator[pa.RecordBatch]:
    """The batches; what DuckDB says after the first rows reaches Arrow as an OSError."""
    try:
        yield from reader
    except (OSError, duckdb.Error) as error:
        raise guard.explained(error, query) from error
    finally:
        reader.close()


def _room() -> int:
    """Bytes that may be used: never more than half of what is free."""
    return min(MOST, shutil.disk_usage(tempfile.gettempdir()).free // 2)
