"""A contact sheet: the rows of the table as small pictures, as many as fit, page by page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.browser.asking import Asking
from tui.browser.pages import Pages
from tui.browser.preview.picture import pixels
from tui.browser.sheet_cells import Cell, Fit, fitting
from tui.browser.sheet_thumbs import Thumb, Thumbs, caption

if TYPE_CHECKING:
    from catalog.api import Lake

_LANES = 2
"""Pictures that are drawn at once; other questions have threads left."""


class SheetScreen(Screen[int | None]):
    """Pictures of the rows of a table; it ends with the row that was entered, or None."""

    CSS = """
    SheetScreen #said { height: 1; padding: 0 1; background: $panel; }
    SheetScreen Grid { height: 1fr; grid-gutter: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "to its row", id="sheet.enter"),
        Binding("escape,q", "dismiss(None)", "back", id="sheet.back"),
        Binding("left,h", "move(-1)", "left", show=False, id="sheet.left"),
        Binding("right,l", "move(1)", "right", show=False, id="sheet.right"),
        Binding("up,k", "move_down(-1)", "up", show=False, id="sheet.up"),
        Binding("down,j", "move_down(1)", "down", show=False, id="sheet.down"),
        Binding("pageup,ctrl+b", "leaf(-1)", "previous sheet", id="sheet.previous"),
        Binding("pagedown,ctrl+f,space", "leaf(1)", "next sheet", id="sheet.next"),
        Binding("home,g", "jump(0)", "first row", show=False, id="sheet.first"),
        Binding("end,G", "jump(-1)", "last row", show=False, id="sheet.last"),
    ]
    cursor: reactive[int] = reactive(0, init=False)

    def __init__(self, asking: Asking, lake: Lake, pages: Pages, row: int = 0) -> None:
        super().__init__()
        self._asking, self._pages = asking, pages
        self._thumbs = Thumbs(lake)
        self.images: dict[int, dict[str, Any]] = {}
        """What is shown, by the numbers of the rows."""
        self._waiting: deque[int] = deque()
        self._fit: Fit | None = None
        self._first: int | None = None
        """The row of the first cell; None before there are cells."""
        self.set_reactive(SheetScreen.cursor, row)

    def compose(self) -> ComposeResult:
        """What is shown, over the pictures."""
        yield Static(id="said", markup=False)
        yield Grid()
        yield Footer()

    def on_unmount(self) -> None:
        """Let go of files."""
        self._thumbs.close()

    async def on_resize(self) -> None:
        """Cut the sheet into other cells."""
        await self._cut()

    async def on_mount(self) -> None:
        """Cut the sheet once its size is known."""
        self.call_after_refresh(self._cut)

    def renew(self, pages: Pages) -> None:
        """Show the rows that the table behind has now."""
        self._pages, self._first = pages, None
        if self._fit is not None:
            self._turn()

    @property
    def count(self) -> int:
        """Rows that can be moved to."""
        return self._pages.count if self._pages.count is not None else self._pages.first

    @property
    def cells(self) -> list[Cell]:
        """The cells of the sheet, in the order of the rows."""
        return list(self.query(Cell))

    def action_enter(self) -> None:
        """Go to the row of the picture with the cursor."""
        self.dismiss(self.cursor)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(self.count - 1, self.cursor + rows))

    def action_move_down(self, lines: int) -> None:
        """Move the cursor by lines of pictures; it stays where there is no such line."""
        target = self.cursor + lines * (self._fit.across if self._fit else 1)
        if 0 <= target < self.count:
            self.cursor = target

    def action_leaf(self, leaves: int) -> None:
        """Move the cursor by a sheet."""
        self.action_move(leaves * (self._fit.count if self._fit else 1))

    def action_jump(self, row: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self.cursor = max(0, self.count - 1 if row < 0 else row)

    def on_cell_clicked(self, event: Cell.Clicked) -> None:
        """Move the cursor to a cell that was clicked; a second click enters."""
        event.stop()
        row = (self._first or 0) + event.place
        if row < self.count:
            self.cursor = row
            if event.twice:
                self.action_enter()

    def watch_cursor(self) -> None:
        """Mark the cell, or turn to the sheet that has it."""
        if self._fit is not None:
            self._turn()

    async def _cut(self) -> None:
        grid = self.query_one(Grid)
        fit = fitting(grid.size)
        if not grid.size or fit == self._fit:
            return
        self._fit, self._first = fit, None
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = fit.across, fit.down
        with self.app.batch_update():
            await grid.remove_children()
            await grid.mount_all(Cell(place) for place in range(fit.count))
        self._turn()

    def _turn(self) -> None:
        """Show the sheet that has the cursor."""
        assert self._fit is not None  # noqa: S101 - there are cells
        first = self.cursor // self._fit.count * self._fit.count
        if first != self._first:
            self._first = first
            self._waiting.clear()
            for cell in self.cells:
                cell.name_it("")
            number = min(self._fit.count, max(0, self.count - first))
            if number:
                pages = self._pages
                self._asking.ask(self, "reading a sheet", lambda: self._thumbs.images(pages, first, number), self._read)
        for place, cell in enumerate(self.cells):
            cell.mark(first + place == self.cursor)
        self._tell()

    def _read(self, images: dict[int, dict[str, Any]]) -> None:
        self.images = images
        for row, cell in self._shown(images):
            cell.name_it(caption(images[row]))
        self._waiting = deque(sorted(images))
        for lane in range(_LANES):
            self._draw_next(lane)

    def _draw_next(self, lane: int) -> None:
        """Draw the next picture, and when it is there the one after it."""
        assert self._fit is not None  # noqa: S101 - there are cells
        size, first = pixels(self._fit.picture), self._first
        while self._waiting:
            row = self._waiting.popleft()
            image = self.images[row]
            known = self._thumbs.known(image, size)
            if known is None:
                break
            self._show(row, known)
        else:
            return

        def drawn(thumb: Thumb) -> None:
            if self._first == first:
                self._show(row, thumb)
            self._draw_next(lane)

        self._asking.ask(
            self,
            f"drawing pictures {lane + 1}",
            lambda: self._thumbs.draw(image, size),
            drawn,
            refused=lambda trouble: drawn(Thumb(None, trouble)),
        )

    def _show(self, row: int, thumb: Thumb) -> None:
        for _, cell in self._shown([row]):
            cell.show(thumb)

    def _shown(self, rows: Iterable[int]) -> list[tuple[int, Cell]]:
        known, first = self.cells, self._first or 0
        return [(row, known[row - first]) for row in rows if 0 <= row - first < len(known)]

    def _tell(self) -> None:
        fit, first = self._fit, self._first or 0
        last = min(self.count, first + (fit.count if fit else 0))
        whole = f"{self.count:,}" if self._pages.count is not None else "more"
        said = f"rows {first + 1:,} to {last:,} of {whole}; the cursor is at {self.cursor + 1:,}"
        self.query_one("#said", Static).update(said if self.count else "no rows")
