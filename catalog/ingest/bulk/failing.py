"""Adding failures to a batch, and what to say of rows that cannot be read at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from catalog import records
from catalog.ingest.contract import Batch
from catalog.records import Failure


def add(batch: Batch, failures: Sequence[Failure]) -> None:
    """Put failures behind those that the batch has."""
    if failures:
        told = records.tables(failures)["failures"]
        had = batch.tables.get("failures", told.slice(0, 0))
        batch.tables["failures"] = pa.concat_tables([had.select(told.column_names).cast(told.schema), told])


def unreadable(path: Path, start: int, stop: int, error: Exception) -> Batch:
    """A batch that says why rows start to stop (exclusive) of a table are not in it."""
    reason = " ".join(str(error).split())[:300]
    item = f"rows {start}-{stop}"
    message = f"{item} of '{path}' cannot be read: {reason}; copy or download the file again"
    return Batch(tables=records.tables([Failure(input=str(path), item=item, message=message)]))
