"""A table of any number of rows, of which those on the screen are drawn and asked for."""

from __future__ import annotations

from typing import ClassVar

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


class SliceTable(ScrollView, can_focus=True):
    """The rows of a slice, a line each, under a line with the names of the columns."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--cursor", "table--row"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "leaf(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f", "leaf(1)", "page down", show=False),
        Binding("home,g", "jump(0)", "first row", show=False),
        Binding("end,G", "jump(-1)", "last row", show=False),
        Binding("left,h", "scroll_left", "columns to the left", show=False),
        Binding("right,l", "scroll_right", "columns to the right", show=False),
    ]
    DEFAULT_CSS = """
    SliceTable { height: 1fr; }
    SliceTable .table--head { text-style: bold; color: $text-primary; background: $panel; }
    SliceTable .table--row { color: $foreground; background: $surface; }
    SliceTable .table--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
    """
    cursor: reactive[int] = reactive(0)

    class Wanted(Message):
        """A page that is on the screen has not been read."""

        def __init__(self, pages: Pages, page: int) -> None:
            super().__init__()
            self.pages, self.page = pages, page

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self._pages: Pages | None = None
        self._asked: set[int] = set()
        self._widths: tuple[int, ...] = ()
        self.count = 0
        """Rows that can be moved to."""

    def show(self, pages: Pages) -> None:
        """Show other rows, from the first on."""
        self._pages, self._asked, self._widths, self.count = pages, set(), (), 0
        self.set_reactive(SliceTable.cursor, 0)
        self.scroll_home(animate=False)
        self._want(0)
        self.arrived()

    def arrived(self) -> None:
        """Draw again: a page has been read, or the number of rows has become known."""
        if self._pages is None:
            return
        self.count = self._pages.count if self._pages.count is not None else self._pages.first
        self._asked = {page for page in self._asked if self._pages.row(page * PAGE) is None}
        self._widths = self._widths or self._fitting()
        self.virtual_size = Size(sum(self._widths) + _GAP * len(self._widths), self.count + _HEAD)
        self.refresh()
        self.post_message(self.Moved(self.row))

    @property
    def row(self) -> Row | None:
        """The row under the cursor, if it has been read."""
        return self._pages.row(self.cursor) if self._pages is not None and self.count else None

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        across, down = self.scroll_offset
        if y == 0:
            names = self._pages.columns if self._pages is not None else ()
            return self._line(names, self.get_component_rich_style("table--head"), across)
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
        self.post_message(self.Moved(self.row))

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(self.count - 1, self.cursor + rows))

    def action_leaf(self, leaves: int) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_move(leaves * max(1, self.size.height - _HEAD - 1))

    def action_jump(self, number: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self.cursor = max(0, self.count - 1 if number < 0 else number)

    def on_click(self, event: Click) -> None:
        """Move the cursor to the row that was clicked."""
        number = self.scroll_offset.y + event.y - _HEAD
        if event.y >= _HEAD and number < self.count:
            self.cursor = number

    def _want(self, page: int) -> None:
        if self._pages is not None and page not in self._asked:
            self._asked.add(page)
            self.post_message(self.Wanted(self._pages, page))

    def _line(self, texts: Row, style: Style, across: int) -> Strip:
        widths = self._widths or tuple(len(text) for text in texts)
        shown = (" " * _GAP).join(_fitted(text, width) for text, width in zip(texts, widths, strict=False))
        return Strip([Segment(shown, style)]).crop_extend(across, across + self.size.width, style)

    def _fitting(self) -> tuple[int, ...]:
        """Widths of the columns by what the first rows hold."""
        assert self._pages is not None  # noqa: S101 - who calls it has looked
        rows = [row for number in range(self._pages.first) if (row := self._pages.row(number)) is not None]
        columns = zip(self._pages.columns, *rows, strict=True)
        return tuple(min(_WIDEST, max(map(len, column))) for column in columns) if rows else ()


def _fitted(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
