"""Rows by where they are stored: a data file of a snapshot, and the number of the row in it.

An address is an ``int64``: the number of the file in the upper 32 bits, the number of the row in the lower. Ascending
addresses are the order of storage. A data file never changes, so an address shows the same row whatever is committed,
deleted or merged later, for as long as the file is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from catalog.errors import LakeError
from catalog.lake import guard
from catalog.lake.connection import ALIAS
from catalog.sqlfiles import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa

Addresses = NDArray[np.int64]
PLACE = "hash(filename) AS file, file_row_number AS row"
"""What to select of a table for ``Files.addresses``; a name's hash is computed once a vector, the name copied a row."""
_ROW_BITS = 32
_AT_ONCE = 2_000
"""Rows that one query names."""


@dataclass(frozen=True, slots=True)
class Files:
    """The data files of one table at one snapshot, and its columns then."""

    paths: tuple[str, ...]
    """In the order in which scans read them."""
    hashes: NDArray[np.uint64]
    """DuckDB's hashes of the paths, ascending."""
    numbers: NDArray[np.int64]
    """For each of ``hashes`` the number of the path."""
    columns: tuple[tuple[str, str], ...]
    """Name and type."""

    def addresses(self, batch: pa.RecordBatch | pa.Table) -> Addresses:
        """The addresses of rows that were selected as ``PLACE``."""
        hashes, rows = (batch.column(name).to_numpy() for name in ("file", "row"))
        if not hashes.size:
            return np.empty(0, np.int64)
        starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
        found = np.searchsorted(self.hashes, hashes[starts])
        if found.max() >= self.hashes.size or (self.hashes[found] != hashes[starts]).any():
            raise LakeError("a scan read files that the snapshot does not list; look again")
        files: Addresses = np.repeat(self.numbers[found], np.diff(starts, append=hashes.size))
        found_at: Addresses = (files << _ROW_BITS) | rows.astype(np.int64)
        return found_at


def files_of(connection: duckdb.DuckDBPyConnection, table: str, *, snapshot: int) -> Files:
    """The files of a table at the snapshot that ``connection`` shows."""
    at = f"{literal(ALIAS)}, {literal(table)}, snapshot_version => {snapshot:d}"
    found = connection.execute(f"SELECT data_file, hash(data_file) FROM ducklake_list_files({at})").fetchall()
    hashes = np.array([row[1] for row in found], dtype=np.uint64)
    numbers = np.argsort(hashes)
    types = connection.execute(f"DESCRIBE {identifier(table)}").fetchall()
    return Files(
        tuple(row[0] for row in found), hashes[numbers], numbers.astype(np.int64), tuple(row[:2] for row in types)
    )


def fetch(connection: duckdb.DuckDBPyConnection, files: Files, addresses: Addresses, *, columns: str = "*") -> pa.Table:
    """The rows at ``addresses``, which ascend; ``columns`` is SQL over the columns of the table.

    Raises:
        LakeError: A file is gone: the snapshot was expired, or its files were cleaned up after a merge.
        QueryError: The columns do not parse or bind.
    """
    import pyarrow as pa

    if columns != "*":
        guard.check(connection, f"SELECT {columns} FROM images")
    parts = [addresses[start : start + _AT_ONCE] for start in range(0, max(addresses.size, 1), _AT_ONCE)]
    return pa.concat_tables([_few(connection, files, part, columns) for part in parts])


def _few(connection: duckdb.DuckDBPyConnection, files: Files, addresses: Addresses, columns: str) -> pa.Table:
    try:
        return connection.execute(_query(files, addresses, columns)).to_arrow_table()
    except duckdb.IOException as error:
        raise LakeError(f"a file of this snapshot is gone ({_first_line(error)}); look at a newer snapshot") from error
    except duckdb.Error as error:
        raise guard.explained(error) from error


def _query(files: Files, addresses: Addresses, columns: str) -> str:
    """Files may lack a column that came later, and hold columns of DuckLake's own: names and types are the table's."""
    names = ", ".join(identifier(name) for name, _ in files.columns)
    shape = ", ".join(f"NULL::{type_} AS {identifier(name)}" for name, type_ in files.columns)
    parts = [f"SELECT {shape}, NULL::BIGINT AS address WHERE false", *_parts(files, addresses)]
    rows = f"SELECT {names} FROM ({' UNION ALL BY NAME '.join(parts)}) ORDER BY address"
    return f"SELECT {columns} FROM ({rows}) AS slice"


def _parts(files: Files, addresses: Addresses) -> Iterator[str]:
    numbers = addresses >> _ROW_BITS
    cuts = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    for part in np.split(addresses, cuts) if addresses.size else ():
        number = int(part[0]) >> _ROW_BITS
        address = f"{number << _ROW_BITS} + file_row_number AS address"
        source = f"read_parquet({literal(files.paths[number])}, file_row_number = true)"
        rows = (part & (2**_ROW_BITS - 1)).tolist()
        yield f"SELECT *, {address} FROM {source} WHERE {_among(rows)}"


def _among(rows: Sequence[int]) -> str:
    if rows[-1] - rows[0] == len(rows) - 1:
        return f"file_row_number BETWEEN {rows[0]} AND {rows[-1]}"
    return f"file_row_number IN ({', '.join(map(str, rows))})"


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0]
