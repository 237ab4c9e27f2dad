"""Parquet, CSV and JSON-lines tables behind one face: named columns, numbered rows, and slices of them as SQL.

A Parquet file is read where it lies. CSV and JSON lines, which cannot be entered in the middle, are first poured into a
Parquet file of the scratch folder, every value as text. Rows are counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from catalog.errors import InputError
from catalog.ingest.bulk import damage
from catalog.ingest.bulk.private import is_identifying
from catalog.ingest.bulk.scratch import Scratch
from catalog.records import Failure
from catalog.sqlfiles import identifier, literal

PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
JSON = (".jsonl", ".ndjson", ".jsonl.gz", ".json")
SUFFIXES = PARQUET + TEXT + JSON
_MAX_REJECTS = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be sliced by row."""

    path: Path
    """The file as given, absolute."""
    parquet: Path
    """Where its rows lie."""
    types: Mapping[str, str]
    """SQL type of each column, in order."""
    groups: tuple[int, ...]
    """Rows of each row group."""
    json: bool = False
    """Whether ``parquet`` holds one column ``line``, a JSON object a row."""
    failures: tuple[Failure, ...] = ()
    """Lines that could not be read at all."""

    @property
    def rows(self) -> int:
        """Rows in the table."""
        return sum(self.groups)

    def slice(self, columns: Mapping[str, str], start: int, stop: int, *, rest: bool = True) -> str:
        """A SELECT of rows start to stop (exclusive).

        Args:
            columns: Our name -> column of the table; each is selected in its own type, text where it was text.
            start: First row.
            stop: Row after the last.
            rest: Whether the columns not named come along as JSON in ``extra``.

        Returns:
            Columns ``row`` (BIGINT), those named, and ``extra`` (JSON or null).
        """
        chosen, source = self._json_parts(columns) if self.json else self._parts(columns)
        extra = self._extra(columns) if rest else "NULL::VARCHAR"
        return (
            f"SELECT {', '.join(['file_row_number AS row', *chosen, f'{extra} AS extra'])} FROM {source} "
            f"WHERE file_row_number >= {start} AND file_row_number < {stop}"
        )

    def bytes_columns(self, columns: Mapping[str, str]) -> list[str]:
        """Columns that hold bytes, which JSON cannot carry, among those not named."""
        return [name for name, kind in self.types.items() if "BLOB" in kind and name not in columns.values()]

    def identifying_columns(self, columns: Mapping[str, str]) -> list[str]:
        """Columns that identify a person by their name, among those not named; ``extra`` is without them."""
        return [name for name in self.types if is_identifying(name) and name not in columns.values()]

    def _parts(self, columns: Mapping[str, str]) -> tuple[list[str], str]:
        chosen = [f"{identifier(column)} AS {identifier(name)}" for name, column in columns.items()]
        return chosen, f"read_parquet({literal(str(self.parquet))}, file_row_number = true)"

    def _json_parts(self, columns: Mapping[str, str]) -> tuple[list[str], str]:
        paths = ", ".join(literal(_json_path(column)) for column in columns.values())
        chosen = [f"given[{place}] AS {identifier(name)}" for place, name in enumerate(columns, 1)]
        values = f"json_extract_string(line, [{paths}])" if columns else "NULL::VARCHAR[]"
        source = f"read_parquet({literal(str(self.parquet))}, file_row_number = true)"
        return chosen, f"(SELECT {values} AS given, line, file_row_number FROM {source})"

    def _extra(self, columns: Mapping[str, str]) -> str:
        taken = {*columns.values(), *self.identifying_columns(columns)}
        if self.json:
            gone = ", ".join(f"{literal(name)}, NULL" for name in self.types if name in taken)
            left = f"json_merge_patch(line, json_object({gone}))" if gone else "line"
            return f"nullif({left}::VARCHAR, '{{}}')"
        left_over = [name for name in self.types if name not in taken and "BLOB" not in self.types[name]]
        pairs = ", ".join(f"{literal(name)}, {identifier(name)}" for name in left_over)
        return f"json_object({pairs})::VARCHAR" if left_over else "NULL::VARCHAR"


def ranges(groups: tuple[int, ...], limit: int) -> Iterator[tuple[int, int]]:
    """Rows start to stop (exclusive) of a table's units: whole row groups up to ``limit`` rows, larger ones split."""
    start = stop = 0
    for rows in groups:
        if stop > start and stop + rows - start > limit:
            yield start, stop
            start = stop
        stop += rows
        while stop - start > limit:
            yield start, start + limit
            start += limit
    if stop > start:
        yield start, stop


