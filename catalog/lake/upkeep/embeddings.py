"""Frees the vectors that no snapshot names any more."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from catalog import sqlfiles
from catalog.imports import whole
from catalog.lake.layout import Layout

MARGIN = timedelta(seconds=2)
"""Lance drops versions by their age, and takes a moment to begin."""


def clear(connection: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    """Delete sets and versions of vectors that no snapshot needs; returns the bytes that were freed.

    The caller holds the commit lock and has expired what is to be expired.
    """
    if not layout.vectors.is_dir():
        return 0
    needed = _needed(connection, layout)
    before = _size(layout.vectors)
    for folder in layout.vectors.glob("*.lance"):
        if folder.stem in needed:
            _drop_versions(folder, needed[folder.stem])
        else:
            shutil.rmtree(folder)
    return max(0, before - _size(layout.vectors))


def _needed(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """For each set that a snapshot names the oldest version that one does."""
    found = connection.execute(sqlfiles.statement("upkeep/vector_set_files")).fetchall()
    files = [str(layout.data / path) for (path,) in found if (layout.data / path).exists()]
    if not files:
        return {}
    query = "SELECT name, min(version) FROM read_parquet($files, union_by_name => true) GROUP BY name"
    return dict(connection.execute(query, {"files": files}).fetchall())


def _drop_versions(folder: Path, oldest: int) -> None:
    """Delete the versions before ``oldest``."""
    dataset = whole("lance").dataset(str(folder))
    made = next((entry["timestamp"] for entry in dataset.versions() if entry["version"] == oldest), None)
    if made is not None:
        dataset.cleanup_old_versions(older_than=datetime.now() - made + MARGIN)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
