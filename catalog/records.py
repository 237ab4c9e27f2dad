"""What a reader yields: images, regions, descriptions, findings and failures, as records or as Arrow tables.

The schema of every table is its ``CREATE TABLE`` in ``sql/tables``; nothing here repeats it. A record names the fields
that a reader can know; ids of rows, provenance and the columns derived from others are filled when a batch is finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from catalog import sqlfiles

if TYPE_CHECKING:
    import pyarrow as pa

RoiKind = Literal["lesion", "organ", "cell", "device", "other"]
RoiOrigin = Literal["source_mask", "source_box", "filename", "greenbox", "caption", "expert_model", "human"]
BATCH_TABLES = ("images", "rois", "descriptions", "findings", "failures")


@dataclass(slots=True, kw_only=True)
class Image:
    """One image: a file, a frame or a slice. Terms are as given; the vocabulary is applied later."""

    image_id: str
    source: str | None = None
    source_raw: str | None = None
    file_name: str | None = None
    subset: str | None = None
    uri: str | None = None
    frame: int | None = None
    width: int | None = None
    height: int | None = None
    channels: int | None = None
    bit_depth: int | None = None
    sha256: str | None = None
    modality: str | None = None
    region: str | None = None
    organs: list[str] = field(default_factory=list)
    diseases: list[str] = field(default_factory=list)
    view: str | None = None
    laterality: str | None = None
    patient_key: str | None = None
    study_key: str | None = None
    series_key: str | None = None
    slice_index: int | None = None
    axis: int | None = None
    frame_of_reference_key: str | None = None
    position: list[float] | None = None
    orientation: list[float] | None = None
    pixel_spacing: list[float] | None = None
    box_burned_in: bool | None = None
    content_hash: str | None = None
    extra: str | None = None


@dataclass(slots=True, kw_only=True)
class Roi:
    """One region. The box is in pixels of the image as a viewer sees it, half-open; mask is COCO RLE counts."""

    image_id: str
    label: str | None
    x0: float
    y0: float
    x1: float
    y1: float
    width: int
    height: int
    kind: RoiKind = "other"
    origin: RoiOrigin = "source_box"
    mask: str | None = None
    mask_area: int | None = None
    components: int | None = None
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class Description:
    """One text about an image."""

    image_id: str
    text: str
    kind: Literal["published", "coarse", "generated", "report"] = "published"
    roi_ids: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Finding:
    """One concept said to be present, uncertain or absent."""

    image_id: str
    concept: str
    concept_id: str | None = None
    status: Literal["present", "uncertain", "negated"] = "present"
    laterality: str | None = None
    origin: str = "source_label"
    score: float | None = None


@dataclass(slots=True, kw_only=True)
class Failure:
    """One input that could not be read: what, where, and how to mend it."""

    input: str
    message: str
    error: str = "unreadable"
    item: str | None = None
    image_id: str | None = None


Record = Image | Roi | Description | Finding | Failure
_TABLE_OF: Mapping[type, str] = {
    Image: "images",
    Roi: "rois",
    Description: "descriptions",
    Finding: "findings",
    Failure: "failures",
}


@cache
def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table, as its ``CREATE TABLE`` says."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(sqlfiles.statement(f"tables/{table}"))
        return connection.table(table).to_arrow_table().schema


@cache
def record_schema(record: type) -> pa.Schema:
    """The Arrow schema of a record's own fields; pixels and shares are 64-bit."""
    import pyarrow as pa

    table = schema(_TABLE_OF[record])
    extra = {"width": pa.int64(), "height": pa.int64(), "mask_area": pa.int64()}
    names = [item.name for item in fields(record)]
    return pa.schema([(name, table.field(name).type if name in table.names else extra[name]) for name in names])


def tables(records: Iterable[Record]) -> dict[str, pa.Table]:
    """Records as one Arrow table a kind, with the records' own fields; kinds without a record are left out."""
    import pyarrow as pa

    by_kind: dict[type, list[dict[str, Any]]] = {}
    for record in records:
        names = record.__slots__
        by_kind.setdefault(type(record), []).append({name: getattr(record, name) for name in names})
    return {_TABLE_OF[kind]: pa.Table.from_pylist(rows, schema=record_schema(kind)) for kind, rows in by_kind.items()}


def conform(rows: pa.Table, table: str) -> pa.Table:
    """``rows`` with exactly the columns of ``table``: missing ones null, others dropped, types cast."""
    import pyarrow as pa

    target = schema(table)
    columns = [
        rows.column(name).cast(kind) if name in rows.column_names else pa.nulls(rows.num_rows, kind)
        for name, kind in zip(target.names, target.types, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=target.remove_metadata())
