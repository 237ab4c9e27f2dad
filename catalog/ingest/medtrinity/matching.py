"""Joins rows to files by basename, once a table, in DuckDB: each unit then finds its files by row number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import sqlfiles
from catalog.errors import InputError
from catalog.ingest.bulk.scratch import Scratch
from catalog.lake.keys import KeyedHash
from catalog.pixels.source import PixelSource
from catalog.sqlfiles import literal

_LISTING = "listing.parquet"
_FILES = "files.parquet"


@dataclass(frozen=True, slots=True)
class Joined:
    """Where the work of the join lies."""

    scratch: Scratch
    keys: KeyedHash

    @property
    def listing(self) -> Path:
        """Every file, as ``listing.SCHEMA`` says."""
        return self.scratch.file(_LISTING)

    def matches(self, place: int) -> Path:
        """For each row of a table that names a file: row, copies, same, and the file's columns where there is one."""
        return self.scratch.file(f"matches{place}.parquet")

    def resolve_doubles(self) -> None:
        """Write every basename once; files of one name count as one where their bytes are equal."""
        with self.scratch.connect() as connection:
            _view(connection, "listing", self.listing)
            connection.execute(sqlfiles.statement("ingest/medtrinity_doubles"))
            hashes = self._hashes(connection)
            connection.register("hashes", hashes)
            _copy(connection, "ingest/medtrinity_files", self.scratch.file(_FILES))

    def match(self, place: int, names: str) -> None:
        """Join one table; ``names`` is a SELECT of row and name."""
        with self.scratch.connect() as connection:
            connection.execute(f"CREATE TEMP VIEW names AS {names}")
            _view(connection, "files", self.scratch.file(_FILES))
            _copy(connection, "ingest/medtrinity_matches", self.matches(place))

    def unnamed(self, places: Sequence[int]) -> int:
        """Write the files that no row names, and say how many there are."""
        target = self.scratch.file("unnamed.parquet")
        with self.scratch.connect() as connection:
            self._bases(connection, places)
            _view(connection, "listing", self.listing)
            _copy(connection, "ingest/medtrinity_unnamed", target)
            found = connection.execute(f"SELECT count(*) FROM read_parquet({literal(str(target))})").fetchone()
        return int(found[0]) if found else 0

    def parts(self, places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The 64 MB parts of the listing with the number of files in them that rows name; for ``copy``."""
        target = self.scratch.file("wanted.parquet")
        with self.scratch.connect() as connection:
            self._bases(connection, places)
            _view(connection, "listing", self.listing)
            _copy(connection, "ingest/medtrinity_wanted", target)
            parts = f"SELECT part, count(*) FROM read_parquet({literal(str(target))}) GROUP BY part ORDER BY part"
            yield from connection.execute(parts).fetchall()

    def _bases(self, connection: duckdb.DuckDBPyConnection, places: Sequence[int]) -> None:
        files = ", ".join(literal(str(self.matches(place))) for place in places)
        source = f"read_parquet([{files}])" if files else "(SELECT NULL::VARCHAR AS base LIMIT 0)"
        connection.execute(f"CREATE TEMP VIEW named AS SELECT base FROM {source}")

    def _hashes(self, connection: duckdb.DuckDBPyConnection) -> pa.Table:
        """SHA-256 of files that share name and size and were not read yet."""
        unread = connection.execute("SELECT ordinal, uri FROM doubles WHERE comparable AND sha256 IS NULL").fetchall()
        source = PixelSource(self.keys)
        hashed: Mapping[int, str | None] = {ordinal: _hash(source, uri) for ordinal, uri in unread}
        return pa.table(
            {"ordinal": pa.array(list(hashed), pa.int64()), "read_sha256": pa.array(list(hashed.values()), pa.string())}
        )


def _hash(source: PixelSource, uri: str) -> str | None:
    try:
        return hashlib.sha256(source.read(uri)).hexdigest()
    except InputError:
        return None


def _view(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    connection.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet({literal(str(file))})")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    options = "FORMAT parquet, COMPRESSION snappy"
    connection.execute(f"COPY ({sqlfiles.statement(query)}) TO {literal(str(target))} ({options})")
