"""Restores the sort order of a lake in bounded memory, unit by unit.

The commit lock is held for a unit at a time, so that others commit in between; readers see the same rows at every
moment; and what a kill interrupts leaves the lake as it was before the unit.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import duckdb

from catalog.lake.commit import locked
from catalog.lake.layout import Layout
from catalog.lake.upkeep import expiry, profiles, units
from catalog.lake.upkeep.age import moment
from catalog.lake.upkeep.expiry import Cleared
from catalog.lake.upkeep.files import TableFiles, tables

MEMORY = "1GB"
"""What DuckDB may use; beyond it sorting spills into the lake's folder. The process stays below twice as much."""
HOLD = 1.0
"""Seconds after which the commit lock is let go between two units."""
PAUSE = 0.15
"""Seconds without the lock: long enough for a process that waits for it to notice."""

Watch = Callable[[str, int], None]
"""Called with a table and the number of its files after every unit."""


@dataclass(frozen=True, slots=True)
class TableCompaction:
    """What was done for one table; the sizes are of the files that its newest snapshot needs."""

    table: str
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    seconds: float


@dataclass(slots=True)
class Compaction:
    """What one compaction did."""

    tables: list[TableCompaction] = field(default_factory=list)
    cleared: Cleared = field(default_factory=Cleared)


def compact(
    layout: Layout, *, expire: str | timedelta | datetime | None = None, watch: Watch | None = None
) -> Compaction:
    """Put the files of every table in order; with ``expire`` also forget the snapshots that are older.

    Args:
        layout: The lake.
        expire: An age such as 7d, 12h or 30m, or a moment.
        watch: Called after every unit of work.

    Raises:
        UsageError: ``expire`` is neither an age nor a date, or lies in the future.
        LakeError: The lake cannot be written.
    """
    if expire is not None:
        moment(expire, now=datetime.now(UTC))  # a wrong one is told before the work and not after it
    done = Compaction()
    with _connection(layout) as connection:
        todo = [table for table in tables(connection) if _has_work(table)]
    for table in todo:
        began = time.monotonic()
        left = _finish(layout, table, watch)
        if left.files != table.files:
            done.tables.append(_compared(table, left, time.monotonic() - began))
    now = datetime.now(UTC)
    with _connection(layout) as connection:
        if expire is None:
            done.cleared = expiry.clear(connection, layout, now=now)
        else:
            done.cleared = expiry.expire(connection, layout, before=moment(expire, now=now), now=now)
    return done


def _has_work(table: TableFiles) -> bool:
    summing = table.name == profiles.TABLE and len(table.files) >= profiles.TIMES
    return summing or any(units.next_unit(table, phase) for phase in units.PHASES)


def _finish(layout: Layout, table: TableFiles, watch: Watch | None) -> TableFiles:
    """Do all there is to do for a table, and say which files it has then."""
    for step in (_sum_up, *(_phase(phase) for phase in units.PHASES)):
        limit = 2 * len(table.files) + 10
        while limit > 0 and (done := _some(layout, table, step, watch)):
            limit -= done[0]
            table = done[1]
            time.sleep(PAUSE)
    return table


Step = Callable[[duckdb.DuckDBPyConnection, TableFiles, str], bool]
"""Does one unit, and says whether there was one."""


def _sum_up(connection: duckdb.DuckDBPyConnection, table: TableFiles, data: str) -> bool:
    return profiles.sum_up(connection, table)


def _phase(phase: units.Phase) -> Step:
    def step(connection: duckdb.DuckDBPyConnection, table: TableFiles, data: str) -> bool:
        unit = units.next_unit(table, phase)
        if unit is not None:
            units.do(connection, table, unit, data)
        return unit is not None

    return step


def _some(layout: Layout, table: TableFiles, step: Step, watch: Watch | None) -> tuple[int, TableFiles] | None:
    """As many units of a step as fit into one hold of the lock; None when there was none."""
    began, count = time.monotonic(), 0
    with _connection(layout) as connection:
        table = _named(connection, table)
        while time.monotonic() - began < HOLD and step(connection, table, str(layout.data)):
            count += 1
            table = _named(connection, table)
            if watch:
                watch(table.name, len(table.files))
    return (count, table) if count else None


def _named(connection: duckdb.DuckDBPyConnection, table: TableFiles) -> TableFiles:
    found = [item for item in tables(connection) if item.name == table.name]
    return found[0] if found else replace(table, files=())


def _compared(before: TableFiles, after: TableFiles, seconds: float) -> TableCompaction:
    return TableCompaction(
        before.name, len(before.files), len(after.files), before.bytes, after.bytes, round(seconds, 3)
    )


@contextmanager
def _connection(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writing connection of little memory, under the commit lock; it spills beside the data."""
    spill = layout.root / "spill"
    with locked(layout) as connection:
        shutil.rmtree(spill, ignore_errors=True)
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET temp_directory = ?", [str(spill)])
        yield connection
