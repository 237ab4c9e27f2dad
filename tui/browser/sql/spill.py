"""Batches of rows in a file without a name: written one after the other, read back in any order while more come."""

from __future__ import annotations

import os
import tempfile
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Where the bytes of a batch lie."""

    offset: int
    size: int


class Spill:
    """Rows by their number, on disk; the file is gone when the process is. Methods may be called from any thread."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._file = tempfile.TemporaryFile(prefix="triptych-rows-")  # noqa: SIM115 - open for as long as it is shown
        self._chunks: list[_Chunk] = []
        self._ends = [0]
        """The number of rows up to each chunk, and with the last."""
        self._turn = threading.Lock()
        self._closed = False

    @property
    def rows(self) -> int:
        """Rows that have been written."""
        return self._ends[-1]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._chunks[-1].offset + self._chunks[-1].size if self._chunks else 0

    def append(self, batch: pa.RecordBatch) -> None:
        """Write a batch; only one thread does.

        Raises:
            OSError: The disk is full.
        """
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch)
        data, offset = memoryview(sink.getvalue()), self.size
        with self._turn:
            if self._closed:
                return
            for start in range(0, len(data), _PIECE):
                self._file.write(data[start : start + _PIECE])
            self._file.flush()
            self._chunks.append(_Chunk(offset, len(data)))
            self._ends.append(self.rows + batch.num_rows)

    def read(self, offset: int, limit: int) -> pa.Table:
        """Rows from a number on, as far as they have been written; none of a file that was closed."""
        end = min(offset + limit, self.rows)
        found = []
        while offset < end:
            chunk = bisect_right(self._ends, offset) - 1
            batch = self._batch(chunk)
            if batch is None:
                break
            part = batch.slice(offset - self._ends[chunk], end - offset)
            found.append(part)
            offset += part.num_rows
        return pa.Table.from_batches(found, self.schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows that have been written."""
        for chunk in range(len(self._chunks)):
            if (batch := self._batch(chunk)) is not None:
                yield batch

    def close(self) -> None:
        """Give the disk back."""
        with self._turn:
            self._closed = True
            self._file.close()

    def _batch(self, number: int) -> pa.RecordBatch | None:
        chunk = self._chunks[number]
        with self._turn:
            if self._closed:
                return None
            data = os.pread(self._file.fileno(), chunk.size, chunk.offset)
        with pa.ipc.open_stream(data) as reader:
            return reader.read_next_batch()


_PIECE = 1 << 20
"""Bytes that are written at once."""
