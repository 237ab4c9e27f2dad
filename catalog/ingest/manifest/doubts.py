"""What a manifest leaves open and a person should hear of once, not once a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc

from catalog.ingest.contract import Batch

_LOOKED_FOR = 1_000
"""Paths that are looked for: a million would take longer than reading the manifest."""


def of_boxes(batch: Batch) -> Iterator[str]:
    """Boxes of images whose size is not known: they have no area and no zone, and cannot be checked against it."""
    rois = batch.tables["rois"]
    sized = pc.and_(rois.column("width").is_valid(), rois.column("height").is_valid())
    unsized = rois.num_rows - (pc.sum(sized).as_py() or 0)
    if unsized:
        yield (
            f"{unsized:,} of the first {rois.num_rows:,} boxes are of images without width and height: they have no "
            "area and zone and are not checked; map columns to width and height"
        )


def of_paths(batch: Batch, table: Path) -> Iterator[str]:
    """Paths that lead nowhere, among the first ones."""
    paths = [uri for uri in batch.tables["images"].column("uri").slice(0, _LOOKED_FOR).to_pylist() if uri]
    gone = [path for path in paths if path.startswith("/") and not Path(path).exists()]
    if gone:
        start = f"relative ones start at '{table.parent}'"
        yield f"{len(gone):,} of the first {len(paths):,} paths lead nowhere, such as '{gone[0]}'; {start}"
