"""Polars, lazily over the lake's own Parquet files."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.peers.contract import Files, Said, of_images, of_regions


class Polars:
    """``scan_parquet`` and expressions; nothing is built."""

    def __init__(self, folder: Path) -> None:
        del folder

    def build(self, files: Files) -> None:
        """Nothing to do."""

    def open(self, files: Files) -> None:
        """Lazy frames over the files."""
        self.images = pl.scan_parquet(files["images"])
        self.rois = pl.scan_parquet(files["rois"])

    def count(self, said: Said) -> int:
        """A semi join where regions are asked for."""
        if of_regions(said) and not of_images(said):
            return int(self._regions(said).select(pl.col("image_key").n_unique()).collect().item())
        return int(self._slice(said).select(pl.len()).collect().item())

    def facet(self, said: Said, column: str) -> dict[str, int]:
        """A group-by, of the exploded list where the column is one."""
        values = pl.col(column)
        frame = self._slice(said).select(values)
        if column in ("organs", "diseases"):
            frame = frame.select(values.list.unique()).explode(column).filter(values.is_not_null())
        return {str(value): number for value, number in frame.group_by(column).len().collect().iter_rows()}

    def look_up(self, ids: list[str]) -> list[list[str]]:
        """``is_in`` on both tables."""
        wanted = pl.col("image_id").is_in(ids)
        frames = pl.collect_all([self.images.filter(wanted), self.rois.filter(wanted)])
        return [sorted(frame[key].to_list()) for frame, key in zip(frames, ("image_id", "roi_id"), strict=True)]

    def export(self, said: Said, file: Path) -> None:
        """The streaming sink."""
        self._slice(said).sink_parquet(file)

    def _slice(self, said: Said) -> pl.LazyFrame:
        found = self.images
        if flags := [self._among(column, values) for column, values in of_images(said).items()]:
            found = found.filter(reduce(lambda left, right: left & right, flags))
        return found.join(self._regions(said), on="image_key", how="semi") if of_regions(said) else found

    def _regions(self, said: Said) -> pl.LazyFrame:
        asked = dict(of_regions(said))
        flags = [pl.col("area_ratio").is_between(*asked.pop("area_ratio"))] if "area_ratio" in asked else []
        flags += [pl.col(column) == value for column, value in asked.items()]
        flags += [pl.col(name).is_in(said[name]) for name in ("modality", "source") if said[name]]
        return self.rois.filter(reduce(lambda left, right: left & right, flags)).select("image_key")

    @staticmethod
    def _among(column: str, values: list[str]) -> Any:
        if column not in ("organs", "diseases"):
            return pl.col(column).is_in(values)
        return reduce(lambda left, right: left | right, (pl.col(column).list.contains(value) for value in values))
