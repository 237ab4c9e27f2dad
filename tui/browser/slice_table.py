"""The table of a slice: which columns it shows, in which order, and the view behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.browser.asking import Asking
from tui.browser.columns import DEFAULT, Columns
from tui.browser.pages import IMAGE_ID, PAGE, OfView, Pages
from tui.browser.said import Said
from tui.browser.table import RowTable

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.slices.view import View

    Begun = tuple[View, Pages, int]
    """A slice, its rows, and the row with the cursor, whose page has been read."""


class SliceTable(RowTable):
    """The images of a slice, sorted by any column; one view is open at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "order", "sort by column", show=False, id="rows.order"),
        Binding("minus", "hide", "hide column", show=False, id="rows.hide"),
        Binding("C", "columns", "columns", show=False, id="rows.columns"),
    ]

    class Viewed(Message):
        """Another slice is shown; its view finds its rows."""

        def __init__(self, said: Said, view: View) -> None:
            super().__init__()
            self.said, self.view = said, view

    class Unread(Message):
        """A slice cannot be read."""

        def __init__(self, said: Said, trouble: str) -> None:
            super().__init__()
            self.said, self.trouble = said, trouble

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self._lake: Lake | None = None
        self._said: Said = {}
        self._view: View | None = None
        self._columns: tuple[str, ...] = DEFAULT
        self._order: tuple[str | None, bool] = (None, False)

    def on_unmount(self) -> None:
        """Let go of the slice."""
        if self._view is not None:
            self._view.close()

    def show_slice(self, lake: Lake, said: Said, *, keep: str | None = None) -> None:
        """Show another slice, from its first row on or with the cursor on the image to ``keep``, where it has it."""
        if said != self._said:
            self.blank()
        self._lake, self._said = lake, said
        (column, descending), columns = self._order, self._shown

        def begun() -> Begun:
            view = lake.slice(**said).view(order_by=column, descending=descending)
            try:
                row = (view.place(keep) or 0) if keep else 0
                pages = Pages(OfView(view, columns))
                pages.read(row // PAGE)  # before anything else is counted: this is what a person waits for
            except BaseException:
                view.close()
                raise
            return view, pages, row

        self._asking.ask(
            self,
            "reading rows",
            begun,
            self._began,
            refused=lambda trouble: self.post_message(self.Unread(said, trouble)),
            dropped=lambda found: self._close(found[0]),
        )

    @property
    def snapshot(self) -> int | None:
        """The snapshot that is shown."""
        return None if self._view is None else self._view.snapshot

    def action_order(self) -> None:
        """Sort by the marked column: up, then down, then as it was."""
        if (column := self.column) is not None:
            steps: dict[tuple[str | None, bool], tuple[str | None, bool]]
            steps = {(column, False): (column, True), (column, True): (None, False)}
            self._order = steps.get(self._order, (column, False))
            self._again()

    def action_hide(self) -> None:
        """Hide the marked column."""
        if self.column is not None and len(self._columns) > 1:
            self._show_columns(tuple(name for name in self._columns if name != self.column))

    def action_columns(self) -> None:
        """Choose the columns."""
        if (lake := self._lake) is not None:
            self._asking.ask(self, "reading columns", lambda: _columns_of(lake), self._choose_columns)

    def on_row_table_wanted(self, event: RowTable.Wanted) -> None:
        """Read a page."""
        event.stop()
        what = f"reading page {event.page + 1:,}"
        self._asking.ask(self, what, lambda: event.pages.read(event.page), lambda _: self.arrived())

    def on_row_table_head_clicked(self, event: RowTable.HeadClicked) -> None:
        """Sort by the column that was clicked."""
        event.stop()
        self.action_order()

    def _began(self, found: Begun) -> None:
        before, (view, pages, row) = self._view, found
        self._view = view
        self._show(row, pages if pages.columns == self._shown else None)
        self.post_message(self.Viewed(self._said, view))
        if before is not None:
            self._close(before)
        self._asking.ask(self, "finding all rows", lambda: view.count, lambda _: self.arrived())

    @property
    def _shown(self) -> tuple[str, ...]:
        return self._columns if IMAGE_ID in self._columns else (*self._columns, IMAGE_ID)

    def _show(self, row: int, pages: Pages | None = None) -> None:
        assert self._view is not None  # noqa: S101 - who calls it has it
        column, descending = self._order
        self.show(pages or Pages(OfView(self._view, self._shown)), row=row, order_by=column, descending=descending)

    def _choose_columns(self, known: tuple[str, ...]) -> None:
        self.app.push_screen(Columns(known, self._columns), self._show_columns)

    def _show_columns(self, columns: tuple[str, ...] | None) -> None:
        if columns is not None and columns != self._columns:
            self._columns = columns
            if self._view is not None:
                self._show(self.cursor)

    def _again(self) -> None:
        if self._lake is not None:
            self.show_slice(self._lake, self._said)

    def _close(self, view: View) -> None:
        """Stop a view without waiting for it."""
        self.run_worker(view.close, thread=True, exit_on_error=False)


def _columns_of(lake: Lake) -> tuple[str, ...]:
    return tuple(lake.slice().page(limit=0).column_names)
