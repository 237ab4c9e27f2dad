"""One writer a format; each streams, and returns how many columns it could not show."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from typing import IO, TYPE_CHECKING, Any

from catalog.errors import TriptychError
from tui.cells import rows, text
from tui.table import Screen, lay_out, screen

if TYPE_CHECKING:
    import pyarrow as pa

BINARY = ("parquet", "arrow")


@dataclass(frozen=True, slots=True)
class Stream:
    """Batches of one schema."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    json_columns: frozenset[str]

    @property
    def names(self) -> list[str]:
        """Column names, each once: a repeated one gets a number, since files and JSON need them apart."""
        names: dict[str, None] = {}
        for name in self.schema.names:
            numbered = (f"{name}_{number}" for number in count(1))
            names[next(free for free in chain([name], numbered) if free not in names)] = None
        return list(names)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, in values that JSON has."""
        positions = [i for i, name in enumerate(self.schema.names) if name in self.json_columns]
        for batch in self.batches:
            yield from rows(batch, positions)


def write_table(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """Aligned text; on a terminal as wide as that is."""
    table = lay_out(stream.schema.names, stream.rows(), Screen() if is_file else screen())
    for line in table.lines:
        file.write(f"{line}\n".encode())
    return len(stream.schema.names) - table.shown


def write_csv(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """CSV with a header; nulls are empty, lists and structs are JSON."""
    wrapped = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(wrapped, lineterminator="\n")
    writer.writerow(stream.names)
    writer.writerows([None if value is None else text(value) for value in row] for row in stream.rows())
    wrapped.detach()
    return 0


def write_jsonl(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """One JSON object a line."""
    for line in _objects(stream):
        file.write(line + b"\n")
    return 0


def write_json(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """One JSON array of objects, an object a line."""
    between = b"[\n"
    for line in _objects(stream):
        file.write(between + line)
        between = b",\n"
    file.write(b"[]\n" if between == b"[\n" else b"\n]\n")
    return 0


def write_parquet(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """Parquet, a row group a batch."""
    import pyarrow.parquet as pq

    schema = _renamed(stream)
    with _told("parquet"), pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in stream.batches:
            writer.write_batch(batch.rename_columns(schema.names))
    return 0


def write_arrow(stream: Stream, file: IO[bytes], is_file: bool) -> int:
    """Arrow IPC: the file format in a file, the stream format on stdout."""
    import pyarrow as pa

    schema = _renamed(stream)
    with _told("arrow"), (pa.ipc.new_file if is_file else pa.ipc.new_stream)(file, schema) as writer:
        for batch in stream.batches:
            writer.write_batch(batch.rename_columns(schema.names))
    return 0


WRITERS: dict[str, Callable[[Stream, IO[bytes], bool], int]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "arrow": write_arrow,
}


def _objects(stream: Stream) -> Iterator[bytes]:
    names = stream.names
    for row in stream.rows():
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False).encode()


@contextmanager
def _told(form: str) -> Iterator[None]:
    """Say which type a binary format does not have."""
    import pyarrow as pa

    try:
        yield
    except pa.ArrowNotImplementedError as error:
        what = str(error).rpartition(": ")[2]
        raise TriptychError(f"cannot write {what} as {form}; cast it, such as column::VARCHAR") from error


def _renamed(stream: Stream) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([item.with_name(name) for item, name in zip(stream.schema, stream.names, strict=True)])
