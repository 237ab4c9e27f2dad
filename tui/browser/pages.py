"""Rows by their number, a page at a time: the last pages are kept, and reading is left to a thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from catalog.errors import TriptychError
from tui import cells

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.slices.view import View

PAGE = 256
"""Rows that are read at once."""
KEPT = 48
"""Pages that are kept: some 12,000 rows."""
LONGEST = 500
"""Characters of a cell that are kept; the rest is told by a dot."""
IMAGE_ID = "image_id"

Row = tuple[str, ...]


class Source(Protocol):
    """Where rows come from, by their number. Its methods may be called from any thread."""

    columns: tuple[str, ...]

    @property
    def count(self) -> int | None:
        """The number of rows, exactly; None while it is not known."""

    def read(self, offset: int, limit: int) -> pa.Table:
        """Rows from a number on, in the order of ``columns``; the first ones do not wait for the others.

        Raises:
            TriptychError: They cannot be read.
        """


class OfView:
    """The rows of a slice."""

    def __init__(self, view: View, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._view = view
        self._count: int | None = None

    @property
    def count(self) -> int | None:
        """The number of images, exactly; None while it is not known, and where the view has failed or was closed."""
        if self._count is None and self._view.ready:
            with suppress(TriptychError):  # whoever reads is told
                self._count = self._view.count
        return self._count

    def read(self, offset: int, limit: int) -> pa.Table:
        """Rows from a number on; the first ones do not wait until every row is known.

        Raises:
            TriptychError: The lake cannot be read.
        """
        columns = list(self.columns)
        return self._view.page(offset, limit, columns=columns) if offset else self._view.first(limit, columns=columns)


class Pages:
    """Rows as texts. ``row`` answers at once, from what has been read; ``read`` takes its time.

    A column ``image_id`` names the image of a row.
    """

    def __init__(self, source: Source) -> None:
        self.columns = source.columns
        self._source = source
        self._named_by = source.columns.index(IMAGE_ID) if IMAGE_ID in source.columns else None
        self._kept: OrderedDict[int, list[Row]] = OrderedDict()
        self._turn = threading.Lock()

    @property
    def count(self) -> int | None:
        """The number of rows, exactly; None while it is not known."""
        return self._source.count

    @property
    def first(self) -> int:
        """Rows of the first page, as far as it has been read: what may be shown before the count is known."""
        with self._turn:
            return len(self._kept.get(0, ()))

    def row(self, number: int) -> Row | None:
        """A row, or None while its page has not been read."""
        page, place = divmod(number, PAGE)
        with self._turn:
            rows = self._kept.get(page)
            if rows is None:
                return None
            self._kept.move_to_end(page)
            return rows[place] if place < len(rows) else None

    def image_id(self, number: int) -> str | None:
        """The image of a row; None while its page has not been read, and where rows are no images."""
        row = self.row(number)
        return (row[self._named_by] or None) if row is not None and self._named_by is not None else None

    def read(self, page: int) -> None:
        """Read a page.

        Raises:
            TriptychError: The rows cannot be read.
        """
        with self._turn:
            if page in self._kept:
                return
        table = self._source.read(page * PAGE, PAGE)
        found = [_shown(row) for batch in table.combine_chunks().to_batches() for row in cells.rows(batch)]
        with self._turn:
            self._kept[page] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _shown(row: Sequence[object]) -> Row:
    return tuple("" if value is None else _short(cells.visible(cells.text(value))) for value in row)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
