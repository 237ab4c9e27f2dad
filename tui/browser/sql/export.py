"""Writes the rows of a result to a file, and can be watched and stopped meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from catalog.errors import QueryError
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
        self._stopping = False

    def write(self, lake: Lake) -> Path:
        """Write the file, whole or not at all; rows that were not kept are asked for again.

        Raises:
            QueryError: It was stopped, or the query cannot be run again.
            UsageError: The file cannot be written.
        """
        if self._result.state == "whole" or self._result.question is None:
            schema, batches = self._result.schema, self._result.batches()
        else:
            rows = output.rows_of(queries.run(lake, self._result.question))
            schema, batches = rows.reader.schema, iter(rows.reader)
        reader = pa.RecordBatchReader.from_batches(schema, self._watched(batches))
        kept = output.Rows(reader, self._result.json_columns)
        output.write(kept, output.OutputFlags(out=self.path), Session(quiet=True))
        return self.path

    def stop(self) -> None:
        """Stop after the rows that are being written; no file is left."""
        self._stopping = True

    def _watched(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self._stopping:
                raise QueryError(f"stopped; '{self.path}' was not written")
            yield batch
            self.rows += batch.num_rows
