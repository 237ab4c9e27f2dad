"""Takes the bytes that a manifest points to: where to cut so that a unit stays small, and the reading itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from catalog.errors import InputError
from catalog.ingest.bulk import failing
from catalog.ingest.contract import Batch
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.source import PixelSource
from catalog.pixels.view import kind_of
from catalog.records import Failure

LOOK_ROWS = 2_000
"""Rows of a unit at most, however small their images."""
_MAX_BYTES = 64 << 20
_UNKNOWN_BYTES = 1 << 20


def cut(rows: Sequence[tuple[int, str | None]], start: int, stop: int, keys: KeyedHash) -> Iterator[tuple[int, int]]:
    """Ranges of rows whose images hold 64 MB at most, or one row; ``rows`` are (row, uri) in order."""
    source, held, seen = PixelSource(keys), 0, set[str]()
    for row, uri in rows:
        size = 0 if uri is None or uri in seen else _size(source, uri)
        if held and held + size > _MAX_BYTES:
            yield start, row
            start, held, seen = row, 0, set()
        held += size
        seen.add(uri or "")
    yield start, stop


def take_bytes(batch: Batch, keys: KeyedHash, table: Path) -> None:
    """Read the bytes of every image of the batch; they become blobs and the uri names them."""
    images, source = batch.tables["images"], PixelSource(keys)
    found: dict[str, str] = {}
    blobs: dict[str, tuple[str, bytes]] = {}
    failures: list[Failure] = []
    for uri in pc.unique(images.column("uri").drop_null()).to_pylist():
        try:
            data = _harmless(source.read(uri), uri)
        except InputError as error:
            failures.append(Failure(input=str(table), item=uri, error=error.kind, message=str(error)))
            continue
        found[uri] = hashlib.sha256(data).hexdigest()
        blobs.setdefault(found[uri], (address.parse(uri).name.rpartition("/")[2], data))
    source.close()
    batch.tables["images"] = _readdressed(images, found)
    batch.blobs = _blobs(blobs)
    failing.add(batch, failures)


def _harmless(data: bytes, uri: str) -> bytes:
    """``data``, unless its header may say who it is of.

    Raises:
        InputError: It is DICOM or NIfTI, whose own readers clean the header.
    """
    kind = kind_of(data[:512], name=uri)
    if kind != "raster":
        reader = "nifti" if kind == "volume" else kind
        raise InputError(
            f"'{uri}' is {reader}, whose header may name people; take it in with --as {reader}", kind="header"
        )
    return data


def _size(source: PixelSource, uri: str) -> int:
    try:
        inside = address.parse(uri).size
        path = source.path(uri)
        return inside or (path.stat().st_size if path is not None else _UNKNOWN_BYTES)
    except (InputError, OSError):
        return 0


def _readdressed(images: pa.Table, found: dict[str, str]) -> pa.Table:
    known = pa.array(list(found), pa.string())
    shas = pa.array(list(found.values()), pa.string())
    sha = shas.take(pc.index_in(images.column("uri").combine_chunks(), value_set=known))
    uri = pc.coalesce(pc.binary_join_element_wise("lance", sha, ":"), images.column("uri"))
    images = images.set_column(images.column_names.index("uri"), "uri", uri)
    return images.set_column(images.column_names.index("sha256"), "sha256", pc.coalesce(sha, images.column("sha256")))


def _blobs(blobs: dict[str, tuple[str, bytes]]) -> pa.Table:
    return pa.table(
        {
            "sha256": pa.array(list(blobs), pa.string()),
            "name": pa.array([name for name, _ in blobs.values()], pa.string()),
            "data": pa.array([data for _, data in blobs.values()], pa.large_binary()),
        }
    )
