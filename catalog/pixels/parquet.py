"""Images embedded in a Parquet file: ``image`` as struct(bytes, path), or as plain binary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

_BATCH_ROWS = 16
"""Rows decoded at a time: embedded images are large, and one is wanted."""


@dataclass(slots=True)
class ParquetImages:
    """Reads single images. Keeps its place, so rows asked for in order cost one pass over the file."""

    _path: Path | None = None
    _file: ParquetFile | None = None
    _group: int = -1
    _first: int = 0
    """Row of the file that ``_batch`` begins at."""
    _batch: pa.Array | None = None
    _batches: Iterator[pa.Array] = field(default_factory=lambda: iter(()))

    def read(self, path: Path, row: int, *, shown: str) -> bytes:
        """The bytes of ``image`` in row ``row`` of the whole file; ``shown`` is how messages call the file.

        Raises:
            InputError: There is no such row, column or image ("missing"), or the file is broken.
            OSError: The file cannot be opened.
        """
        from pyarrow import ArrowException

        try:
            return self._read(path, row, shown)
        except ArrowException as error:
            self.close()
            reason = str(error).splitlines()[0]
            raise InputError(f"{shown!r} is not a readable Parquet file: {reason}") from error

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._path, self._file, self._group, self._batch, self._batches = None, None, -1, None, iter(())

    def __del__(self) -> None:
        self.close()

    def _read(self, path: Path, row: int, shown: str) -> bytes:
        file = self._opened(path)
        group, first = _group_of(file, row, shown)
        if group != self._group or row < self._first:
            self._batches = _image_bytes(file, group, shown)
            self._group, self._first, self._batch = group, first, next(self._batches)
        while self._batch is not None and row >= self._first + len(self._batch):
            self._first += len(self._batch)
            self._batch = next(self._batches)
        data: bytes | None = self._batch[row - self._first].as_py() if self._batch is not None else None
        if data is None:
            raise InputError(f"row {row} of {shown!r} has no image bytes", kind="missing")
        return data

    def _opened(self, path: Path) -> ParquetFile:
        from pyarrow.parquet import ParquetFile

        if self._file is None or self._path != path:
            self.close()
            self._path, self._file = path, ParquetFile(path, buffer_size=1 << 20)
        return self._file


def _group_of(file: ParquetFile, row: int, shown: str) -> tuple[int, int]:
    """The row group that holds a row, and its first row."""
    first = 0
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if row < first + rows:
            return group, first
        first += rows
    raise InputError(f"{shown!r} has {first} rows, none numbered {row}; was the file replaced?", kind="missing")


def _image_bytes(file: ParquetFile, group: int, shown: str) -> Iterator[Any]:
    import pyarrow as pa

    schema = file.schema_arrow
    kind = schema.field("image").type if "image" in schema.names else None
    if kind is None:
        raise InputError(f"{shown!r} has no column 'image', only {', '.join(schema.names)}", kind="missing")
    nested = pa.types.is_struct(kind)
    column = "image.bytes" if nested else "image"
    for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=[column], use_threads=False):
        image = batch.column(0)
        yield image.field("bytes") if nested else image
