"""Joins the rows of a batch to its images and brings them into the order that tables are clustered in.

What a batch can settle in itself, a commit need not: most regions come with their image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_KEYS = ("modality", "organ", "disease")
_REPEATED = ("modality", "source", "organ", "disease")


def clustered(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Images by modality, organ and disease, with their number of regions; other rows in the order of their images.

    Regions get the columns they repeat of their image. Rows that speak of images get ``own_image``: whether that image
    is in this batch.
    """
    images = tables.get("images", pa.table({"image_id": pa.array([], pa.string())}))
    places = {
        name: _places(rows, images) for name, rows in tables.items() if name in ("rois", "descriptions", "findings")
    }
    joined = {name: _joined(tables[name], images, place) for name, place in places.items()}
    if "images" not in tables:
        return {**tables, **joined}
    counted = _counted(images, places.get("rois"))
    order = _order(images)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(order)), len(order)
    for name, place in places.items():
        joined[name] = joined[name].take(pa.array(np.argsort(rank[place], kind="stable")))
    return {**tables, **joined, "images": counted.take(pa.array(order))}


def _places(rows: pa.Table, images: pa.Table) -> Any:
    """For each row the place of its image in the batch, -1 where it is not here."""
    found = pc.index_in(rows.column("image_id"), images.column("image_id").combine_chunks())
    return np.asarray(found.combine_chunks().fill_null(-1))


def _joined(rows: pa.Table, images: pa.Table, place: Any) -> pa.Table:
    own = pa.array(place >= 0)
    for name in _REPEATED if "modality" in rows.column_names and "modality" in images.column_names else ():
        values = images.column(name).combine_chunks().take(pa.array(place, mask=place < 0))
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows.append_column("own_image", own)


def _counted(images: pa.Table, places: Any | None) -> pa.Table:
    here = places[places >= 0] if places is not None else np.zeros(0, dtype=np.int64)
    counts = pa.array(np.bincount(here, minlength=images.num_rows), pa.int32())
    return images.set_column(images.column_names.index("roi_count"), "roi_count", counts)


def _order(images: pa.Table) -> Any:
    """Places of the images, sorted; stable, so that rows of equal keys stay in the order of the input."""
    return np.lexsort([_codes(images.column(key).combine_chunks()) for key in reversed(_KEYS)])


def _codes(words: pa.Array) -> Any:
    """For each word its place in the alphabet of the column, nulls last."""
    encoded = words.dictionary_encode()
    alphabet = np.asarray(pc.rank(encoded.dictionary, tiebreaker="dense")) if len(encoded.dictionary) else np.zeros(0)
    return np.append(alphabet, len(alphabet) + 1)[np.asarray(encoded.indices.fill_null(len(alphabet)))]
