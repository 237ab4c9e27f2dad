"""Hugging Face datasets: memory-mapped Arrow, and ``filter`` over batches of Arrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.peers.contract import Files, Said, of_images, of_regions

_BATCH = 50_000


class HuggingFace:
    """``filter`` in its fastest form: whole Arrow batches, no Python object a row, the kept indices in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        datasets.disable_progress_bars()

    def build(self, files: Files) -> None:
        """Bring both tables into datasets' own Arrow files."""
        for name in ("images", "rois"):
            columns = [field.name for field in pq.read_schema(files[name][0]) if not field.name.startswith("_")]
            made = datasets.Dataset.from_parquet(
                files[name], cache_dir=str(self._folder / "cache"), columns=columns, split="train"
            )
            made.save_to_disk(str(self._folder / name))

    def open(self, files: Files) -> None:
        """Map both."""
        del files
        self.images = datasets.load_from_disk(str(self._folder / "images")).with_format("arrow")
        self.rois = datasets.load_from_disk(str(self._folder / "rois")).with_format("arrow")

    def count(self, said: Said) -> int:
        """Filtered regions, then filtered images among theirs."""
        if not of_regions(said):
            return len(self._slice(said))
        regions = self._kept(self.rois, lambda table: _regions(table, said))
        keys = pc.unique(regions.select_columns(["image_key"])[:]["image_key"].combine_chunks())
        if not of_images(said):
            return len(keys)
        found = self._slice(said).select_columns(["image_key"])[:]["image_key"]
        return int(pc.sum(pc.is_in(found, value_set=keys)).as_py() or 0)

    def facet(self, said: Said, column: str) -> dict[str, int]:
        """One column of the slice, counted by Arrow."""
        values = self._slice(said).select_columns([column])[:][column].combine_chunks()
        if isinstance(values, pa.ListArray | pa.LargeListArray):
            values = pc.list_flatten(values)
        return {str(row["values"]): row["counts"] for row in pc.value_counts(values).to_pylist()}

    def look_up(self, ids: list[str]) -> list[list[str]]:
        """Two filters: there is no index."""
        wanted = pa.array(ids)
        found = []
        for table, key in ((self.images, "image_id"), (self.rois, "roi_id")):
            kept = self._kept(
                table, lambda batch: pc.is_in(batch["image_id"], value_set=wanted.cast(batch["image_id"].type))
            )
            found.append(sorted(kept[:][key].to_pylist()))
        return found

    def export(self, said: Said, file: Path) -> None:
        """Its own writer."""
        self._slice(said).to_parquet(str(file))

    def _slice(self, said: Said) -> Any:
        asked = of_images(said)
        return self._kept(self.images, lambda table: _among(table, asked)) if asked else self.images

    @staticmethod
    def _kept(dataset: Any, test: Any) -> Any:
        return dataset.filter(
            lambda table: test(table).to_pylist(),
            batched=True,
            batch_size=_BATCH,
            keep_in_memory=True,
            load_from_cache_file=False,
            new_fingerprint="asked",
        )


def _among(table: Any, asked: dict[str, list[str]]) -> Any:
    kept = pa.array([True]).take(pa.array([0] * len(table)))
    for column, values in asked.items():
        kept = pc.and_(kept, _has_any(table[column].combine_chunks(), values))
    return kept


def _has_any(column: Any, values: list[str]) -> Any:
    if not isinstance(column, pa.ListArray | pa.LargeListArray):
        return pc.fill_null(pc.is_in(column, value_set=pa.array(values, column.type)), False)
    flat = column.flatten()
    rows = pc.list_parent_indices(column).filter(pc.is_in(flat, value_set=pa.array(values, flat.type)))
    return pc.is_in(pa.array(range(len(column)), rows.type), value_set=rows)


def _regions(table: Any, said: Said) -> Any:
    asked = dict(of_regions(said))
    low, high = asked.pop("area_ratio")
    kept = pc.and_(pc.greater_equal(table["area_ratio"], low), pc.less_equal(table["area_ratio"], high))
    equal = {column: [value] for column, value in asked.items()}
    equal |= {name: said[name] for name in ("modality", "source") if said[name]}
    for column, values in equal.items():
        kept = pc.and_(kept, pc.is_in(table[column], value_set=pa.array(values, table[column].type)))
    return pc.fill_null(kept, False)
