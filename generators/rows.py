"""Turns what a generator made into rows of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from catalog import records
from catalog.ingest import derived
from generators.items import Entry, Failed

Tables = dict[str, pa.Table]
_OF_IMAGE = ("image_id", "image_key", "profile", "modality", "source", "organ", "disease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What every row says of where it comes from."""

    generator: str
    layer: str
    reads: str
    model: str | None
    fingerprint: str


def tables(entries: Sequence[Entry], said: Provenance, batch_id: str) -> Tables:
    """The staged tables of checked entries: outcomes, and what was made."""
    by_chunk = [list(part) for _, part in groupby(entries, key=lambda entry: id(entry.chunk))]
    ordered = [entry for part in by_chunk for entry in part]
    images = pa.concat_tables(part[0].chunk.images.take([entry.place for entry in part]) for part in by_chunk)
    made = {"outcomes": _outcomes(ordered, images, said)}
    fields = [item for entry in ordered for item in _made(entry)]
    if fields:
        places = [place for place, entry in enumerate(ordered) for _ in _made(entry)]
        table, make = _MAKE[said.layer]
        made[table] = make(fields, images.take(places), said)
    return {name: rows.append_column("batch_id", _repeated(batch_id, len(rows))) for name, rows in made.items()}


def _made(entry: Entry) -> list[dict[str, Any]]:
    return [] if isinstance(entry.outcome, Failed) else entry.outcome


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


_MAKE = {
    "rois": ("rois", _rois),
    "coarse_caption": ("descriptions", _descriptions),
    "embeddings": ("vectors", _vectors),
}
"""Layer to the staged table of its rows, and what makes that."""


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
