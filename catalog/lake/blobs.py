"""Image bytes taken into the lake: a Lance dataset addressed by content.

A key is the SHA-256 of the bytes, so bytes are stored once however often they come, and an append that was followed by
no commit does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import InputError
from catalog.imports import whole
from catalog.lake.layout import Layout
from catalog.sqlfiles import literal

if TYPE_CHECKING:
    import pyarrow as pa

INDEX_FROM = 10_000
"""Rows from which a scalar index on the key pays; below, a scan answers as fast."""
ROWS_A_WRITE = 64
"""Rows that are held in memory at once on their way in."""


def append(layout: Layout, files: Sequence[Path]) -> None:
    """Add the bytes in Parquet files (columns sha256, name, data) that the lake does not hold yet."""
    if not files:
        return
    lance = whole("lance")
    import pyarrow as pa

    held = lance.dataset(str(layout.blobs)) if layout.blobs.exists() else None
    batches = _fresh(files, held)
    first = next(batches, None)
    if first is None:
        return

    def stream() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    dataset = lance.write_dataset(
        pa.RecordBatchReader.from_batches(first.schema, stream()),
        str(layout.blobs),
        mode="create" if held is None else "append",
        data_storage_version="2.2",
    )
    _index(dataset)


def read(layout: Layout, sha256: str) -> bytes:
    """The bytes with this key.

    Raises:
        InputError: The lake does not hold them.
    """
    found = _open(layout).to_table(columns=["data"], filter=f"sha256 = {literal(sha256)}", limit=1)
    if found.num_rows == 0:
        raise InputError(f"the lake holds no bytes with SHA-256 {sha256}; ingest the image again", kind="missing")
    return bytes(found.column("data")[0].as_py())


def read_many(layout: Layout, keys: Collection[str]) -> dict[str, bytes]:
    """The bytes with these keys, in one look-up; keys that the lake does not hold are left out."""
    if not keys or not layout.blobs.exists():
        return {}
    wanted = ", ".join(literal(key) for key in sorted(keys))
    found = _open(layout).to_table(columns=["sha256", "data"], filter=f"sha256 IN ({wanted})")
    return dict(zip(found.column("sha256").to_pylist(), found.column("data").to_pylist(), strict=True))


def _open(layout: Layout) -> Any:
    lance = whole("lance")

    if not layout.blobs.exists():
        raise InputError("the lake holds no copied pixels; ingest with --copy", kind="missing")
    return lance.dataset(str(layout.blobs))


def _fresh(files: Sequence[Path], held: Any) -> Iterator[pa.RecordBatch]:
    """The rows whose key neither the dataset nor an earlier file has, a few at a time."""
    import pyarrow.parquet as pq

    seen: set[str] = set()
    for file in files:
        with pq.ParquetFile(file) as parquet:
            seen |= _held(set(parquet.read(columns=["sha256"]).column("sha256").to_pylist()), held)
            for batch in parquet.iter_batches(batch_size=ROWS_A_WRITE):
                fresh = [row for row, key in enumerate(batch.column("sha256").to_pylist()) if not _seen(key, seen)]
                if fresh:
                    yield batch.take(fresh)


def _held(keys: set[str], held: Any) -> set[str]:
    if held is None:
        return set()
    wanted = ", ".join(literal(key) for key in sorted(keys))
    return set(held.to_table(columns=["sha256"], filter=f"sha256 IN ({wanted})").column("sha256").to_pylist())


def _seen(key: str, seen: set[str]) -> bool:
    if key in seen:
        return True
    seen.add(key)
    return False


def _index(dataset: Any) -> None:
    """Keep look-ups by key fast: an index once the dataset is large, extended by each append."""
    if dataset.count_rows() < INDEX_FROM:
        return
    if any(index.name == "sha256_idx" for index in dataset.describe_indices()):
        dataset.optimize.optimize_indices()
    else:
        dataset.create_scalar_index("sha256", index_type="BTREE")
