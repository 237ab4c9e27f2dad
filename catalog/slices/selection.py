"""A slice of one lake: the filter, its query, and the connections that answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.layout import Layout
from catalog.lake.readers import Answer, Readers
from catalog.lake.snapshots import newest_snapshot
from catalog.slices.filter import Filter
from catalog.slices.query import Query, build

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Selection:
    """What exports and generators work on; query and snapshot are those of the moment when they are first asked for."""

    readers: Readers
    said: Filter

    @property
    def layout(self) -> Layout:
        """The lake."""
        return self.readers.layout

    @property
    def memory_limit(self) -> str:
        """What another connection for the same work may use."""
        return self.readers.memory_limit

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Read-only, shut in, and attached at the slice's snapshot; for one thread."""
        return self.readers.reader(at=self.said.at)

    @cached_property
    def query(self) -> Query:
        """The SQL of the slice, which later commits do not outdate."""
        return build(self.said, Sight(self.snapshot, lambda: self.connection), lasting=True)

    @cached_property
    def snapshot(self) -> int:
        """The snapshot that the slice shows."""
        return self.said.at if self.said.at is not None else newest_snapshot(self.connection)

    def ask(self, work: Callable[[Sight, Query], Answer]) -> Answer:
        """What ``work`` reads of the slice, all of one snapshot; it may be called more than once."""
        return self.readers.together(lambda sight: work(sight, build(self.said, sight)), at=self.said.at)

    def count(self) -> int:
        """The number of images, exactly."""
        return self.ask(count)


def count(sight: Sight, query: Query) -> int:
    """The number of images of a slice, exactly."""
    if query.profiles is not None:
        return int(query.of_profiles("SELECT coalesce(sum(images), 0) FROM {profiles}").fetchall()[0][0])
    if query.regions is not None:
        from catalog.slices.keys import all_keys

        return int(all_keys(sight.connection, query).size)
    sql = query.select("count(*)")
    return int(guard.run(sight.connection, sql, query.bound(sql)).fetchall()[0][0])