def open_table(path: Path, scratch: Scratch, *, name: str) -> Table:
    """Open a table; ``name`` is what its copy in the scratch folder is called, where it needs one.

    Raises:
        InputError: It is damaged or of no known kind.
    """
    damage.check(path)
    kind = path.name.casefold()
    try:
        if kind.endswith(PARQUET):
            return _open_parquet(path)
        if kind.endswith(TEXT):
            return _pour_text(path, scratch, scratch.file(f"{name}.parquet"))
        if kind.endswith(JSON):
            return _pour_json(path, scratch, scratch.file(f"{name}.parquet"))
    except (duckdb.Error, OSError) as error:
        raise InputError(f"cannot read '{path}': {_first_line(error)}") from error
    raise InputError(f"'{path}' is no table we know; give one of {', '.join(SUFFIXES)}", kind="format")


def columns_of(path: Path) -> list[str]:
    """The names of a table's columns; of JSON lines, the keys of the first rows.

    Raises:
        InputError: It is damaged.
    """
    damage.check(path)
    with duckdb.connect() as connection:
        try:
            if path.name.casefold().endswith(PARQUET):
                return list(_types(connection, path))
            if path.name.casefold().endswith(JSON):
                return _keys(connection, f"(FROM {_lines(path)} LIMIT 100)", "json")
            return list(connection.sql(f"FROM {_text(path)} LIMIT 0").columns)
        except duckdb.Error as error:
            raise InputError(f"cannot read '{path}': {_first_line(error)}") from error


def _open_parquet(path: Path, *, at: Path | None = None) -> Table:
    parquet = at or path
    with pq.ParquetFile(parquet) as file, duckdb.connect() as connection:
        groups = tuple(file.metadata.row_group(place).num_rows for place in range(file.num_row_groups))
        return Table(path, parquet, _types(connection, parquet), groups)


def _pour_text(path: Path, scratch: Scratch, target: Path) -> Table:
    with scratch.connect() as connection:
        connection.execute(f"COPY (FROM {_text(path)}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)")
        failures = tuple(_rejected(connection, path))
    poured = _open_parquet(path, at=target)
    return Table(path, target, poured.types, poured.groups, failures=failures)


def _rejected(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Failure]:
    lines = "SELECT line, any_value(error_message) AS reason FROM reject_errors GROUP BY line"
    (count,) = connection.execute(f"SELECT count(*) FROM ({lines})").fetchone() or (0,)
    for line, reason in connection.execute(f"{lines} ORDER BY line LIMIT {_MAX_REJECTS}").fetchall():
        yield _bad_line(path, f"line {line}", str(reason))
    if count > _MAX_REJECTS:
        yield _bad_line(path, f"{count - _MAX_REJECTS} more lines", "they are broken in the same ways")


def _pour_json(path: Path, scratch: Scratch, target: Path) -> Table:
    with scratch.connect() as connection:
        source = f"SELECT json::VARCHAR AS line FROM {_lines(path)}"
        connection.execute(f"COPY ({source}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)")
        keys = _keys(connection, f"read_parquet({literal(str(target))})", "line")
    poured = _open_parquet(path, at=target)
    return Table(path, target, dict.fromkeys(keys, "VARCHAR"), poured.groups, json=True)


def _text(path: Path) -> str:
    return f"read_csv({literal(str(path))}, all_varchar = true, header = true, store_rejects = true, rejects_limit = 0)"


def _lines(path: Path) -> str:
    shape = "auto" if path.suffix == ".json" else "newline_delimited"
    ignore = ", ignore_errors = true" if shape == "newline_delimited" else ""
    return f"read_json_objects({literal(str(path))}, format = '{shape}'{ignore})"


def _keys(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> list[str]:
    found = connection.execute(
        f"SELECT DISTINCT unnest(json_keys({column})) AS key FROM {source} "
        f"WHERE json_type({column}) = 'OBJECT' ORDER BY key"
    ).fetchall()
    return [key for (key,) in found]


def _types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    described = connection.sql(f"FROM read_parquet({literal(str(path))}) LIMIT 0")
    return {name: str(kind) for name, kind in zip(described.columns, described.types, strict=True)}


def _json_path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'


def _bad_line(path: Path, item: str, reason: str) -> Failure:
    said = " ".join(reason.split())[:200]
    return Failure(input=str(path), item=item, error="line", message=f"{item} of '{path}' left out: {said}; mend it")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
