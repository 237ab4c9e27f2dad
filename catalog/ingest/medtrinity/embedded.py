"""The images that lie inside a Parquet file: measured, and taken along when asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.errors import InputError
from catalog.ingest.medtrinity import headers

PIXELS = pa.schema(
    [
        ("row", pa.int64()),
        ("sha256", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("channels", pa.int64()),
        ("bit_depth", pa.int64()),
        ("problem", pa.string()),
    ]
)
_BATCH_ROWS = 256
_BUFFER_BYTES = 256 << 10
"""Larger buffers are zeroed for every page: ten times slower."""
_COPY_BYTES = 64 << 20


@dataclass(slots=True)
class _Found:
    """Columns of ``PIXELS``, being filled."""

    rows: list[int] = field(default_factory=list)
    shas: list[str] = field(default_factory=list)
    sizes: list[headers.Size] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)

    def table(self) -> pa.Table:
        sizes = np.array(self.sizes, dtype=np.int64).reshape(-1, 4)
        blank = sizes[:, 0] < 0
        measured = [pa.array(sizes[:, place], mask=blank) for place in range(4)]
        problems = pa.array([self.problems.get(row) for row in self.rows], pa.string())
        shas = pa.array(self.shas, pa.string())
        return pa.Table.from_arrays([pa.array(self.rows, pa.int64()), shas, *measured, problems], schema=PIXELS)


def rows_of_64_mb(path: Path) -> int:
    """How many rows of a file hold 64 MB of images, going by its footer."""
    metadata = pq.read_metadata(path)
    size = 0
    for group in range(metadata.num_row_groups):
        chunks = metadata.row_group(group)
        parts = (chunks.column(place) for place in range(chunks.num_columns))
        size += sum(one.total_uncompressed_size for one in parts if one.path_in_schema.split(".")[0] == "image")
    return int(max(1, _COPY_BYTES * metadata.num_rows // max(size, 1)))


def read(path: Path, start: int, stop: int, *, copy: bool) -> tuple[pa.Table, pa.Table | None]:
    """Measure the images of rows start to stop (exclusive).

    Returns:
        A table as ``PIXELS`` of the rows that hold bytes, and with ``copy`` the bytes: sha256, name, data.
    """
    found, pieces = _Found(), []
    # Hashing lets go of the interpreter, so one batch is measured while the next is read.
    with ThreadPoolExecutor(1) as thread:
        running: Future[None] | None = None
        for first, images in _images(path, start, stop):
            if running is not None:
                running.result()
            seen = len(found.shas)
            running = thread.submit(_measure, images, first, found)
            if copy:
                running.result()
                pieces.append(_blobs(images, found.shas[seen:]))
        if running is not None:
            running.result()
    if not copy:
        return found.table(), None
    blobs = pa.concat_tables(pieces) if pieces else _blobs(pa.array([], pa.large_binary()), [])
    return found.table(), _each_once(blobs)


def _images(path: Path, start: int, stop: int) -> Iterator[tuple[int, Any]]:
    """Row number and bytes (binary array) of the batches that lie between start and stop."""
    with pq.ParquetFile(path, buffer_size=_BUFFER_BYTES) as file:
        whole = pa.types.is_struct(file.schema_arrow.field("image").type)
        for at, group in _groups(file, start, stop):  # one by one: several at once are all kept until the last
            first = at
            for batch in file.iter_batches(
                _BATCH_ROWS, row_groups=[group], columns=["image.bytes" if whole else "image"], use_threads=False
            ):
                low, high = max(start - first, 0), min(stop - first, batch.num_rows)
                if low < high:
                    images = batch.column(0).slice(low, high - low)
                    yield first + low, pc.struct_field(images, "bytes") if whole else images
                first += batch.num_rows
                if first >= stop:
                    return


def _groups(file: pq.ParquetFile, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The first row and the number of each row group that overlaps."""
    first = 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if first < stop and first + rows > start:
            yield first, group
        first += rows


def _measure(images: Any, first: int, found: _Found) -> None:
    valid = images.is_valid().to_numpy(zero_copy_only=False)
    offsets, data = _layout(images)
    for place in np.flatnonzero(valid).tolist():
        one = data[offsets[place] : offsets[place + 1]]
        found.rows.append(first + place)
        found.shas.append(hashlib.sha256(one).hexdigest())
        try:
            found.sizes.append(headers.size_of(one))
        except InputError as error:
            found.sizes.append((-1, -1, -1, -1))
            found.problems[first + place] = str(error)


def _layout(images: Any) -> tuple[list[int], memoryview]:
    """Where each image begins, and the bytes of all, without a copy."""
    wide = pa.types.is_large_binary(images.type)
    _, offsets, data = images.buffers()
    width = 8 if wide else 4
    ends = np.frombuffer(offsets, np.int64 if wide else np.int32, len(images) + 1, images.offset * width)
    return ends.tolist(), memoryview(data) if data is not None else memoryview(b"")


def _blobs(images: Any, shas: list[str]) -> pa.Table:
    data = images.drop_null().cast(pa.large_binary())
    return pa.table({"sha256": pa.array(shas, pa.string()), "name": pa.nulls(len(shas), pa.string()), "data": data})


def _each_once(blobs: pa.Table) -> pa.Table:
    _, first = np.unique(blobs.column("sha256").to_numpy(zero_copy_only=False).astype(str), return_index=True)
    return blobs.take(np.sort(first)) if len(first) < blobs.num_rows else blobs
