"""Writes the rows of a result to a file, and can be watched and stopped meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from catalog.errors import QueryError, TriptychError
from tui import output
from tui import query as queries
from tui.browser.sql.result import Result
from tui.session import Session

if TYPE_CHECKING:
    from catalog.api import Lake


class Export:
    """One file that is being written; ``write`` runs in a thread, the rest is looked at from others."""

    def __init__(self, result: Result, path: Path) -> None:
        self.path = path
        self.rows = 0
        """Rows that have been written."""
        self._result = result
        self._json_columns = result.json_columns
        self._stopping = False
        self._thread = 0

    def write(self, lake: Lake) -> Path:
        """Write the file, whole or not at all; rows that were not kept are asked for again.

        Raises:
            QueryError: It was stopped, or the query cannot be run again.
            UsageError: The file cannot be written.
        """
        self._thread = threading.get_ident()
        try:
            schema, batches = self._rows(lake)
            rows = output.Rows(pa.RecordBatchReader.from_batches(schema, self._watched(batches)), self._json_columns)
            output.write(rows, output.OutputFlags(out=self.path), Session(quiet=True))
        except TriptychError as error:
            if self._stopping:
                raise QueryError(f"stopped; '{self.path}' was not written") from error
            raise
        finally:
            self._thread = 0
        return self.path

    def stop(self, lake: Lake) -> None:
        """Stop as soon as that can be; no file is left."""
        self._stopping = True
        if self._thread:
            lake.interrupt(of=self._thread)

    def _rows(self, lake: Lake) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
        if self._result.state == "whole" or self._result.question is None:
            return self._result.schema, self._result.batches()
        reader = output.rows_of(queries.run(lake, self._result.question)).reader
        return reader.schema, reader

    def _watched(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self._stopping:
                raise QueryError("stopped")
            yield batch
            self.rows += batch.num_rows
