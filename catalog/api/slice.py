"""A slice that users hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, UsageError
from catalog.lake import guard
from catalog.lake.readers import Readers
from catalog.slices.facets import facets
from catalog.slices.filter import Filter
from catalog.slices.saved import digest
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

    from catalog.export import Manifest
    from catalog.slices.kept import Locating
    from catalog.slices.view import View


Columns = str | Sequence[str]
_MOST = 2**62
"""Beyond any number of images; DuckDB counts with 64 bits."""


class Slice:
    """The images that a filter leaves; nothing is read until it is asked for."""

    def __init__(self, readers: Readers, said: Filter, known: Callable[[], Locating | None] = lambda: None) -> None:
        self._readers = readers
        self._said = said
        self._known = known

    @property
    def selection(self) -> Selection:
        """The filter, its query and the connections, as of now."""
        return Selection(self._readers, self._said)

    @property
    def sql(self) -> str:
        """The SQL of the slice; its values are bound, see ``values``."""
        return self.selection.query.images

    @property
    def values(self) -> dict[str, Any]:
        """The values bound in ``sql``."""
        query = self.selection.query
        return query.bound(query.images)

    def count(self) -> int:
        """The number of images, exactly."""
        return self.selection.count()

    def digest(self) -> str:
        """A digest of the image ids, in any order (hex)."""
        return self.selection.ask(digest)[1]

    def facets(self, *columns: str) -> dict[str, pa.Table]:
        """For each column the values and how many images have them: Arrow tables of value and count, most first.

        An image counts for each value that it or its regions (those that satisfy the slice's ROI flags) have. Values of
        roi_area are ranges LO:HI of the share of the image, closed as those of ``--roi-area``, in the order of size.

        Raises:
            UsageError: A column cannot be counted by.
        """
        return self.selection.ask(lambda sight, query: facets(sight, query, columns))

    def cross(self, one: str, other: str) -> pa.Table:
        """How many images have each pair of values of two columns: an Arrow table of one, other and count, most first.

        Raises:
            UsageError: A column cannot be counted by.
        """
        from catalog.slices.cross import cross

        return self.selection.ask(lambda sight, query: cross(sight, query, one, other))

    def coverage(self) -> pa.Table:
        """For each layer how many images have it, miss it, have it stale, or failed to get it.

        Columns layer, images, has, misses, stale and failed, as in the view ``coverage``: images = has + misses +
        failed, and stale is part of has. ``has``, ``missing`` and ``stale`` as flags leave has, misses + failed, stale.
        """
        from catalog.slices.coverage import coverage

        return self.selection.ask(coverage)

    def page(self, *, limit: int = 100, offset: int = 0, columns: Columns = "*") -> pa.Table:
        """Some images of the slice, in the order of row keys; a limit of -1 means all.

        Images of one modality, organ and disease follow each other. Pages of one snapshot, whatever is committed
        between them, and any page at the same cost, come from ``view``.

        Args:
            limit: Images at most.
            offset: From 0; past the end there are no rows.
            columns: Names of columns of ``images``: a list, or with commas between.

        Raises:
            UsageError: A limit below -1, a negative offset, or no such column.
        """
        if not -1 <= limit < _MOST or not 0 <= offset < _MOST:
            raise UsageError(f"limit={limit}, offset={offset} is no page; limit=-1 means all, offset begins at 0")
        from catalog.slices import keys

        page = keys.Page(None if limit == -1 else limit, offset, columns)
        return self.selection.ask(lambda sight, query: keys.read(sight.connection, query, page))

    def view(self, order_by: str | None = None, *, descending: bool = False) -> View:
        """The slice materialised at its snapshot, by a thread that begins at once: any page of it costs the same.

        Where ``Lake.marks`` have been read, they tell which images it holds, if they can.

        Args:
            order_by: Column of ``images`` whose values the rows follow: images without one come last, those with the
                same one in the order of row keys. None: all in the order of row keys.
            descending: The greatest value first.

        Raises:
            UsageError: No such column, one that holds lists or JSON, or ``descending`` without a column.
        """
        from catalog.slices.view import View

        return View(self.selection, order_by=order_by, descending=descending, known=self._known())

    def stream(self, *, columns: Columns = "*") -> pa.RecordBatchReader:
        """Every image of the slice, in the order of row keys, in bounded memory; the first come at once.

        Raises:
            UsageError: No such column.
        """
        from catalog.slices import keys

        return keys.stream(self.selection, columns)

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
        selection = self.selection
        query = selection.query
        return guard.relation(selection.connection, query.written(query.select("*", rest="ORDER BY image_key")))

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
            self.selection,
            to=to,
            out=Path(out),
            images=images,
            include_restricted=include_restricted,
            overwrite=overwrite,
            watch=watch,
        )
