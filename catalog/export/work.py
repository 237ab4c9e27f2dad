"""What a writer works with: the images to export, queries over them in streams, and the folder to write into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from catalog import sqlfiles
from catalog.export.contract import Images, Watch
from catalog.export.folder import Output
from catalog.export.lines import write_lines
from catalog.lake import guard
from catalog.sqlfiles import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.export.folder import HashedFile

PART_IMAGES = 100_000
"""Images that are sorted and written at a time, at the least."""
PARTS = 16
"""Parts at the most. Each scans the tables once; more of them need less memory, fewer less time."""
ROWS = 2_048
"""Rows of text a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One export under way."""

    connection: duckdb.DuckDBPyConnection
    """Read-only, at the export's snapshot; ``memory.main.exported`` numbers the images from 1 by row key."""
    output: Output
    images: Images
    include_restricted: bool
    watch: Watch | None = None
    count: int = 0
    """Images to export, once they are settled."""

    def execute(self, name: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run ``sql/export/NAME.sql``, which reads; its answer streams until the next one is run."""
        return guard.run(self.connection, sqlfiles.statement(f"export/{name}"), dict(values or {}))

    def parts(self, name: str, *, rows: int = ROWS, **values: Any) -> Iterator[Iterator[pa.RecordBatch]]:
        """For each range of images, the answer to ``sql/export/NAME.sql`` as batches of up to ``rows`` rows.

        The file's parameters ``lo`` and ``hi`` are bound to the range, ``values`` to the others.
        """
        for low, high in self.ranges():
            yield self._batches(name, rows, {"lo": low, "hi": high, **values})

    def lines(self, file: HashedFile, name: str, **values: Any) -> int:
        """Write the lines that ``sql/export/NAME.sql`` makes; its parameter ``before`` is the lines before a part."""
        counts = "before" in {param.name for param in sqlfiles.read(f"export/{name}").params}
        written = 0
        for low, high in self.ranges():
            before = {"before": written} if counts else {}
            written += write_lines(file, self._batches(name, ROWS, {"lo": low, "hi": high, **before, **values}))
        return written

    def all_lines(self, file: HashedFile, name: str) -> int:
        """Write the lines of a query that is not cut into ranges of images."""
        return write_lines(file, self.execute(name).to_arrow_reader(ROWS))

    def copy(self, name: str, file: str, *, group_rows: int, **values: Any) -> None:
        """Write the answer to ``sql/export/NAME.sql`` to a Parquet file of the export, which DuckDB does by itself."""
        path = self.output.root / file
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group_rows}"
        query = f"COPY ({sqlfiles.statement(f'export/{name}')}) TO {literal(str(path))} ({options})"
        self.connection.execute(query, values)
        self.output.take_in(file)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """First and last number of every part; who works them off tells about them on the way."""
        for low, high in self.spans(max(PART_IMAGES, -(-self.count // PARTS))):
            yield low, high
            self.tell(high)

    def spans(self, size: int) -> Iterator[tuple[int, int]]:
        """First and last number of ``size`` images each; at least one, so that an empty export has its files, too."""
        for low in range(1, max(self.count, 1) + 1, size):
            yield low, min(low + size - 1, max(self.count, 1))

    def _batches(self, name: str, rows: int, values: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        yield from self.execute(name, values).to_arrow_reader(rows)

    def tell(self, done: int) -> None:
        """Say that so many images are done, where their pixels have not been counted already."""
        if self.watch is not None and self.images == "none":
            self.watch(min(done, self.count), self.count)
