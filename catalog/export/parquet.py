"""Parquet: the rows of the slice as they are in the lake but for its row keys, a file a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from catalog.export.work import Work

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("images", "rois", "descriptions", "findings")
GROUP_ROWS = 50_000


class ParquetWriter:
    """``images.parquet`` (with a column image: where the pixels lie), ``rois``, ``descriptions`` and ``findings``."""

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = False
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write the four files; the number of images."""
        rows = {table: _write(work, table) for table in TABLES}
        return rows["images"]


def _write(work: Work, table: str) -> int:
    import pyarrow.parquet as pq

    rows = 0
    schema = _in_utc(work.execute(f"parquet_{table}", {"lo": 0, "hi": 0}).to_arrow_reader().schema)
    with work.output.file(f"{table}.parquet") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in work.parts(f"parquet_{table}", rows=GROUP_ROWS):
            for batch in part:
                writer.write_batch(batch.cast(schema), row_group_size=GROUP_ROWS)
                rows += batch.num_rows
    return rows


def _in_utc(schema: pa.Schema) -> pa.Schema:
    """Times in UTC rather than the zone of this machine, so that the same rows are the same bytes everywhere."""
    import pyarrow as pa

    kinds = [
        (field.name, pa.timestamp(field.type.unit, "UTC")) if _has_zone(field.type) else (field.name, field.type)
        for field in schema
    ]
    return pa.schema(kinds)


def _has_zone(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_timestamp(kind) and kind.tz is not None


WRITER = ParquetWriter()
