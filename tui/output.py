"""Everything that a command prints as data: rows in six formats, and single documents as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from catalog.errors import QueryError, UsageError
from tui import formats
from tui.cells import plain
from tui.session import Session, counted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Format = Literal["table", "csv", "json", "jsonl", "parquet", "arrow"]
TERMINAL_ROWS = 1_000
"""Rows of a table that a terminal is shown."""
BATCH = 10_000
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}


@contextmanager
def kept_clear() -> Iterator[None]:
    """A block in which whatever is printed goes to stderr, also what libraries and new processes print."""
    sys.stdout.flush()
    with redirect_stdout(sys.stderr), _descriptor_of_stderr():
        yield


@contextmanager
def _descriptor_of_stderr() -> Iterator[None]:
    try:
        kept = os.dup(1)
    except OSError:  # stdout is closed
        yield
        return
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFlags:
    """How rows are written."""

    format: Format | None = None
    """How to write the rows; by default as the name of --out says, else a table."""
    limit: int | None = None
    """Rows to write at most, -1 for all; a table on a terminal shows 1,000 unless told otherwise."""
    out: Path | None = None
    """File to write, whole or not at all; otherwise stdout."""


Output = Annotated[OutputFlags, Parameter(name="*")]
DEFAULT = OutputFlags()
AS_JSON = OutputFlags(format="json")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows on their way out, batch by batch."""

    reader: pa.RecordBatchReader
    json_columns: frozenset[str] = field(default_factory=frozenset)
    """Columns that hold JSON text."""


def rows_of(answer: duckdb.DuckDBPyConnection) -> Rows:
    """The rows of a query that has been executed."""
    columns = answer.description or []
    texts = frozenset(str(name) for name, kind, *_ in columns if str(kind) == "JSON")
    return Rows(answer.to_arrow_reader(BATCH), texts)


def rows_in(table: pa.Table, *json_columns: str) -> Rows:
    """The rows of an Arrow table."""
    return Rows(table.to_reader(BATCH), frozenset(json_columns))


def listing(rows: Rows, session: Session, *, as_json: bool) -> None:
    """Write rows as a table, or with ``--json`` as an array."""
    write(rows, AS_JSON if as_json else DEFAULT, session, whole="--json")


def write(rows: Rows, flags: OutputFlags, session: Session, *, whole: str = "--format jsonl") -> None:
    """Write rows as the flags say; when some were left out, say so on stderr, and that ``whole`` shows all columns.

    Raises:
        UsageError: An impossible limit, or a binary format on a terminal.
    """
    form = chosen(flags)
    cut_at = _Counted(_limit(flags, form))
    with _opened(flags.out, form) as file:
        stream = formats.Stream(rows.reader.schema, cut_at.taken(rows.reader), rows.json_columns)
        hidden = formats.WRITERS[form](stream, file, flags.out is not None)
    if hidden:
        names = ", ".join(rows.reader.schema.names[-hidden:][:5]) + (", ..." if hidden > 5 else "")
        verb = "does" if hidden == 1 else "do"
        session.warn(f"{counted(hidden, 'column')} {verb} not fit the screen ({names}); {whole} writes all")
    if cut_at.cut:
        session.warn(f"cut at {counted(cut_at.limit or 0, 'row')}, there are more; --limit -1 writes all")


def chosen(flags: OutputFlags) -> Format:
    """The format that the flags mean."""
    named: Format = "table" if flags.out is None else _SUFFIXES.get(flags.out.suffix.lower(), "table")
    return flags.format or named


def suffixes() -> tuple[str, ...]:
    """Ends of file names that say a format."""
    return tuple(_SUFFIXES)


def document(value: Any) -> None:
    """Print one JSON document."""
    import json

    print(json.dumps(plain(value), ensure_ascii=False, indent=2))


class _Counted:
    """Lets so many rows through and notices whether there were more."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.cut = False

    def taken(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        left = self.limit
        for batch in _read(reader):
            if left is None:
                yield batch
                continue
            if batch.num_rows > left:
                self.cut = True
                yield batch.slice(0, left)
                return
            left -= batch.num_rows
            yield batch


def _read(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches; what DuckDB says after the first rows reaches Arrow as an OSError."""
    try:
        yield from reader
    except OSError as error:
        raise QueryError(str(error)) from error


def _limit(flags: OutputFlags, form: Format) -> int | None:
    if flags.limit is None:
        return TERMINAL_ROWS if form == "table" and flags.out is None and sys.stdout.isatty() else None
    if flags.limit < -1:
        raise UsageError(f"--limit {flags.limit} is no number of rows; -1 means all")
    return None if flags.limit == -1 else flags.limit


@contextmanager
def _opened(out: Path | None, form: Format) -> Iterator[IO[bytes]]:
    if out is not None:
        with _replacing(out) as file:
            yield file
        return
    if form in formats.BINARY and sys.stdout.isatty():
        raise UsageError(f"{form} is binary and this is a terminal; name a file with --out FILE")
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _replacing(out: Path) -> Iterator[IO[bytes]]:
    """A temporary sibling that takes the name when it is whole."""
    if out.is_dir():
        raise UsageError(f"'{out}' is a folder; name a file in it")
    sibling = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with sibling.open("wb") as file:
            yield file
        sibling.replace(out)
    except OSError as error:
        raise UsageError(f"cannot write '{out}': {error.strerror or error}; choose another file") from error
    finally:
        sibling.unlink(missing_ok=True)
