"""The files that the join found for a unit: measured where they were not yet, and taken along when asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import FileIO
from typing import Any

import duckdb
import pyarrow as pa

from catalog.errors import InputError
from catalog.ingest.contract import Batch
from catalog.ingest.medtrinity import headers
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.source import PixelSource
from catalog.records import Failure, tables
from catalog.sqlfiles import literal

_SIZES = pa.schema(
    [("uri", pa.string())]
    + [(name, pa.int64()) for name in ("width", "height", "channels", "bit_depth")]
    + [("problem", pa.string())]
)


def measure(connection: duckdb.DuckDBPyConnection, keys: KeyedHash) -> None:
    """Register sizes: what the headers of the files in ``matches`` say that nobody has read yet."""
    unread = connection.execute("SELECT DISTINCT uri FROM matches WHERE same AND width IS NULL ORDER BY uri").fetchall()
    source, heads = PixelSource(keys), _Heads()
    measured = [_sized(heads, source, uri) for (uri,) in unread]
    heads.close()
    connection.register("sizes", pa.Table.from_pylist(measured, schema=_SIZES))


def take_part(wanted: str, part: int, keys: KeyedHash, connection: duckdb.DuckDBPyConnection) -> Batch:
    """The bytes of the files of one part that rows name; ``wanted`` is a Parquet file of them."""
    rows = connection.execute(
        f"SELECT base, uri, sha256 FROM read_parquet({literal(wanted)}) WHERE part = ? ORDER BY ordinal", [part]
    ).fetchall()
    source, failures = PixelSource(keys), []
    blobs: dict[str, tuple[str, bytes]] = {}
    for base, uri, sha in rows:
        try:
            data = source.read(uri)
        except InputError as error:
            failures.append(Failure(input=uri, error=error.kind, message=str(error)))
            continue
        if hashlib.sha256(data).hexdigest() == sha:
            blobs[sha] = (base, data)
        else:
            failures.append(
                Failure(input=uri, error="changed", message=f"'{uri}' changed while it was read; run again")
            )
    return Batch(tables=tables(failures), blobs=_table(blobs))


@dataclass(slots=True)
class _Heads:
    """Reads the beginnings of files and of members of plain tars; the file read last stays open."""

    _path: str | None = None
    _file: FileIO | None = None

    def read(self, uri: str) -> bytes:
        """The first bytes of an image, or nothing where they cannot be reached directly."""
        found = address.parse(uri)
        if found.path is None or found.scheme not in ("file", "tar"):
            return b""
        if self._file is None or self._path != found.path:
            self.close()
            self._path, self._file = found.path, FileIO(found.path)
        self._file.seek(found.offset or 0)
        return self._file.read(min(headers.HEAD_BYTES, found.size or headers.HEAD_BYTES))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._path = self._file = None


def _sized(heads: _Heads, source: PixelSource, uri: str) -> dict[str, Any]:
    try:
        size = headers.plain_size(heads.read(uri)) or headers.size_of(source.read(uri))
    except (InputError, OSError) as error:
        return {"uri": uri, "problem": str(error)}
    return {"uri": uri, **dict(zip(("width", "height", "channels", "bit_depth"), size, strict=True))}


def _table(blobs: dict[str, tuple[str, bytes]]) -> pa.Table:
    return pa.table(
        {
            "sha256": pa.array(list(blobs), pa.string()),
            "name": pa.array([base for base, _ in blobs.values()], pa.string()),
            "data": pa.array([data for _, data in blobs.values()], pa.large_binary()),
        }
    )
