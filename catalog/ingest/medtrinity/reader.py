"""Reads MedTrinity as published: metadata rows by the column, pixels embedded, joined by basename, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import duckdb
import pyarrow as pa

from catalog import records, sqlfiles
from catalog.errors import InputError
from catalog.ingest.bulk import failing, tables
from catalog.ingest.bulk.scratch import Scratch
from catalog.ingest.bulk.tables import Table
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.medtrinity import embedded, inputs, joined, listing
from catalog.ingest.medtrinity.matching import Joined
from catalog.lake.keys import digest
from catalog.records import Failure
from catalog.sqlfiles import literal

UNIT_ROWS = 50_000
DEFAULT_SOURCE = "medtrinity"
_OUTPUTS = ("images", "descriptions", "failures")
_PUBLISHED = {"image_id": "id", "caption": "caption", "file_name": "file_name", "source": "source"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows start to stop (exclusive) of a metadata table."""

    table: Table
    place: int
    start: int
    stop: int
    joins: bool
    """Whether images were given that rows may be joined to."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """A part of the files that rows name, to be copied."""

    part: int


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Files start to stop (exclusive) of those that no row names."""

    start: int
    stop: int


class MedTrinityReader:
    """``25M_demo`` and ``25M_full`` Parquet, ``metadata.jsonl``, and folders, ``.tar`` or ``.tar.zst`` with the images.

    Every published column is kept: id, caption, source and file_name as what they are, others in ``extra``. Rows are
    joined to files whose basename is their file_name, or its last component. Where images are given, rows without one
    and images that no row names become failures ("missing", "unreferenced"); otherwise rows simply have no pixels.
    """

    kind: ClassVar[str] = "medtrinity"
    parallel: ClassVar[bool] = True

    def __init__(self, paths: Sequence[Path], options: Options) -> None:
        self._paths = list(paths)
        self._options = options
        self._joined = Joined(Scratch(), options.keys)

    def units(self) -> Iterator[Unit]:
        """The join first, where there are images; then bytes to copy, rows, and what was left over."""
        given = inputs.sort(self._paths)
        opened = [self._opened(place, path) for place, path in enumerate(given.tables)]
        good = {place: table for place, table in enumerate(opened) if isinstance(table, Table)}
        bad = [failure for failure in opened if isinstance(failure, Failure)]
        stamp = ""
        if given.brings_files:
            bad += listing.write(given, self._joined.listing, hashed=self._options.copy)
            self._join(good)
            stamp = self._stamp_of_files()
            yield from self._copied(list(good), stamp)
        else:
            bad += [listing.foreign(path) for path in given.foreign]
        for place, table in good.items():
            yield from self._rows(place, table, stamp)
        if given.brings_files:
            yield from self._unnamed(list(good), stamp)
        yield from (self._unit(failure.message, [failure], Path(failure.input).name) for failure in bad)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read one unit."""
        del lookup
        match unit.payload:
            case Rows():
                return self._read_rows(unit.payload)
            case Bytes():
                with self._scratch.connect() as connection:
                    wanted = str(self._scratch.file("wanted.parquet"))
                    return joined.take_part(wanted, unit.payload.part, self._options.keys, connection)
            case Unnamed():
                return self._read_unnamed(unit.payload)
        return Batch(tables=records.tables(unit.payload))

    @property
    def _scratch(self) -> Scratch:
        return self._joined.scratch

    def _opened(self, place: int, path: Path) -> Table | Failure:
        try:
            table = tables.open_table(path, self._scratch, name=f"table{place}")
        except InputError as error:
            return Failure(input=str(path), error=error.kind, message=str(error))
        lacking = [column for column in ("id", "caption") if column not in table.types]
        if not lacking or not table.rows:
            return table
        message = (
            f"'{path}' has no column '{lacking[0]}', only {', '.join(table.types)}; "
            f"take it in with --as manifest --map COLUMN={'image_id' if lacking[0] == 'id' else 'caption'}"
        )
        return Failure(input=str(path), error="columns", message=message)

    def _join(self, good: dict[int, Table]) -> None:
        self._joined.resolve_doubles()
        for place, table in good.items():
            names = f"SELECT row, name FROM ({_given(table, 0, table.rows)}) WHERE name IS NOT NULL"
            self._joined.match(place, names)

    def _stamp_of_files(self) -> str:
        with self._scratch.connect() as connection:
            source = f"read_parquet({literal(str(self._joined.listing))})"
            return digest(
                *(connection.execute(f"SELECT count(*), bit_xor(hash(uri, size)) FROM {source}").fetchone() or ())
            )

    def _copied(self, places: Sequence[int], stamp: str) -> Iterator[Unit]:
        if not self._options.copy:
            return
        for part, files in self._joined.parts(places):
            yield self._unit((stamp, part), Bytes(part), f"{files} image files, part {part}", items=files)

    def _rows(self, place: int, table: Table, stamp: str) -> Iterator[Unit]:
        limit = UNIT_ROWS
        if self._options.copy and "image" in table.types and not table.json:
            limit = min(limit, embedded.rows_of_64_mb(table.parquet))
        for start, stop in tables.ranges(table.groups, limit):
            payload = Rows(table, place, start, stop, bool(stamp))
            name = f"{table.path.name} rows {start}-{stop}"
            stat = table.path.stat()
            key = (str(table.path), stat.st_size, stat.st_mtime_ns, start, stop, stamp)
            yield self._unit(key, payload, name, items=stop - start)

    def _unnamed(self, places: Sequence[int], stamp: str) -> Iterator[Unit]:
        count = self._joined.unnamed(places)
        for start in range(0, count, UNIT_ROWS):
            stop = min(start + UNIT_ROWS, count)
            key = (stamp, *(str(path) for path in self._paths), start)
            yield self._unit(key, Unnamed(start, stop), f"{stop - start} files that no row names")

    def _unit(self, key: object, payload: object, name: str, *, items: int = 1) -> Unit:
        options = self._options
        return Unit(key=digest(self.kind, key, options.source, options.copy), name=name, payload=payload, items=items)

    def _read_rows(self, part: Rows) -> Batch:
        with self._scratch.connect() as connection:
            try:
                blobs = self._prepare(connection, part)
                out = {name: connection.execute(_query(name)).to_arrow_table() for name in _OUTPUTS}
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                return failing.unreadable(part.table.path, part.start, part.stop, error)
        return Batch(tables=out, blobs=blobs)

    def _prepare(self, connection: duckdb.DuckDBPyConnection, part: Rows) -> pa.Table | None:
        """Make what the queries read: given, pixels (embedded), matches and sizes (joined), and their variables."""
        connection.execute(f"CREATE TEMP TABLE given AS {_given(part.table, part.start, part.stop)}")
        pixels, blobs = embedded.PIXELS.empty_table(), None
        if _holds_images(part.table):
            pixels, blobs = embedded.read(part.table.parquet, part.start, part.stop, copy=self._options.copy)
        connection.register("pixels", pixels)
        matches = self._joined.matches(part.place) if part.joins else None
        connection.execute(f"CREATE TEMP TABLE matches AS {_matches(matches, part)}")
        if self._options.copy:
            connection.execute("UPDATE matches SET uri = 'lance:' || sha256 WHERE sha256 IS NOT NULL")
        joined.measure(connection, self._options.keys)
        values = {
            "input": str(part.table.path),
            "prefix": f"parquet:{quote(str(part.table.path), safe='/', errors='surrogateescape')}!",
            "copy": self._options.copy,
            "expects": part.joins or _holds_images(part.table),
            "source": self._options.source or "",
            "default_source": DEFAULT_SOURCE,
        }
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        return blobs

    def _read_unnamed(self, part: Unnamed) -> Batch:
        with self._scratch.connect() as connection:
            connection.execute(f"SET VARIABLE unnamed = {literal(str(self._scratch.file('unnamed.parquet')))}")
            query = sqlfiles.statement("ingest/medtrinity_unreferenced")
            rows = {"start": part.start, "stop": part.stop}
            return Batch(tables={"failures": connection.execute(query, rows).to_arrow_table()})


def _given(table: Table, start: int, stop: int) -> str:
    """A SELECT of row, image_id, caption, name, source and extra."""
    columns = {name: column for name, column in _PUBLISHED.items() if column in table.types}
    if _holds_images(table):
        columns["image"] = "image"
    names = [f"nullif({name}::VARCHAR, '')" for name in ("file_name",) if name in columns]
    if table.types.get("image", "").startswith("STRUCT") and "path VARCHAR" in table.types["image"]:
        names.append("nullif(image.path, '')")
    source = "nullif(source::VARCHAR, '')" if "source" in columns else "NULL::VARCHAR"
    return (
        "SELECT row, nullif(image_id::VARCHAR, '') AS image_id, caption::VARCHAR AS caption, "
        f"coalesce({', '.join([*names, 'NULL::VARCHAR'])}) AS name, {source} AS source, extra "
        f"FROM ({table.slice(columns, start, stop)})"
    )


def _holds_images(table: Table) -> bool:
    return not table.json and "BLOB" in table.types.get("image", "")


def _matches(file: Path | None, part: Rows) -> str:
    """A SELECT of what the join found for the rows of a unit; without a join, of nothing."""
    if file is None:
        fields = ", ".join(f"NULL::{kind} AS {name}" for name, kind in _MATCH_TYPES.items())
        return f"SELECT {fields} LIMIT 0"
    names = ", ".join(_MATCH_TYPES)
    between = f"row >= {part.start} AND row < {part.stop}"
    return f"SELECT {names} FROM read_parquet({literal(str(file))}) WHERE {between}"


_MATCH_TYPES = {
    "row": "BIGINT",
    "copies": "BIGINT",
    "same": "BOOLEAN",
    "uri": "VARCHAR",
    "sha256": "VARCHAR",
    "width": "BIGINT",
    "height": "BIGINT",
    "channels": "BIGINT",
    "bit_depth": "BIGINT",
}


def _query(name: str) -> str:
    return sqlfiles.statement(f"ingest/medtrinity_{name}")
