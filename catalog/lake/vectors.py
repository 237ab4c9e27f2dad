"""Embeddings: one Lance dataset a set, whose version the catalog names.

Lance and DuckLake share no transaction, so vectors are written first and the row of ``vector_sets`` that names their
version is committed with everything else. Until then no reader sees them; what a killed commit left beyond the named
version is taken back by the next one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog import sqlfiles
from catalog.errors import LakeError
from catalog.lake.layout import Layout
from catalog.lake.staging import Run

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

INDEX_FROM = 200_000
"""Vectors from which an index pays; below, an exact search is as fast."""
_BATCH = 4_096
_KEYS_A_DELETE = 10_000


@dataclass(frozen=True, slots=True)
class Moved:
    """A set after vectors were added, and what its row in ``vector_sets`` says then."""

    added: int
    bound: Mapping[str, Any]


def set_name(generator: str, fingerprint: str) -> str:
    """The name of a generator's set; another model has another one."""
    return f"{generator.replace(':', '-')}-{fingerprint[:12]}"


def append(connection: duckdb.DuckDBPyConnection, layout: Layout, run: Run) -> Moved:
    """Add the rows of the view ``new_vectors`` to the run's set; those of images in ``superseded`` go.

    The caller holds the commit lock, and commits ``Moved.bound`` or nothing.
    """
    name = set_name(run.kind, run.fingerprint)
    known = connection.execute("SELECT version FROM vector_sets WHERE name = ?", [name]).fetchone()
    folder = layout.vectors / f"{name}.lance"
    dataset = _at(folder, known[0] if known else None)
    before = dataset.count_rows() if dataset else 0
    if dataset is not None:
        _drop(dataset, connection)
    dimension = _dimension(connection)
    gone = before - (dataset.count_rows() if dataset else 0)
    rows = connection.execute(_typed(dimension)).to_arrow_reader(_BATCH)
    dataset = _write(rows, folder, dataset)
    count = dataset.count_rows()
    said = {"name": name, "generator": run.kind, "model": run.options.get("model"), "fingerprint": run.fingerprint}
    said |= {"unit": run.options.get("unit", "image"), "dimension": dimension}
    return Moved(count - before + gone, {**said, "version": dataset.version, "vectors": count})


def open_set(layout: Layout, name: str, version: int) -> Any:
    """The Lance dataset of a set at the version that the catalog names; columns image_key, image_id, unit_id, vector.

    Raises:
        LakeError: It is gone.
    """
    import lance

    try:
        return lance.dataset(str(layout.vectors / f"{name}.lance"), version=version)
    except (ValueError, OSError) as error:
        raise LakeError(f"version {version} of the vectors '{name}' is gone; look at a newer snapshot") from error


def sets(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of ``vector_sets``, by name."""
    answer = connection.execute(sqlfiles.statement("reports/vector_sets"))
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _at(folder: Path, version: int | None) -> Any:
    """The dataset with exactly what the catalog names; None where that is nothing."""
    import lance

    if version is None:  # of a commit that was killed, or of a lake restored from an older copy
        shutil.rmtree(folder, ignore_errors=True)
        return None
    dataset = lance.dataset(str(folder))
    if dataset.version != version:
        dataset = lance.dataset(str(folder), version=version)
        dataset.restore()
        dataset = lance.dataset(str(folder))
    return dataset


def _drop(dataset: Any, connection: duckdb.DuckDBPyConnection) -> None:
    """Delete the vectors of images that were embedded anew."""
    answer = connection.execute("SELECT image_key FROM superseded ORDER BY image_key")
    while keys := answer.fetchmany(_KEYS_A_DELETE):
        dataset.delete(f"image_key IN ({', '.join(str(key) for (key,) in keys)})")


def _dimension(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT len(vector) FROM staged_vectors LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def _typed(dimension: int) -> str:
    return f"SELECT image_key, image_id, unit_id, vector::FLOAT[{dimension}] AS vector FROM new_vectors"


def _write(rows: pa.RecordBatchReader, folder: Path, dataset: Any) -> Any:
    import lance
    import pyarrow as pa

    schema = pa.schema(
        [
            pa.field("image_key", pa.int64()),
            pa.field("image_id", pa.string()),
            pa.field("unit_id", pa.string()),
            pa.field("vector", rows.schema.field("vector").type),
        ]
    )

    def stream() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            yield pa.RecordBatch.from_arrays([batch.column(name) for name in schema.names], schema=schema)

    folder.parent.mkdir(exist_ok=True)
    return lance.write_dataset(
        pa.RecordBatchReader.from_batches(schema, stream()),
        str(folder),
        mode="create" if dataset is None else "append",
        data_storage_version="2.2",
    )
