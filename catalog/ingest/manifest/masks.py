"""Boxes, areas and parts of the masks of a slice."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa

from catalog.geometry import masks

_SCHEMA = pa.schema(
    [("row", pa.int64())]
    + [(name, pa.float64()) for name in ("x0", "y0", "x1", "y1")]
    + [("mask", pa.string()), ("mask_area", pa.int64()), ("components", pa.int32()), ("problem", pa.string())]
)


def measure(connection: duckdb.DuckDBPyConnection) -> None:
    """Register manifest_masks: for every row of manifest_rows with a mask its box, or what is wrong with it."""
    given = connection.execute("SELECT row, mask, width, height FROM manifest_rows WHERE mask IS NOT NULL")
    measured = [_measured(*row) for row in given.fetchall()]
    connection.register("manifest_masks", pa.Table.from_pylist(measured, schema=_SCHEMA))


def _measured(row: int, mask: str, width: int | None, height: int | None) -> dict[str, Any]:
    if not width or not height or width < 0 or height < 0:
        return {"row": row, "problem": "has a mask but no width and height; give both"}
    try:
        counts = json.loads(mask) if mask.startswith("[") else mask
        found = masks.region(masks.from_counts(counts, width=width, height=height))
    except (ValueError, TypeError, MemoryError) as error:
        return {"row": row, "problem": f"has a mask that is no COCO run-length code of {width}x{height} ({error})"}
    if found is None:
        return {"row": row, "problem": "has a mask in which no pixel is set"}
    return {"row": row, **found.fields()}
