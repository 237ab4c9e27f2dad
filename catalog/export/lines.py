"""Text that DuckDB has made, written to a file without a Python object a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.export.folder import HashedFile


def write_lines(file: HashedFile, batches: Iterable[pa.RecordBatch]) -> int:
    """Append the first column of every batch, a text that brings its own line ends; the number of rows."""
    rows = 0
    for batch in batches:
        file.write(_text(batch.column(0)))
        rows += batch.num_rows
    return rows


def _text(column: pa.Array) -> memoryview:
    """The bytes of a string column, one value after the other: its data buffer as it is."""
    import pyarrow as pa

    texts = column.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q")
    return memoryview(data)[ends[texts.offset] : ends[texts.offset + len(texts)]]
