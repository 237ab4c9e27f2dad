"""Reads manifests: a slice of a table at a time goes through a private DuckDB and comes out as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from catalog import records, sqlfiles
from catalog.errors import InputError
from catalog.ingest.bulk import failing, tables
from catalog.ingest.bulk.scratch import Scratch
from catalog.ingest.bulk.tables import Table
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.manifest import copying, doubts, fields, masks
from catalog.ingest.manifest.typed import typed_rows
from catalog.lake.keys import KeyedHash, digest
from catalog.records import Failure

UNIT_ROWS = 250_000
_NAMELESS = "image_id, uri and file_name are empty, so it names no image; map one of them with --map"
_NAMELESS_JSON = f"it is no JSON object, or {_NAMELESS}"
_WORKED_OUT = {"image_id", "source", "file_name", "uri", *fields.CORNERS}
_OUTPUTS = ("images", "rois", "descriptions", "findings", "failures")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows start to stop (exclusive) of a table."""

    table: Table
    start: int
    stop: int
    beside: bool
    """Whether file names are paths beside the manifest."""


class ManifestReader:
    """Any Parquet, CSV or JSON-lines table whose columns are, or are mapped to, our fields.

    Rows may share an image_id, one a region. Columns we have no field for go into ``extra``: as one object, or, where
    the rows of an image differ in them, as a list of objects. Without an image_id it is a digest of source and uri (or
    file name). Relative paths start at the manifest's folder, and whether they lead anywhere is not looked at.

    Raises:
        UsageError: ``--map`` names a field that does not exist; ``units`` raises it for a column.
    """

    kind: ClassVar[str] = "manifest"
    parallel: ClassVar[bool] = False  # DuckDB uses every core itself

    def __init__(self, paths: Sequence[Path], options: Options) -> None:
        fields.check_fields(options.columns)
        self._paths = [Path(path).absolute() for path in paths]
        self._options = options
        self._scratch = Scratch()

    def units(self) -> Iterator[Unit]:
        """Row ranges of every table; a table that cannot be read is a unit of one failure."""
        opened = [self._opened(place, path) for place, path in enumerate(_files(self._paths))]
        for found in opened:
            if isinstance(found, Table):
                self._columns(found)
        for found in opened:
            yield from self._units_of(found) if isinstance(found, Table) else [self._failed(found)]

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read one range of rows."""
        del lookup
        if not isinstance(unit.payload, Part):
            return Batch(tables=records.tables(unit.payload))
        try:
            batch = self._read(unit.payload)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            return failing.unreadable(unit.payload.table.path, unit.payload.start, unit.payload.stop, error)
        if unit.payload.start == 0:
            failing.add(batch, [*unit.payload.table.failures, *self._skipped(unit.payload.table)])
            batch.notes += [*doubts.of_boxes(batch), *doubts.of_paths(batch, unit.payload.table.path)]
        if self._options.copy:
            copying.take_bytes(batch, self._options.keys, unit.payload.table.path)
        return batch

    def _read(self, part: Part) -> Batch:
        with self._scratch.connect() as connection:
            self._load(connection, part)
            masks.measure(connection)
            tables_read = {name: _output(connection, name, part) for name in _OUTPUTS}
        tables_read["images"] = _with_keys(tables_read["images"], self._options.keys)
        return Batch(tables=tables_read)

    def _opened(self, place: int, path: Path) -> Table | Failure:
        try:
            return tables.open_table(path, self._scratch, name=f"table{place}")
        except InputError as error:
            return Failure(input=str(path), error=error.kind, message=str(error))

    def _columns(self, table: Table) -> dict[str, str]:
        return fields.resolve(table.types, self._options.columns, table=str(table.path))

    def _units_of(self, table: Table) -> Iterator[Unit]:
        beside = self._beside(table)
        for start, stop in tables.ranges(table.groups, copying.LOOK_ROWS if self._options.copy else UNIT_ROWS):
            part = Part(table, start, stop, beside)
            for one in self._small_enough(part) if self._options.copy else [part]:
                yield self._unit(one)
        if not table.rows:
            yield self._unit(Part(table, 0, 0, beside))

    def _unit(self, part: Part) -> Unit:
        options = self._options
        mapped = sorted(options.columns.items())
        key = digest(self.kind, *_stamp(part.table.path), part.start, part.stop, options.source, options.copy, mapped)
        name = f"{part.table.path.name} rows {part.start}-{part.stop}"
        return Unit(key=key, name=name, payload=part, items=part.stop - part.start)

    def _failed(self, failure: Failure) -> Unit:
        key = digest(self.kind, *_stamp(Path(failure.input)), "unread")
        return Unit(key=key, name=Path(failure.input).name, payload=[failure])

    def _small_enough(self, part: Part) -> Iterator[Part]:
        with self._scratch.connect() as connection:
            try:
                self._load(connection, part)
            except duckdb.Error:  # read will say what is wrong
                yield part
                return
            rows = connection.execute("SELECT row, uri FROM manifest_rows ORDER BY row").fetchall()
        for start, stop in copying.cut(rows, part.start, part.stop, self._options.keys):
            yield Part(part.table, start, stop, part.beside)

    def _load(self, connection: duckdb.DuckDBPyConnection, part: Part) -> None:
        """Make the temporary table manifest_rows: typed, paths resolved, boxes judged."""
        salt = self._options.keys("content")
        rows = typed_rows(part.table, self._columns(part.table), part.start, part.stop, salt=salt)
        connection.execute(f"CREATE TEMP VIEW manifest_given AS {rows}")
        folder = part.table.path.parent
        values = {
            "source": self._options.source or part.table.path.name.split(".")[0],
            "given_source": self._options.source,
            "folder": f"{folder}/",
            "beside": part.beside,
            "nameless": _NAMELESS_JSON if part.table.json else _NAMELESS,
        }
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute(sqlfiles.statement("ingest/manifest_rows"))
        _keep(connection, self._columns(part.table))

    def _beside(self, table: Table) -> bool:
        """Whether one of the first file names lies where the manifest does: then file names are paths."""
        columns = self._columns(table)
        if "uri" in columns or "file_name" not in columns:
            return False
        first = table.slice({"name": columns["file_name"]}, 0, 100, rest=False)
        with self._scratch.connect() as connection:
            names = connection.execute(f"SELECT name::VARCHAR FROM ({first}) WHERE name IS NOT NULL LIMIT 5").fetchall()
        return any((table.path.parent / name).is_file() for (name,) in names if "\0" not in name and len(name) < 4096)

    def _skipped(self, table: Table) -> Iterator[Failure]:
        for column in table.bytes_columns(self._columns(table)):
            yield Failure(
                input=str(table.path),
                item=f"column {column}",
                error="bytes",
                message=f"the column '{column}' holds bytes, which a manifest does not take in; "
                "embedded images are read with --as medtrinity",
            )
        for column in table.identifying_columns(self._columns(table)):
            yield Failure(
                input=str(table.path),
                item=f"column {column}",
                error="identifier",
                message=f"the column '{column}' identifies people and was left out; "
                f"to keep a keyed hash of it, add --map {column}=patient (or study, or series)",
            )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        yield from (
            one for one in sorted(path.rglob("*")) if one.is_file() and one.name.casefold().endswith(tables.SUFFIXES)
        )


def _stamp(path: Path) -> tuple[object, ...]:
    try:
        stat = path.stat()
    except OSError:
        return (str(path),)
    return str(path), stat.st_size, stat.st_mtime_ns


def _keep(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Make manifest_rows of manifest_resolved, storing only columns that something fills: a third of the time."""
    resolved = connection.table("manifest_resolved")
    empty = {name for name in fields.FIELDS if name not in columns} - _WORKED_OUT
    kept = ", ".join(name for name in resolved.columns if name not in empty)
    connection.execute(f"CREATE TEMP TABLE manifest_kept AS SELECT {kept} FROM manifest_resolved")
    types = zip(resolved.columns, resolved.types, strict=True)
    shown = ", ".join(f"NULL::{kind} AS {name}" if name in empty else name for name, kind in types)
    connection.execute(f"CREATE TEMP VIEW manifest_rows AS SELECT {shown} FROM manifest_kept")


def _with_keys(images: pa.Table, keys: KeyedHash) -> pa.Table:
    """Identifiers hashed, each distinct one once."""
    for name in fields.IDENTIFIERS:
        at = images.column_names.index(f"{name}_key")
        given = images.column(at).combine_chunks().dictionary_encode()
        hashed = pa.array([keys.or_none(value) for value in given.dictionary.to_pylist()], pa.string())
        images = images.set_column(at, f"{name}_key", hashed.take(given.indices))
    return images


def _output(connection: duckdb.DuckDBPyConnection, name: str, part: Part) -> pa.Table:
    connection.execute("SET VARIABLE input = ?", [str(part.table.path)])
    return connection.execute(sqlfiles.statement(f"ingest/manifest_{name}")).to_arrow_table()
