"""Finds images that are in the lake already, for annotations that refer to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.lake.connection import open_reader
from catalog.lake.layout import Layout

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class LakeLookup:
    """Looks images up in a lake; it connects at the first question, so it pickles before."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._connection: duckdb.DuckDBPyConnection | None = None

    def images(self, ids: Sequence[str]) -> pa.Table:
        """Rows of ``images`` with these ids, in any order; absent ones are left out."""
        return self._ask("SELECT * FROM images WHERE image_id IN (SELECT unnest($ids))", {"ids": list(ids)})

    def in_frame_of_reference(self, key: str) -> pa.Table:
        """Rows of ``images`` with this frame_of_reference_key."""
        return self._ask("SELECT * FROM images WHERE frame_of_reference_key = $key", {"key": key})

    def close(self) -> None:
        """Let go of the lake."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, values: dict[str, object]) -> pa.Table:
        if self._connection is None:
            self._connection = open_reader(self._layout)
        found = self._connection.execute(query, values).to_arrow_table()
        if not self._layout.readable_beside_a_writer:
            self.close()
        return found
