"""Which columns the table shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, SelectionList, Static

DEFAULT = ("modality", "organ", "disease", "roi_count", "source", "width", "height", "file_name", "image_id")


class Columns(ModalScreen[tuple[str, ...] | None]):
    """All columns of images; those that are chosen are shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "show these", priority=True, id="columns.done"),
        Binding("escape,q", "dismiss(None)", "leave as it was", id="columns.leave"),
    ]
    DEFAULT_CSS = """
    Columns { align: center middle; }
    Columns Vertical { width: 44; height: 80%; border: round $border; background: $surface; }
    Columns SelectionList { height: 1fr; border: none; }
    """

    def __init__(self, known: Sequence[str], shown: Sequence[str]) -> None:
        super().__init__()
        self._known, self._shown = tuple(known), tuple(shown)

    def compose(self) -> ComposeResult:
        """The names, and the keys."""
        with Vertical():
            yield Static("Columns of the table: space chooses, enter shows", markup=False)
            yield SelectionList(*((name, name, name in self._shown) for name in self._ordered()))
            yield Footer()

    def action_done(self) -> None:
        """Show what is chosen, those of before first and in their order."""
        chosen = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(name for name in self._ordered() if name in chosen) or self._shown)

    def _ordered(self) -> list[str]:
        return [*self._shown, *(name for name in self._known if name not in self._shown)]
