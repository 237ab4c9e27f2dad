"""Turns what a generator found into rows of the lake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from catalog import records
from catalog.geometry import boxes, masks
from catalog.ingest import derived
from generators.contract import Region, Text, Vector
from generators.items import Entry, Failed

Tables = dict[str, pa.Table]
_OF_IMAGE = ("image_id", "image_key", "profile", "modality", "source", "organ", "disease")
_NO_MASK: dict[str, Any] = {"mask": None, "mask_area": None, "components": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What every row says of where it comes from."""

    generator: str
    layer: str
    reads: str
    model: str | None
    fingerprint: str


def check(entry: Entry) -> None:
    """Turn results into fields of rows; an image with a result that cannot be one has failed."""
    if isinstance(entry.outcome, Failed):
        return
    found = []
    for result in entry.outcome:
        fields = _fields(result, entry)
        if isinstance(fields, Failed):
            entry.outcome = fields
            return
        if fields is not None:
            found.append((type(result), fields))
    entry.outcome = found


def tables(entries: Sequence[Entry], said: Provenance, batch_id: str) -> Tables:
    """The staged tables of checked entries: outcomes, and what was made."""
    by_chunk = [list(part) for _, part in groupby(entries, key=lambda entry: id(entry.chunk))]
    ordered = [entry for part in by_chunk for entry in part]
    images = pa.concat_tables(part[0].chunk.images.take([entry.place for entry in part]) for part in by_chunk)
    made = {"outcomes": _outcomes(ordered, images, said)}
    for table, kind in (("rois", Region), ("descriptions", Text), ("vectors", Vector)):
        places = [place for place, entry in enumerate(ordered) for _ in _made(entry, kind)]
        if places:
            fields = [item for entry in ordered for item in _made(entry, kind)]
            made[table] = _MAKE[table](fields, images.take(places), said)
    return {name: rows.append_column("batch_id", _repeated(batch_id, len(rows))) for name, rows in made.items()}


def _made(entry: Entry, kind: type) -> list[dict[str, Any]]:
    if isinstance(entry.outcome, Failed):
        return []
    return [fields for made, fields in entry.outcome if made is kind]


def _fields(result: Any, entry: Entry) -> dict[str, Any] | Failed | None:
    if isinstance(result, Region):
        return _region(result, entry)
    if isinstance(result, Text):
        return {"text": result.text} if result.text.strip() else Failed("empty", "the generated text is empty")
    if isinstance(result, Vector):
        return _vector(result)
    return Failed("result", f"a result is a Region, a Text or a Vector, not {type(result).__name__}")


def _region(region: Region, entry: Entry) -> dict[str, Any] | Failed | None:
    height, width = entry.size or (entry.row.get("height"), entry.row.get("width"))
    fields = {"label": region.label, "kind": region.kind, "origin": region.origin, "score": _plain(region.score)}
    fields |= {"width": width, "height": height, **_NO_MASK}
    if region.mask is not None:
        return _masked(region.mask, fields)
    box = (float(region.x0), float(region.y0), float(region.x1), float(region.y1))
    if width is None or height is None:
        return {**fields, **dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))}
    clipped = boxes.clip(box, width=width, height=height)
    if clipped is None:
        wrong = boxes.problem(box, width=width, height=height)
        return Failed("box", f"the generator returned a box that cannot be one: {wrong}")
    return {**fields, **dict(zip(("x0", "y0", "x1", "y1"), clipped, strict=True))}


def _masked(mask: Any, fields: dict[str, Any]) -> dict[str, Any] | Failed | None:
    """Nothing for a mask without a pixel."""
    shape, (height, width) = np.shape(mask), (fields["height"], fields["width"])
    if (width is not None and shape != (height, width)) or len(shape) != 2:
        said = "x".join(map(str, shape))
        return Failed("mask-size", f"the generator returned a mask of {said} for an image of {height}x{width}")
    found = masks.region(np.asarray(mask))
    if found is None:
        return None
    return {**fields, "width": shape[1], "height": shape[0], **found.fields()}


