"""Restores the sort order of a lake in bounded memory, unit by unit.

The commit lock is held for a unit at a time, so that others commit in between; readers see the same rows at every
moment; and what a kill interrupts leaves the lake as it was before the unit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import duckdb

from catalog.lake.layout import Layout
from catalog.lake.upkeep import embeddings, expiry, profiles, units
from catalog.lake.upkeep.age import moment
from catalog.lake.upkeep.expiry import Cleared
from catalog.lake.upkeep.files import TableFiles, tables
from catalog.lake.upkeep.turns import Turns

ROUNDS = 3
"""Times that what one phase left to an earlier one is done; more would only shift rows about."""

Watch = Callable[[str, int], None]
"""Called with a table and the number of its files before every unit."""


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
        watch: Called before every unit of work.

    Raises:
        UsageError: ``expire`` is neither an age nor a date, or lies in the future.
        LakeError: The lake cannot be written.
    """
    if expire is not None:
        moment(expire, now=datetime.now(UTC))  # a wrong one is told before the work and not after it
    done = Compaction()
    with Turns(layout) as turns:
        for table in [table for table in tables(turns.connection()) if _has_work(table)]:
            began = time.monotonic()
            left = _finish(turns, table, watch)
            if left.files != table.files:
                done.tables.append(_compared(table, left, time.monotonic() - began))
        now = datetime.now(UTC)
        if expire is None:
            done.cleared = expiry.clear(turns.connection(), layout, now=now)
        else:
            done.cleared = expiry.expire(turns.connection(), layout, before=moment(expire, now=now), now=now)
            done.cleared.bytes += embeddings.clear(turns.connection(), layout)
    return done


def _has_work(table: TableFiles) -> bool:
    summing = table.name == profiles.TABLE and len(table.files) >= profiles.TIMES
    return summing or any(units.next_unit(table, phase) for phase in units.PHASES)


def _finish(turns: Turns, table: TableFiles, watch: Watch | None) -> TableFiles:
    """Do all there is to do for a table, and say which files it has then."""
    profiles.sum_up(turns.connection(), table)
    for _ in range(ROUNDS):
        if not sum([_do_all(turns, table, phase, watch) for phase in units.PHASES]):
            break
    return _now(turns.connection(), table)


def _do_all(turns: Turns, table: TableFiles, phase: units.Phase, watch: Watch | None) -> int:
    """Do the units of one phase, and say how many there were; others' commits may bring more, so there is an end."""
    data = str(turns.layout.data)
    for done in range(2 * len(table.files) + 1):
        connection = turns.connection()
        table = _now(connection, table)
        unit = units.next_unit(table, phase)
        if unit is None:
            return done
        if watch:
            watch(table.name, len(table.files))
        units.do(connection, table, unit, data)
    return 2 * len(table.files) + 1


def _now(connection: duckdb.DuckDBPyConnection, table: TableFiles) -> TableFiles:
    """The table with the files that it has now."""
    found = [item for item in tables(connection) if item.name == table.name]
    return found[0] if found else replace(table, files=())


def _compared(before: TableFiles, after: TableFiles, seconds: float) -> TableCompaction:
    return TableCompaction(
        before.name, len(before.files), len(after.files), before.bytes, after.bytes, round(seconds, 3)
    )
