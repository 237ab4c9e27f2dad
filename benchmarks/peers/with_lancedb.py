"""LanceDB: two tables with scalar indexes on what is filtered by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.peers.contract import Files, Said, of_images, of_regions

_INDEXES = {
    "images": {
        "image_id": "BTREE",
        "image_key": "BTREE",
        "modality": "BITMAP",
        "source": "BITMAP",
        "organs": "LABEL_LIST",
        "diseases": "LABEL_LIST",
    },
    "rois": {
        "image_id": "BTREE",
        "modality": "BITMAP",
        "zone_h": "BITMAP",
        "zone_v": "BITMAP",
        "kind": "BITMAP",
        "area_ratio": "BTREE",
    },
}


class LanceDB:
    """``count_rows`` and scans with a SQL filter; it has no GROUP BY and no join, so Arrow does those."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def build(self, files: Files) -> None:
        """Write both tables and their indexes."""
        database = lancedb.connect(self._folder)
        for name, indexes in _INDEXES.items():
            scanned = ds.dataset(files[name], format="parquet")
            table = database.create_table(name, scanned.scanner().to_reader(), mode="overwrite")
            for column, kind in indexes.items():
                table.create_scalar_index(column, index_type=kind)
            table.optimize()

    def open(self, files: Files) -> None:
        """Open both tables."""
        del files
        database = lancedb.connect(self._folder)
        self.images = database.open_table("images")
        self.rois = database.open_table("rois")

    def count(self, said: Said) -> int:
        """Counted by the index where no region is asked for; else the keys of both sides are met in Arrow."""
        if not of_regions(said):
            return int(self.images.count_rows(_sql(said) or None))
        keys = pc.unique(self._column(self.rois, "image_key", _regions_sql(said)))
        if not of_images(said):
            return len(keys)
        found = self._column(self.images, "image_key", _sql(said))
        return int(pc.sum(pc.is_in(found, value_set=keys)).as_py() or 0)

    def facet(self, said: Said, column: str) -> dict[str, int]:
        """One column of the slice, counted by Arrow."""
        values = self._column(self.images, column, _sql(said))
        if pa.types.is_list(values.type):
            values = pc.list_flatten(values)
        counted = pc.value_counts(values)
        return {str(row["values"]): row["counts"] for row in counted.to_pylist()}

    def look_up(self, ids: list[str]) -> list[list[str]]:
        """Both tables by the index on image_id."""
        where = f"image_id IN ({', '.join(_text(value) for value in ids)})"
        images = self.images.search().where(where).limit(10_000).to_arrow()
        rois = self.rois.search().where(where).limit(10_000).to_arrow()
        return [sorted(images["image_id"].to_pylist()), sorted(rois["roi_id"].to_pylist())]

    def export(self, said: Said, file: Path) -> None:
        """Batches of the slice, written by Arrow."""
        reader = self.images.to_lance().scanner(filter=_sql(said) or None).to_reader()
        with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)

    @staticmethod
    def _column(table: Any, column: str, where: str) -> Any:
        return table.to_lance().to_table(columns=[column], filter=where or None)[column].combine_chunks()


def _sql(said: Said) -> str:
    parts = []
    for column, values in of_images(said).items():
        texts = ", ".join(_text(value) for value in values)
        many = column in ("organs", "diseases")
        parts.append(f"array_has_any({column}, [{texts}])" if many else f"{column} IN ({texts})")
    return " AND ".join(parts)


def _regions_sql(said: Said) -> str:
    asked = dict(of_regions(said))
    low, high = asked.pop("area_ratio")
    parts = [f"area_ratio >= {low!r}", f"area_ratio <= {high!r}"]
    parts += [f"{column} = {_text(value)}" for column, value in asked.items()]
    for name in ("modality", "source"):
        if said[name]:
            parts.append(f"{name} IN ({', '.join(_text(value) for value in said[name])})")
    return " AND ".join(parts)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