def _vector(vector: Vector) -> dict[str, Any] | Failed:
    values = np.asarray(vector.values, dtype=np.float32)
    if values.ndim != 1 or values.size == 0:
        return Failed("vector", f"an embedding is one row of numbers, not of shape {values.shape}")
    if not np.isfinite(values).all():
        return Failed("nan", "the embedding holds NaN or infinite numbers; try without half precision")
    return {"unit_id": vector.unit_id, "vector": values}


def _outcomes(entries: Sequence[Entry], images: pa.Table, said: Provenance) -> pa.Table:
    failed = [entry.outcome if isinstance(entry.outcome, Failed) else None for entry in entries]
    columns = {name: images.column(name) for name in ("image_key", "profile", "modality")}
    for name in ("layer", "generator", "reads", "fingerprint"):
        columns[name] = _repeated(getattr(said, name), len(entries))
    columns["input_hash"] = images.column("input_hash")
    columns["status"] = pa.array(["failed" if reason else "done" for reason in failed])
    made = [0 if reason else len(entry.outcome) for entry, reason in zip(entries, failed, strict=True)]
    columns["made"] = pa.array(made, pa.int32())
    columns |= {name: images.column(name) for name in ("image_id", "source")}
    columns["error"] = pa.array([reason and reason.kind for reason in failed], pa.string())
    columns["message"] = pa.array([reason and reason.message for reason in failed], pa.string())
    return pa.table(columns)


def _rois(fields: list[dict[str, Any]], images: pa.Table, said: Provenance) -> pa.Table:
    schema = records.record_schema(records.Roi)
    schema = schema.remove(schema.get_field_index("image_id"))
    return _finished(derived.regions(pa.Table.from_pylist(fields, schema=schema)), "rois", images, said)


def _descriptions(fields: list[dict[str, Any]], images: pa.Table, said: Provenance) -> pa.Table:
    kind = "coarse" if said.layer == "coarse_caption" else "generated"
    rows = records.conform(pa.table({"text": pa.array([item["text"] for item in fields], pa.string())}), "descriptions")
    rows = _with(rows, kind=_repeated(kind, len(fields)))
    none = pa.array([[]] * len(fields), rows.schema.field("roi_ids").type)
    return _finished(_with(rows, roi_ids=none), "descriptions", images, said)


def _vectors(fields: list[dict[str, Any]], images: pa.Table, said: Provenance) -> pa.Table:
    del said
    values = [item["vector"] for item in fields]
    sizes = {vector.size for vector in values}
    if len(sizes) > 1:
        raise ValueError(f"the generator returned embeddings of {min(sizes)} and of {max(sizes)} numbers")
    flat = pa.array(np.concatenate(values))
    return pa.table(
        {
            "image_key": images.column("image_key"),
            "image_id": images.column("image_id"),
            "unit_id": pa.array([item["unit_id"] for item in fields], pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(flat, sizes.pop()),
        }
    )


_MAKE = {"rois": _rois, "descriptions": _descriptions, "vectors": _vectors}


def _finished(rows: pa.Table, table: str, images: pa.Table, said: Provenance) -> pa.Table:
    """Rows with the columns of their image, their provenance and their ids."""
    rows = _with(rows, **{name: images.column(name) for name in _OF_IMAGE})
    for name in ("generator", "model", "fingerprint"):
        rows = _with(rows, **{name: _repeated(getattr(said, name), len(rows))})
    rows = _with(rows, status=_repeated("fresh", len(rows)), input_hash=_hex(images.column("input_hash")))
    return derived.with_ids(rows, table)


def _with(rows: pa.Table, **columns: Any) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), values)
    return rows


def _hex(numbers: pa.ChunkedArray) -> pa.Array:
    return pa.array([f"{number:016x}" for number in numbers.to_pylist()], pa.string())


def _repeated(value: str | None, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), times)


def _plain(number: Any) -> float | None:
    return None if number is None else float(number)


def keys_of(entries: Iterable[Entry]) -> list[int]:
    """The row keys of entries."""
    return [entry.chunk.images.column("image_key")[entry.place].as_py() for entry in entries]
