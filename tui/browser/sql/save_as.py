"""Asks for the file that rows are written to; one that exists is replaced only by who says so twice."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from tui.cells import visible
from tui.output import suffixes


class SaveAs(ModalScreen[Path | None]):
    """A line for a path."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", "save", priority=True, id="save.save"),
        Binding("escape", "dismiss(None)", "leave", id="save.leave"),
    ]
    DEFAULT_CSS = """
    SaveAs { align: center middle; }
    SaveAs Vertical { width: 72; max-width: 100%; height: auto; border: round $border; background: $surface; }
    SaveAs #trouble { height: auto; padding: 0 1; color: $foreground; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._warned: Path | None = None

    def compose(self) -> ComposeResult:
        """The line, what is wrong with it, and the keys."""
        with Vertical():
            yield Static(f"Write all rows to a file; its name says how: {', '.join(suffixes())}", markup=False)
            yield Input(placeholder="rows.csv")
            yield Static(markup=False, id="trouble")
            yield Footer()

    def action_save(self) -> None:
        """Take the path, unless it cannot be written."""
        path = Path(self.query_one(Input).value.strip()).expanduser()
        trouble = self._trouble(path)
        if trouble:
            self.query_one("#trouble", Static).update(trouble)
        else:
            self.dismiss(path)

    def _trouble(self, path: Path) -> str:
        name = visible(str(path))
        if path.suffix.lower() not in suffixes():
            return f"'{name}' says no format; end it with one of {', '.join(suffixes())}"
        if path.is_dir() or not path.parent.is_dir():
            return f"'{name}' is a folder" if path.is_dir() else f"there is no folder '{visible(str(path.parent))}'"
        if path.exists() and path != self._warned:
            self._warned = path
            return f"'{name}' exists; enter again replaces it"
        return ""
