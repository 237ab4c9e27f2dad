"""The floor: a bare DuckDB with two threads over the very Parquet files of the lake, asked in plain SQL."""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.lakes import LakeFiles
from benchmarks.predicates import Predicate, listed


class Floor:
    """Views ``images``, ``rois`` and ``descriptions`` over Parquet; nothing of the catalog, no cube and no id map."""

    def __init__(self, files: LakeFiles) -> None:
        self.connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
        self.connection.execute("SET parquet_metadata_cache = true")
        self.connection.execute("SET enable_progress_bar = false")
        self.files = files
        for table in ("images", "rois", "descriptions"):
            self.connection.execute(f"CREATE TEMP VIEW {table} AS {self._rows(table)}")

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        """Every row of the answer."""
        return self.connection.execute(sql).fetchall()

    def table(self, sql: str) -> Any:
        """The answer as an Arrow table."""
        return self.connection.execute(sql).to_arrow_table()

    def number(self, sql: str) -> int:
        """The one number of the answer."""
        return int(self.all(sql)[0][0])

    def count(self, predicate: Predicate) -> int:
        """How many images a predicate leaves."""
        if predicate.rois_sql() and not predicate.images_sql():
            return self.number(f"SELECT count(DISTINCT image_key) FROM rois WHERE {predicate.rois_sql()}")
        return self.number(f"SELECT count(*) FROM images WHERE {predicate.where()}")

    def facet(self, predicate: Predicate, column: str) -> dict[str | None, int]:
        """How many of them have each value; an image counts once for each of its organs or diseases."""
        where = predicate.where()
        if column in ("organs", "diseases"):
            pairs = f"SELECT unnest(list_distinct({column})) AS value FROM images WHERE {where}"
            return dict(self.all(f"SELECT value, count(*) FROM ({pairs}) GROUP BY value"))
        return dict(self.all(f"SELECT {column}, count(*) FROM images WHERE {where} GROUP BY {column}"))

    def _rows(self, table: str) -> str:
        columns = ", ".join(self.files.columns[table])
        return f"SELECT {columns} FROM read_parquet({listed(self.files.files[table])})"
