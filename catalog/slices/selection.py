"""A slice of one lake: the filter, its query, and the connection that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from catalog.lake import guard
from catalog.lake.layout import Layout
from catalog.lake.lifecycle import newest_snapshot
from catalog.slices.filter import Filter
from catalog.slices.query import Query, build

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Selection:
    """What exports and generators work on."""

    layout: Layout
    connection: duckdb.DuckDBPyConnection
    """Read-only, shut in, and attached at the slice's snapshot."""
    said: Filter
    memory_limit: str
    """What another connection for the same work may use."""

    @cached_property
    def query(self) -> Query:
        """The SQL of the slice, which later commits do not outdate."""
        return build(self.said, self.connection, lasting=True)

    @cached_property
    def snapshot(self) -> int:
        """The snapshot that the slice shows."""
        return self.said.at if self.said.at is not None else newest_snapshot(self.connection)

    @contextmanager
    def moment(self) -> Iterator[Query]:
        """One snapshot for all that is asked within, and the query of the slice there."""
        began = _begun(self.connection)
        try:
            yield build(self.said, self.connection)
        finally:
            if began:
                self.connection.rollback()

    def count(self) -> int:
        """The number of images, exactly."""
        with self.moment() as query:
            if query.profiles is not None:
                return self._number(query, f"SELECT coalesce(sum(images), 0) FROM profiles WHERE {query.profiles}")
            if query.regions is not None:
                from catalog.slices.keys import all_keys

                return int(all_keys(self.connection, query).size)
            return self._number(query, query.select("count(*)"))

    def _number(self, query: Query, sql: str) -> int:
        return int(guard.run(self.connection, sql, query.bound(sql)).fetchall()[0][0])

    def execute(self, sql: str, values: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a query that holds the slice's own; ``values`` are bound beside its values.

        Raises:
            QueryError: It does not run.
        """
        return guard.run(self.connection, sql, {**self.query.bound(sql), **(values or {})})

    def batches(self, sql: str, *, rows: int = 10_000, values: dict[str, Any] | None = None) -> pa.RecordBatchReader:
        """The answer to a query as a stream of Arrow batches of ``rows`` rows."""
        return self.execute(sql, values).to_arrow_reader(rows)


def _begun(connection: duckdb.DuckDBPyConnection) -> bool:
    """Begin a transaction, unless the caller is in one."""
    try:
        connection.begin()
    except duckdb.TransactionException:
        return False
    return True
