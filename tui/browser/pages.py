"""The rows of a view by their number, a page at a time: the last pages are kept, and reading is left to a thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from catalog.slices.view import View
from tui import cells

PAGE = 256
"""Rows that are read at once."""
KEPT = 48
"""Pages that are kept: some 12,000 rows."""

Row = tuple[str, ...]


class Pages:
    """Rows as texts. ``row`` answers at once, from what has been read; ``read`` takes its time."""

    def __init__(self, view: View, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._view = view
        self._kept: OrderedDict[int, list[Row]] = OrderedDict()
        self._turn = threading.Lock()

    @property
    def count(self) -> int | None:
        """The number of rows, exactly; None while it is not known."""
        return self._view.count if self._view.ready else None

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

    def read(self, page: int) -> None:
        """Read a page; the first one does not wait until every row is known.

        Raises:
            TriptychError: The lake cannot be read.
        """
        with self._turn:
            if page in self._kept:
                return
        found = self._read(page)
        with self._turn:
            self._kept[page] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def wait(self) -> int:
        """The number of rows, when it is known."""
        return self._view.count

    def _read(self, page: int) -> list[Row]:
        columns = list(self.columns)
        table = self._view.page(page * PAGE, PAGE, columns=columns) if page else self._view.first(PAGE, columns=columns)
        batches = table.combine_chunks().to_batches()
        return [tuple(_shown(value) for value in row) for batch in batches for row in cells.rows(batch)]


def _shown(value: object) -> str:
    return "" if value is None else cells.visible(cells.text(value))
