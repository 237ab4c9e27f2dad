"""What there is to do for a table, cut into units of one short transaction each.

Files with deleted rows come first, then files that are too small, then files that lie over each other. Merging is
DuckLake's own: merged files serve the old snapshots too. The other units write rows anew, and the old files stay for
as long as a snapshot needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import duckdb
import numpy as np

from catalog.errors import LakeError
from catalog.lake.commit import signed
from catalog.lake.upkeep.files import File, TableFiles
from catalog.sqlfiles import identifier, literal

ROWS_A_UNIT = 6_000_000
"""Rows that one transaction writes anew at most, or one file if that has more."""
FILES_A_UNIT = 1_000
"""Files that one transaction reads at most; an open file takes 0.3 MB."""
DEPTH = 4
"""Files that may lie over each other: a query that names one value opens as many."""
WORTH = 4
"""A file is put in order with the narrower ones that it lies over when they have at most as many times its rows. One
that lies over a whole lake waits for others, so that a row is written anew a few times and not with every commit."""
MARGIN = 1.15
"""DuckDB closes a file at about nine tenths of the size asked for; this keeps the last one from being tiny."""
LARGE = 3
"""Times the size that a file should have from which it is cut up."""
WORN = 0.1
"""Share of deleted rows from which a file is written anew."""

Phase = Literal["worn", "small", "overlapping"]
PHASES: tuple[Phase, ...] = ("worn", "small", "overlapping")


@dataclass(frozen=True, slots=True)
class Unit:
    """Files to turn into fewer or better ones."""

    phase: Phase
    files: tuple[File, ...]


def next_unit(table: TableFiles, phase: Phase) -> Unit | None:
    """What a phase has left to do; None when it is done."""
    found = {"worn": _worn, "small": _small, "overlapping": _overlapping}[phase](table)
    return Unit(phase, tuple(found)) if found else None


def do(connection: duckdb.DuckDBPyConnection, table: TableFiles, unit: Unit, data: str) -> None:
    """Do one unit in one transaction; ``data`` is the folder that the paths of files are below."""
    if unit.phase == "small":
        at_once = sum(file.bytes for file in unit.files)
        _aim(connection, table, min(table.target, at_once) if len(unit.files) == FILES_A_UNIT else table.target)
        if _merge(connection, table):
            return
    written = sum(file.bytes * (file.rows - file.deleted) // max(1, file.rows) for file in unit.files)
    files = max(1, round(written / table.target))
    if unit.phase == "overlapping":
        _aim(connection, table, 2 * table.target)
        _write_anew(connection, table, unit, data, parts=files)
    else:
        _aim(connection, table, int(written / files * MARGIN) + 1)
        _write_anew(connection, table, unit, data)


def _worn(table: TableFiles) -> list[File]:
    half = table.target // 2
    worn = [file for file in table.files if file.deleted and (file.bytes < half or file.deleted >= file.rows * WORN)]
    return _within_a_unit(worn)


def _small(table: TableFiles) -> list[File]:
    small = [file for file in table.files if file.bytes < table.target // 2 and not file.deleted]
    return _within_a_unit(small) if len(small) > 1 else []


def _overlapping(table: TableFiles) -> list[File]:
    """A file that is too large, files of which too many lie over each other, or a wide one with those it lies over."""
    placed = [file for file in table.files if file.placed]
    large = [file for file in placed if file.bytes > LARGE * table.target and file.width]
    if large:
        return large[:1]
    deepest = _deepest(placed)
    if len(deepest) > DEPTH:
        return _within_a_unit(deepest, least=2)
    for wide in sorted(placed, key=lambda file: file.width, reverse=True):
        under = [file for file in placed if file.width < wide.width and file.overlaps(wide)]
        if under and sum(file.rows for file in under) <= WORTH * wide.rows:
            return _within_a_unit([wide, *sorted(under, key=lambda file: file.low or 0)], least=2)
    return []


def _deepest(placed: Sequence[File]) -> list[File]:
    """The files at the point where most lie over each other, the widest first."""
    deepest: list[File] = []
    edges = sorted({edge for file in placed for edge in (file.low, file.high) if edge is not None})
    for left, right in pairwise(edges):
        deepest = max(deepest, [file for file in placed if file.covers(left, right)], key=len)
    return sorted(deepest, key=lambda file: file.width, reverse=True)


def _within_a_unit(files: Sequence[File], *, least: int = 1) -> list[File]:
    """As many of the first files as one unit may write, and so many at least."""
    chosen: list[File] = []
    rows = 0
    for file in files:
        rows += file.rows - file.deleted
        if len(chosen) >= least and (rows > ROWS_A_UNIT or len(chosen) == FILES_A_UNIT):
            break
        chosen.append(file)
    return chosen


def _aim(connection: duckdb.DuckDBPyConnection, table: TableFiles, size: int) -> None:
    connection.execute(f"CALL lake.set_option('target_file_size', '{size}B', table_name => {literal(table.name)})")


def _merge(connection: duckdb.DuckDBPyConnection, table: TableFiles) -> bool:
    """Merge small files into one; False when DuckLake keeps them apart, as it does when their columns differ."""
    with signed(connection, f"compact {table.name}: small files merged"):
        merged = connection.execute(
            "CALL ducklake_merge_adjacent_files('lake', $table, max_compacted_files => 1, max_file_size => $size)",
            {"table": table.name, "size": table.target // 2},
        ).fetchall()
    return bool(merged)


def _write_anew(
    connection: duckdb.DuckDBPyConnection, table: TableFiles, unit: Unit, data: str, *, parts: int = 1
) -> None:
    """Write the rows of files again, sorted, and let go of the files.

    In parts, each a range of what is sorted by, they become files that share nothing; sorted files are read once.
    """
    name = identifier(table.name)
    files = ", ".join(literal(f"{data}/{file.path}") for file in unit.files)
    old = f"FROM {name} WHERE filename IN ({files})"
    order = f"ORDER BY {identifier(table.sort_key)}" if table.sort_key else ""
    with signed(connection, f"compact {table.name}: {len(unit.files)} files put in order"):
        kept = 0
        for part in _ranges(connection, table.sort_key, old, parts):
            ((written,),) = connection.execute(f"INSERT INTO {name} SELECT * {old}{part} {order}").fetchall()
            kept += written
        ((gone,),) = connection.execute(f"DELETE {old}").fetchall()
        if kept != gone:
            raise LakeError(f"compacting {table.name} kept {kept} of {gone} rows; nothing was changed, try again")


def _ranges(connection: duckdb.DuckDBPyConnection, key: str | None, old: str, parts: int) -> list[str]:
    """Conditions that cut rows into about equal parts by what they are sorted by."""
    if key is None or parts == 1:
        return [""]
    column = identifier(key)
    (values,) = connection.execute(f"SELECT {column} {old}").fetchnumpy().values()
    if np.ma.is_masked(values):  # no range holds a row without a key
        return [""]
    ordered = np.sort(values)
    cuts = sorted({int(ordered[place * ordered.size // parts]) for place in range(1, parts)})
    low = ["", *(f" AND {column} >= {cut}" for cut in cuts)]
    high = [*(f" AND {column} < {cut}" for cut in cuts), ""]
    return [f"{least}{most}" for least, most in zip(low, high, strict=True)]
