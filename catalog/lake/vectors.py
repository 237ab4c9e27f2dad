"""Embeddings: one Lance dataset a set, whose version the catalog names.

Lance and DuckLake share no transaction, so vectors are written first and the row of ``vector_sets`` that names their
version is committed with everything else. Until then no reader sees them; what a killed commit left beyond the named
version is taken back by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog import sqlfiles
from catalog.errors import LakeError, TriptychError
from catalog.imports import whole
from catalog.lake.layout import Layout
from catalog.lake.staging import Run

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_BATCH = 4_096
_KEYS_A_DELETE = 10_000


@dataclass(frozen=True, slots=True)
class Moved:
    """A set after vectors were added, and what its row in ``vector_sets`` says then."""

    added: int
    bound: Mapping[str, Any]


class DimensionError(TriptychError):
    """Vectors of one set that have different numbers of numbers."""


def set_name(generator: str, fingerprint: str) -> str:
    """The name of a generator's set; another model has another one."""
    return f"{generator.replace(':', '-')}-{fingerprint[:12]}"


def append(connection: duckdb.DuckDBPyConnection, layout: Layout, run: Run, files: Sequence[Path]) -> Moved | None:
    """Add the rows of the view ``new_vectors`` to the run's set; those of images in ``superseded`` go.

    The caller holds the commit lock, and commits ``Moved.bound`` or nothing.

    Args:
        connection: Of the commit, with its views.
        layout: The lake's.
        run: Whose set it is.
        files: The staged vectors that the view reads.

    Returns:
        What to commit; None when the run neither adds nor supersedes vectors.

    Raises:
        DimensionError: The staged vectors are not all of the set's dimension.
    """
    name = set_name(run.kind, run.fingerprint)
    known = connection.execute("SELECT version, dimension FROM vector_sets WHERE name = ?", [name]).fetchone()
    if not files and not (known and connection.execute("SELECT 1 FROM superseded LIMIT 1").fetchone()):
        return None
    dimension = _dimension(files, run, known[1] if known else None)
    dataset: Any = whole_set(layout, name, known[0]) if known else None
    if dataset is not None:
        _drop(dataset, connection)
    kept = dataset.count_rows() if dataset is not None else 0
    if files:
        rows = connection.execute(_typed(dimension)).to_arrow_reader(_BATCH)
        dataset = _write(rows, _folder(layout, name), dataset)
    count = dataset.count_rows()
    said = {"name": name, "generator": run.kind, "model": run.options.get("model"), "fingerprint": run.fingerprint}
    said |= {"unit": run.options.get("unit", "image"), "dimension": dimension}
    return Moved(count - kept, {**said, "version": dataset.version, "vectors": count})


def open_set(layout: Layout, name: str, version: int) -> Any:
    """The Lance dataset of a set at the version that the catalog names; columns image_key, image_id, unit_id, vector.

    Raises:
        LakeError: It is gone.
    """
    lance = whole("lance")

    try:
        return lance.dataset(str(_folder(layout, name)), version=version)
    except (ValueError, OSError) as error:
        raise LakeError(f"version {version} of the vectors '{name}' is gone; look at a newer snapshot") from error


def whole_set(layout: Layout, name: str, version: int) -> Any:
    """The dataset with exactly what the catalog names; what a killed commit added beyond it is taken back.

    The caller holds the commit lock.

    Raises:
        LakeError: It is gone.
    """
    lance = whole("lance")

    dataset = open_set(layout, name, version)
    if dataset.latest_version != version:
        dataset.restore()
        dataset = lance.dataset(str(_folder(layout, name)))
    return dataset


def sets(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of ``vector_sets``, by name."""
    answer = connection.execute(sqlfiles.statement("reports/vector_sets"))
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _folder(layout: Layout, name: str) -> Path:
    return layout.vectors / f"{name}.lance"


def _drop(dataset: Any, connection: duckdb.DuckDBPyConnection) -> None:
    """Delete the vectors of images that were embedded anew."""
    answer = connection.execute("SELECT image_key FROM superseded ORDER BY image_key")
    while keys := answer.fetchmany(_KEYS_A_DELETE):
        dataset.delete(f"image_key IN ({', '.join(str(key) for (key,) in keys)})")


def _dimension(files: Sequence[Path], run: Run, known: int | None) -> int:
    import pyarrow.parquet as pq

    found = {int(pq.read_schema(file).field("vector").type.list_size) for file in files} | ({known} if known else set())
    if len(found) > 1:
        sizes = " and of ".join(str(size) for size in sorted(found))
        raise DimensionError(
            f"{run.kind} made embeddings of {sizes} numbers with the same model and settings; raise the version of a "
            "generator that makes others than before"
        )
    return found.pop()


def _typed(dimension: int) -> str:
    return f"SELECT image_key, image_id, unit_id, vector::FLOAT[{dimension}] AS vector FROM new_vectors"


def _write(rows: pa.RecordBatchReader, folder: Path, dataset: Any) -> Any:
    lance = whole("lance")
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
    # a set that is begun anew keeps the versions that older snapshots name
    mode = "append" if dataset is not None else "overwrite" if folder.exists() else "create"
    return lance.write_dataset(
        pa.RecordBatchReader.from_batches(schema, stream()),
        str(folder),
        mode=mode,
        data_storage_version="2.2",
    )
