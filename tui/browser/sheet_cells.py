"""The cells of a contact sheet: a small picture over its caption, and how many of them fit."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from tui.browser.preview.picture import Picture, put
from tui.browser.sheet_thumbs import Thumb

_LEAST = Size(22, 10)
"""Columns and lines of a cell, at least: eight cells in a terminal of 80x24, fifty in one of 200x60."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a sheet is cut into cells."""

    across: int
    down: int
    cell: Size

    @property
    def count(self) -> int:
        """Cells of a sheet."""
        return self.across * self.down

    @property
    def picture(self) -> Size:
        """Columns and lines of a picture: a cell without its caption and a gap."""
        return Size(max(1, self.cell.width - 2), max(1, self.cell.height - 2))


def fitting(size: Size) -> Fit:
    """As many cells as fit."""
    across, down = max(1, size.width // _LEAST.width), max(1, size.height // _LEAST.height)
    return Fit(across, down, Size(max(4, size.width // across), max(3, size.height // down)))


class Cell(Vertical):
    """One small picture with its caption; the one with the cursor is marked by an arrow too."""

    DEFAULT_CSS = """
    Cell { padding: 0 1; }
    Cell #small { width: auto; height: auto; }
    Cell .caption { height: 1; text-wrap: nowrap; text-overflow: ellipsis; color: $foreground; }
    Cell.-cursor .caption {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
    }
    """

    class Clicked(Message):
        """The cell was clicked."""

        def __init__(self, place: int, *, twice: bool) -> None:
            super().__init__()
            self.place, self.twice = place, twice

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self._caption = ""
        self.has_picture = False
        """Whether the picture is there."""

    def compose(self) -> ComposeResult:
        """The caption first: it stays in its line when the picture comes."""
        yield Static(classes="caption", markup=False)
        yield Picture(id="small")
        yield Static(classes="trouble", markup=False)

    def name_it(self, caption: str) -> None:
        """Show another caption; the picture of before goes."""
        self._caption = caption
        self.show(None)
        self._tell()

    def mark(self, marked: bool) -> None:
        """Give it the cursor, or take it away."""
        self.set_class(marked, "-cursor")
        self._tell()

    def show(self, thumb: Thumb | None) -> None:
        """Show the picture, or why there is none."""
        drawn = thumb.picture if thumb is not None else None
        put(drawn, self.query_one("#small"))
        self.has_picture = drawn is not None
        self.query_one(".trouble", Static).update("no picture" if thumb is not None and drawn is None else "")

    @property
    def caption(self) -> str:
        """What is written over the picture."""
        return str(self.query_one(".caption", Static).content)

    def on_click(self, event: Click) -> None:
        """Tell which cell was clicked."""
        event.stop()
        self.post_message(self.Clicked(self._place, twice=event.chain > 1))

    def _tell(self) -> None:
        mark = "▸ " if self.has_class("-cursor") else "  "
        self.query_one(".caption", Static).update(mark + self._caption if self._caption else "")
