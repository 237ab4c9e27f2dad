"""A slice that users hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, UsageError
from catalog.lake import guard
from catalog.slices.facets import facets
from catalog.slices.saved import digest
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

    from catalog.export import Manifest
    from catalog.slices.view import View


class Slice:
    """The images that a filter leaves; nothing is read until it is asked for."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    @property
    def selection(self) -> Selection:
        """The filter, its query and the connection."""
        return self._selection

    @property
    def sql(self) -> str:
        """The SQL of the slice; its values are bound, see ``values``."""
        return self._selection.query.images

    @property
    def values(self) -> dict[str, Any]:
        """The values bound in ``sql``."""
        return self._selection.query.bound(self.sql)

    def count(self) -> int:
        """The number of images, exactly."""
        return self._selection.count()

    def digest(self) -> str:
        """A digest of the image ids, in any order (hex)."""
        with self._selection.moment() as query:
            return digest(self._selection.connection, query)[1]

    def facets(self, *columns: str) -> dict[str, pa.Table]:
        """For each column the values and how many images have them: Arrow tables of value and count, most first.

        Raises:
            UsageError: A column cannot be counted by.
        """
        with self._selection.moment() as query:
            return facets(self._selection.connection, query, columns)

    def page(self, *, limit: int = 100, offset: int = 0, columns: str = "*") -> pa.Table:
        """Some images of the slice, in the order of row keys; a limit of -1 means all.

        Images of one modality, organ and disease follow each other. Pages of one snapshot, whatever is committed
        between them, and any page at the same cost, come from ``view``.

        Raises:
            UsageError: A limit below -1, or a negative offset.
        """
        if limit < -1 or offset < 0:
            raise UsageError(f"limit={limit}, offset={offset} is no page; limit=-1 means all, offset begins at 0")
        from catalog.slices import keys

        connection = self._selection.connection
        with self._selection.moment() as query:
            if limit != -1 and offset + limit <= keys.FEW:
                found = keys.first_keys(connection, query, offset + limit)[offset:]
                return keys.rows(connection, "images", found, columns=columns)
            sql = query.select(columns, rest="ORDER BY image_key LIMIT $limit OFFSET $offset")
            bound = {**query.bound(sql), "limit": None if limit == -1 else limit, "offset": offset}
            return guard.run(connection, sql, bound).to_arrow_table()

    def view(self) -> View:
        """The slice materialised at its snapshot, by a thread that begins at once: any page of it costs the same."""
        from catalog.slices.view import View

        return View(self._selection)

    def stream(self, *, columns: str = "*") -> pa.RecordBatchReader:
        """Every image of the slice, in the order of row keys, in bounded memory; the first come at once."""
        import pyarrow as pa

        from catalog.lake.connection import another
        from catalog.slices import keys
        from catalog.slices.query import build

        reading = another(self._selection.connection)
        reading.begin()
        schema = reading.execute(f"SELECT {columns} FROM images LIMIT 0").to_arrow_table().schema
        query = build(self._selection.said, reading)
        return pa.RecordBatchReader.from_batches(schema, keys.stream(reading, query, columns=columns))

    def to_arrow(self) -> pa.Table:
        """Every image of the slice with all columns, in the order of row keys."""
        return self.page(limit=-1)

    def to_polars(self) -> pl.DataFrame:
        """The same as a Polars frame.

        Raises:
            MissingExtraError: Polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise MissingExtraError("polars", extra="polars") from error
        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table of columns is a frame, never a series
        return frame

    def to_duckdb(self) -> duckdb.DuckDBPyRelation:
        """The same as a DuckDB relation of the lake's read-only connection; evaluated when it is used."""
        sql = self._selection.query.select("*", rest="ORDER BY image_key")
        return self._selection.connection.sql(sql, params=self._selection.query.bound(sql))

    def export(
        self,
        to: str,
        out: str | Path,
        *,
        images: str = "copy",
        include_restricted: bool = False,
        overwrite: bool = False,
        watch: Callable[[int, int], None] | None = None,
    ) -> Manifest:
        """Write the slice as training data and return the manifest that lies beside it.

        Args:
            to: llava, sharegpt, hf, coco, parquet or jsonl.
            out: Folder to make.
            images: copy the pixels, link to the files, or none.
            include_restricted: Also sources whose licence forbids redistribution.
            overwrite: Replace an earlier export in ``out``.
            watch: Called with the images done and their total.

        Raises:
            UsageError: An unknown format, or ``out`` is in the way.
        """
        from catalog.export import export

        return export(
            self._selection,
            to=to,
            out=Path(out),
            images=images,
            include_restricted=include_restricted,
            overwrite=overwrite,
            watch=watch,
        )
