"""The index of a set of embeddings: made after the commits, beside which it would take too long.

Training takes minutes at millions of vectors, so the commit lock is only held before, to take back what a killed commit
left, and after, to name the version that has the index. If others have changed the set by then, the index is left to
the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Any

from catalog import sqlfiles
from catalog.lake import vectors
from catalog.lake.commit import locked, signed
from catalog.lake.readers import Readers
from catalog.lake.staging import Run

FROM = 200_000
"""Vectors from which an index pays: an exact search then takes half a second a core."""
UNINDEXED = 0.2
"""Share of a set that an exact search may have to look through beside its index."""
GROWN = 4
"""Times the vectors that an index was trained on from which it is trained anew."""
PARTITIONS = 2_048
"""Parts of an index at most: training takes vectors times parts."""
_NAME = "vector_idx"


def refresh(readers: Readers, run: Run, *, before: Callable[[], None]) -> bool:
    """Make or extend the index of a run's set where that pays; others may commit meanwhile.

    Args:
        readers: Of the lake.
        run: Whose set it is.
        before: Called when it pays, as it may take minutes.

    Returns:
        Whether the set has a new index.
    """
    name = vectors.set_name(run.kind, run.fingerprint)
    with readers.cursor() as connection:
        version = _version(connection, name)
    if version is None or not _pays(vectors.open_set(readers.layout, name, version)):
        return False
    before()
    with readers.aside(), locked(readers.layout) as connection:
        version = _version(connection, name)
        dataset: Any = None if version is None else vectors.whole_set(readers.layout, name, version)
    if dataset is None:
        return False
    _index(dataset)
    with readers.aside(), locked(readers.layout) as connection:
        if _version(connection, name) != version or dataset.latest_version != dataset.version:
            return False
        with signed(connection, f"{run.kind}: index of {dataset.count_rows()} vectors"):
            values = {"name": name, "version": dataset.version}
            connection.execute(sqlfiles.statement("upkeep/name_vector_version"), values)
    return True


def _version(connection: Any, name: str) -> int | None:
    row = connection.execute("SELECT version FROM vector_sets WHERE name = ?", [name]).fetchone()
    return None if row is None else int(row[0])


def _pays(dataset: Any) -> bool:
    rows = dataset.count_rows()
    known = _known(dataset)
    return rows >= FROM and (known is None or rows - known.num_rows_indexed > UNINDEXED * rows)


def _index(dataset: Any) -> None:
    """Make or extend the index of a dataset's vectors; it then is at another version.

    Inverted lists of 8-bit vectors (IVF_SQ), the metric cosine. On 100,000 vectors of 384 they found all of the 10
    nearest (nprobes=20, refine_factor=5) in a fiftieth of an exact search's time, as graphs (IVF_HNSW_SQ) did that took
    five to fifteen times as long to build. New vectors get lists of their own, which costs a tenth of a new index.
    """
    rows = dataset.count_rows()
    trained = dataset.stats.index_stats(_NAME)["num_indexed_rows_per_delta"][0] if _known(dataset) else 0
    if trained and (rows < GROWN * trained or trained >= PARTITIONS**2):
        dataset.optimize.optimize_indices(num_indices_to_merge=0)
    else:
        parts = min(isqrt(rows), PARTITIONS)
        dataset.create_index("vector", "IVF_SQ", name=_NAME, metric="cosine", num_partitions=parts, replace=True)


def _known(dataset: Any) -> Any:
    return next((found for found in dataset.describe_indices() if found.name == _NAME), None)
