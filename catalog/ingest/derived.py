"""Columns of regions and descriptions that follow from the others: properties of boxes, kinds, ids."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog import records, sqlfiles
from catalog.geometry import boxes
from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.ingest.roi_kinds import kind_of

ID_OF = {"rois": ("roi_id", "stage/roi_ids"), "descriptions": ("description_id", "stage/description_ids")}
"""Tables whose rows have an id of their own: its column, and the SQL file that makes it."""


def with_ids(rows: pa.Table, table: str) -> pa.Table:
    """``rows`` of a table with their ids, digests of what they say."""
    column, statement = ID_OF[table]
    with duckdb.connect() as connection:
        connection.register(f"batch_{table}", rows)
        ids = connection.execute(sqlfiles.statement(statement)).to_arrow_table().column("id")
    return rows.set_column(rows.column_names.index(column), column, ids)


def regions(rois: pa.Table) -> pa.Table:
    """Rows of ``rois`` with the properties of their boxes.

    Args:
        rois: Fields of ``records.Roi``; without the width and height of its image a box has no area and zone.
    """
    edges = [_numbers(rois, name) for name in ("x0", "y0", "x1", "y1")]
    sized = {name: _numbers(rois, name) for name in ("width", "height", "mask_area")}
    derived = boxes.properties((edges[0], edges[1], edges[2], edges[3]), **sized)
    unknown_size = np.isnan(sized["width"] * sized["height"])
    columns = {name: pa.array(derived[name], mask=unknown_size) for name in ("area_ratio", "box_ratio")}
    columns["aspect"] = pa.array(derived["aspect"], mask=np.isnan(derived["aspect"]))
    for name, words in (("zone_h", ZONES_H), ("zone_v", ZONES_V)):
        columns[name] = pa.array(words, pa.string()).take(pa.array(derived[name], mask=unknown_size))
    finished = records.conform(rois, "rois")
    columns["kind"] = pc.coalesce(finished.column("kind"), _kinds(finished.column("label")))
    for name, values in columns.items():
        finished = finished.set_column(finished.column_names.index(name), name, values)
    return finished


def _kinds(labels: pa.ChunkedArray) -> pa.Array:
    """What regions show, by their labels."""
    encoded = labels.combine_chunks().dictionary_encode()
    kinds = pa.array([kind_of(label) for label in encoded.dictionary.to_pylist()], pa.string())
    return kinds.take(encoded.indices).fill_null("other")


def _numbers(rois: pa.Table, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if name not in rois.column_names:
        return np.full(rois.num_rows, np.nan)
    return np.asarray(rois.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
