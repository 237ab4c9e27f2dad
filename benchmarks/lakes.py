"""Lakes to measure on: one a size, made once and kept where asked, and throw-away copies of it that cost no disk."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.scale import Scale

SEED = 25
TABLES = ("images", "rois", "roi_index", "descriptions", "image_ids", "profiles")


@dataclass(frozen=True, slots=True)
class LakeFiles:
    """The Parquet files behind each table at one snapshot, and each table's columns."""

    files: dict[str, list[str]]
    columns: dict[str, list[str]]

    def to_json(self) -> dict[str, dict[str, list[str]]]:
        """As JSON can hold it; ``LakeFiles(**value)`` reads it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Made:
    """What it took to make a lake; zeros for one that was there already."""

    path: Path
    generate_seconds: float = 0.0
    compact_seconds: float = 0.0


def lake_of(scale: Scale, folder: Path) -> Made:
    """The lake of a size in ``folder``: synthetic shards, then compacted; made when it is not there yet."""
    path = folder / f"lake-{scale.name}"
    if path.exists():
        return Made(path)
    import catalog
    from benchmarks.synthetic import generate

    unfinished = path.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    begin = time.perf_counter()
    generate(unfinished, rows=scale.rows, seed=SEED, captions=scale.captions)
    generated = time.perf_counter()
    with catalog.open(unfinished, write=True) as lake:
        lake.compact(expire="0s")
    compacted = time.perf_counter()
    unfinished.rename(path)
    return Made(path, generated - begin, compacted - generated)


def scratch_copy(lake: Path, to: Path) -> Path:
    """A lake of its own over the same bytes: data files are never changed in place, so hard links do."""
    shutil.copytree(lake, to, copy_function=_link_data)
    return to


def lake_files(lake: Path) -> LakeFiles:
    """What a bare DuckDB has to read to see the lake.

    Raises:
        SystemExit: A table has deleted rows; raw Parquet files would then say something else than the lake.
    """
    connection = attached(lake)
    files, columns = {}, {}
    for table in TABLES:
        if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone():
            continue
        listed = connection.execute(f"SELECT data_file, delete_file FROM ducklake_list_files('lake', '{table}')")
        rows = listed.fetchall()
        if any(deleted for _, deleted in rows):
            raise SystemExit(f"{table} has deleted rows; compact the lake first")
        files[table] = [str(file) for file, _ in rows]
        described = connection.execute(f"DESCRIBE {table}").fetchall()
        columns[table] = [str(row[0]) for row in described]
    connection.close()
    return LakeFiles(files, columns)


def attached(lake: Path):  # type: ignore[no-untyped-def]
    """A bare DuckDB connection with the lake attached, read-only."""
    import duckdb

    from catalog.lake.connection import load_extension

    connection = duckdb.connect()
    for name in ("ducklake", "sqlite_scanner"):
        load_extension(connection, name)
    connection.execute(
        f"ATTACH 'ducklake:sqlite:{lake}/metadata.sqlite' AS lake "
        f"(READ_ONLY, DATA_PATH '{lake}/data/', OVERRIDE_DATA_PATH true)"
    )
    connection.execute("USE lake")
    return connection


def disk(lake: Path) -> dict[str, int]:
    """Bytes of each part of a lake: each table's files, and everything else by its name."""
    parts: dict[str, int] = {}
    for file in (file for file in lake.rglob("*") if file.is_file()):
        inside = file.relative_to(lake).parts
        part = inside[2] if inside[0] == "data" and len(inside) > 3 else inside[0]
        parts[part] = parts.get(part, 0) + file.stat().st_size
    return dict(sorted(parts.items(), key=lambda item: -item[1]))


def fingerprint(lake: Path) -> dict[str, tuple[int, int, int]]:
    """For every data file its size, time of change and inode: what a rewrite would alter."""
    stats = {str(file.relative_to(lake)): file.stat() for file in (lake / "data").rglob("*") if file.is_file()}
    return {name: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats.items()}


def _link_data(source: str, target: str) -> None:
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)
