"""Which columns the table shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

DEFAULT = ("modality", "organ", "disease", "roi_count", "source", "width", "height", "file_name", "image_id")


class Columns(ModalScreen[tuple[str, ...] | None]):
    """All columns of images; those that are chosen are shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "show these", priority=True, id="columns.done"),
        Binding("space", "choose", "choose", id="columns.choose"),
        Binding("escape,q", "dismiss(None)", "leave", id="columns.leave"),
    ]
    DEFAULT_CSS = """
    Columns { align: center middle; }
    Columns Vertical { width: 48; height: 80%; border: round $border; background: $surface; }
    Columns OptionList, Columns OptionList:focus { height: 1fr; border: none; background: $surface; }
    """

    def __init__(self, known: Sequence[str], shown: Sequence[str]) -> None:
        super().__init__()
        self._names = [*shown, *(name for name in known if name not in shown)]
        self.chosen = set(shown)

    def compose(self) -> ComposeResult:
        """The names, and the keys."""
        with Vertical() as frame:
            frame.border_title = "Columns of the table"
            yield OptionList(*(Option(self._prompt(name), id=name) for name in self._names), markup=False)
            yield Footer(show_command_palette=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the column that was clicked, or no longer."""
        self._turn(event.option_index)

    def action_choose(self) -> None:
        """Choose the column under the cursor, or no longer."""
        if (place := self.query_one(OptionList).highlighted) is not None:
            self._turn(place)

    def action_done(self) -> None:
        """Show what is chosen, those of before first and in their order."""
        self.dismiss(tuple(name for name in self._names if name in self.chosen) or None)

    def _turn(self, place: int) -> None:
        name = self._names[place]
        self.chosen ^= {name}
        self.query_one(OptionList).replace_option_prompt_at_index(place, self._prompt(name))

    def _prompt(self, name: str) -> str:
        return f"{'[x]' if name in self.chosen else '[ ]'} {name}"
