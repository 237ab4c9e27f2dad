"""A table of any number of rows, of which those on the screen are drawn and asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.browser.pages import PAGE, Pages, Row

_WIDEST = 26
"""Cells of a column, at most."""
_GAP = 2
_HEAD = 1
"""Lines above the rows."""
_ARROWS = {False: " ▲", True: " ▼"}


class RowTable(ScrollView, can_focus=True):
    """Rows, a line each, under a line with the names of the columns, one of which is marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--marked", "table--cursor", "table--row"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "leaf(-1)", "page up", show=False, id="table.page_up"),
        Binding("pagedown,ctrl+f", "leaf(1)", "page down", show=False, id="table.page_down"),
        Binding("home,g", "jump(0)", "first row", show=False, id="table.first"),
        Binding("end,G", "jump(-1)", "last row", show=False, id="table.last"),
        Binding("left,h", "mark(-1)", "column to the left", show=False, id="table.left"),
        Binding("right,l", "mark(1)", "column to the right", show=False, id="table.right"),
    ]
    DEFAULT_CSS = """
    RowTable { height: 1fr; }
    RowTable .table--head { text-style: bold; color: $text-primary; background: $panel; }
    RowTable .table--marked { text-style: bold underline; color: $text-accent; background: $panel; }
    RowTable .table--row { color: $foreground; background: $surface; }
    RowTable .table--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
    """
    cursor: reactive[int] = reactive(0)
    marked: reactive[int] = reactive(0)

    class Wanted(Message):
        """A page that is on the screen has not been read."""

        def __init__(self, table: RowTable, pages: Pages, page: int) -> None:
            super().__init__()
            self.table, self.pages, self.page = table, pages, page

    class Moved(Message):
        """The cursor is on another row, or the row under it has been read."""

        def __init__(self, table: RowTable, image_id: str | None) -> None:
            super().__init__()
            self.table, self.image_id = table, image_id

    class HeadClicked(Message):
        """The name of a column was clicked."""

        def __init__(self, table: RowTable, column: str) -> None:
            super().__init__()
            self.table, self.column = table, column

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pages: Pages | None = None
        self._asked: set[int] = set()
        self._widths: tuple[int, ...] = ()
        self._sorted: dict[str, bool] = {}
        self.count = 0
        """Rows that can be moved to."""

    def show(self, pages: Pages, *, row: int = 0, order_by: str | None = None, descending: bool = False) -> None:
        """Show other rows, with the cursor on one of them; a column they are sorted by is marked with an arrow."""
        self._pages, self._asked, self._widths, self.count = pages, set(), (), 0
        self._sorted = {} if order_by is None else {order_by: descending}
        self.set_reactive(RowTable.marked, min(self.marked, max(0, len(pages.columns) - 1)))
        self.set_reactive(RowTable.cursor, row)
        self.scroll_to(y=max(0, row - self.size.height // 2), animate=False)
        self._want(row // PAGE)
        self.arrived()

    def blank(self) -> None:
        """Show no rows: those of before are not what is asked for now."""
        self._pages, self._asked, self._widths, self.count = None, set(), (), 0
        self.set_reactive(RowTable.cursor, 0)
        self.virtual_size = Size(0, 0)
        self.refresh()
        self.post_message(self.Moved(self, None))

    def arrived(self) -> None:
        """Draw again: a page has been read, or the number of rows has become known."""
        if self._pages is None:
            return
        self.count = self._pages.count if self._pages.count is not None else self._pages.first
        self._asked = {page for page in self._asked if self._pages.row(page * PAGE) is None}
        self._widths = self._widths or self._fitting()
        self.virtual_size = Size(sum(self._widths) + _GAP * len(self._widths), self.count + _HEAD)
        if self._pages.count is not None and self.cursor >= self.count:
            self.cursor = max(0, self.count - 1)
        self.refresh()
        self.post_message(self.Moved(self, self.image_id))

    @property
    def pages(self) -> Pages | None:
        """What is shown."""
        return self._pages

    @property
    def row(self) -> Row | None:
        """The row under the cursor, if it has been read."""
        return self._pages.row(self.cursor) if self._pages is not None and self.count else None

    @property
    def image_id(self) -> str | None:
        """The image of the row under the cursor, if there is one and it has been read."""
        return self._pages.image_id(self.cursor) if self._pages is not None and self.count else None

    @property
    def column(self) -> str | None:
        """The marked column."""
        columns = self._pages.columns if self._pages is not None else ()
        return columns[self.marked] if self.marked < len(columns) else None

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        across, down = self.scroll_offset
        if y == 0:
            return self._head(across)
        number = down + y - _HEAD
        if self._pages is None or number >= self.count:
            return Strip.blank(self.size.width, self.rich_style)
        style = self.get_component_rich_style("table--cursor" if number == self.cursor else "table--row")
        row = self._pages.row(number)
        if row is None:
            self._want(number // PAGE)
        return self._line(row or ("…",), style, across)

    def watch_cursor(self) -> None:
        """Keep the cursor on the screen, and say where it is."""
        self.scroll_to_region(Region(self.scroll_offset.x, self.cursor, 1, _HEAD + 1), animate=False)
        self.refresh()
        if self._pages is not None and self.row is None:
            self._want(self.cursor // PAGE)
        self.post_message(self.Moved(self, self.image_id))

    def watch_marked(self) -> None:
        """Keep the marked column on the screen."""
        left = sum(self._widths[: self.marked]) + _GAP * self.marked
        width = self._widths[self.marked] if self.marked < len(self._widths) else 1
        self.scroll_to_region(Region(left, self.scroll_offset.y + _HEAD, width, 1), animate=False)
        self.refresh()

    def step(self, rows: int) -> str | None:
        """Move the cursor and say which image is there now; None beyond the ends, and where it has not been read."""
        before = self.cursor
        self.action_move(rows)
        return self.image_id if self.cursor != before else None

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(self.count - 1, self.cursor + rows))

    def action_leaf(self, leaves: int) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_move(leaves * max(1, self.size.height - _HEAD - 1))

    def action_jump(self, number: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self.cursor = max(0, self.count - 1 if number < 0 else number)

    def action_mark(self, columns: int) -> None:
        """Mark another column."""
        self.marked = max(0, min(len(self._widths) - 1, self.marked + columns))

    def on_click(self, event: Click) -> None:
        """Move the cursor to the row that was clicked, or mark the column."""
        at = event.get_content_offset(self)
        if at is None:
            return
        number = self.scroll_offset.y + at.y - _HEAD
        if at.y < _HEAD:
            self._clicked_head(self.scroll_offset.x + at.x)
        elif number < self.count:
            self.cursor = number

    def _clicked_head(self, x: int) -> None:
        left = 0
        for place, width in enumerate(self._widths):
            left += width + _GAP
            if x < left:
                self.marked = place
                self.post_message(self.HeadClicked(self, str(self.column)))
                return

    def _want(self, page: int) -> None:
        if self._pages is not None and page not in self._asked:
            self._asked.add(page)
            self.post_message(self.Wanted(self, self._pages, page))

    def _head(self, across: int) -> Strip:
        plain, marked = (self.get_component_rich_style(f"table--{part}") for part in ("head", "marked"))
        names = self._titles()
        segments = [
            Segment(set_cell_size(name, width) + " " * _GAP, marked if place == self.marked else plain)
            for place, (name, width) in enumerate(zip(names, self._widths or map(cell_len, names), strict=True))
        ]
        return Strip(segments).crop_extend(across, across + self.size.width, plain)

    def _titles(self) -> tuple[str, ...]:
        columns = self._pages.columns if self._pages is not None else ()
        return tuple(name + _ARROWS[self._sorted[name]] if name in self._sorted else name for name in columns)

    def _line(self, texts: Row, style: Style, across: int) -> Strip:
        widths = self._widths or tuple(map(cell_len, texts))
        shown = (" " * _GAP).join(_fitted(text, width) for text, width in zip(texts, widths, strict=False))
        return Strip([Segment(shown, style)]).crop_extend(across, across + self.size.width, style)

    def _fitting(self) -> tuple[int, ...]:
        """Widths of the columns by what the page under the cursor holds."""
        assert self._pages is not None  # noqa: S101 - who calls it has looked
        start = self.cursor // PAGE * PAGE
        rows = [row for number in range(start, start + PAGE) if (row := self._pages.row(number)) is not None]
        columns = zip(self._titles(), *rows, strict=True)
        return tuple(_width(column) for column in columns) if rows else ()


def _width(texts: Sequence[str]) -> int:
    return min(_WIDEST, max(map(cell_len, texts)))


def _fitted(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
