"""Joins the rows of a batch to its images: what a batch can settle in itself, a commit need not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_REPEATED = ("image_key", "profile", "modality", "source", "organ", "disease")
_SPEAKING = ("rois", "descriptions", "findings")


def joined(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables of a batch, its images with their number of regions.

    Rows that speak of images get the columns they repeat of their image, and ``own_image``: whether that image is in
    this batch.
    """
    images = tables.get("images", pa.table({"image_id": pa.array([], pa.string())}))
    places = {name: _places(rows, images) for name, rows in tables.items() if name in _SPEAKING}
    spoken = {name: _with_image(tables[name], images, place) for name, place in places.items()}
    counted = {"images": _counted(images, places.get("rois"))} if "images" in tables else {}
    return {**tables, **spoken, **counted}


def _places(rows: pa.Table, images: pa.Table) -> Any:
    """For each row the place of its image in the batch, -1 where it is not here."""
    found = pc.index_in(rows.column("image_id"), images.column("image_id").combine_chunks())
    return np.asarray(found.combine_chunks().fill_null(-1))


def _with_image(rows: pa.Table, images: pa.Table, place: Any) -> pa.Table:
    own = pa.array(place >= 0)
    for name in (name for name in _REPEATED if name in rows.column_names and name in images.column_names):
        values = images.column(name).combine_chunks().take(pa.array(place, mask=place < 0))
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows.append_column("own_image", own)


def _counted(images: pa.Table, places: Any | None) -> pa.Table:
    here = places[places >= 0] if places is not None else np.zeros(0, dtype=np.int64)
    counts = pa.array(np.bincount(here, minlength=images.num_rows), pa.int32())
    return images.set_column(images.column_names.index("roi_count"), "roi_count", counts)
