"""What a peer does. Nothing here imports the catalog or DuckDB: a peer may live in an environment without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

Said = dict[str, Any]
"""A predicate as JSON: lists modality, organ, disease, source; zone_h, zone_v, kind; area [low, high]."""
Files = dict[str, list[str]]
"""Parquet files of images and rois."""


class Peer(Protocol):
    """Built once from the lake's Parquet files into a folder, then opened and asked."""

    def build(self, files: Files) -> None:
        """Load the data in the way that the tool's own documentation recommends."""

    def open(self, files: Files) -> None:
        """Open what was built."""

    def count(self, said: Said) -> int:
        """Images that satisfy all of it; the ROI fields by one region."""

    def facet(self, said: Said, column: str) -> dict[str, int]:
        """Images by value; for a list column an image counts once for each value."""

    def look_up(self, ids: list[str]) -> list[list[str]]:
        """All columns of some images and of their regions; returns the ids of both, sorted."""

    def export(self, said: Said, file: Path) -> None:
        """Write the rows of ``images`` that satisfy it to one Parquet file, all columns."""


def of_images(said: Said) -> dict[str, list[str]]:
    """Column to values for what it asks of ``images``."""
    columns = {"modality": "modality", "organ": "organs", "disease": "diseases", "source": "source"}
    return {column: said[name] for name, column in columns.items() if said[name]}


def of_regions(said: Said) -> dict[str, Any]:
    """Column to value, or to a range for ``area_ratio``, for what it asks of one region; empty for nothing."""
    found = {column: said[column] for column in ("zone_h", "zone_v", "kind") if said[column]}
    return found | ({"area_ratio": said["area"]} if said["area"] else {})
