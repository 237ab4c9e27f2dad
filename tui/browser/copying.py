"""The slice for somewhere else: as a command, as SQL and as Python, put on the clipboard."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

KINDS = ("command", "SQL", "Python")


class Copying(ModalScreen[None]):
    """Three texts, of which one is chosen; the terminal puts it on the clipboard (OSC 52, over ssh too)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,y,1", "take(0)", "the command", id="copying.command"),
        Binding("s,2", "take(1)", "SQL", id="copying.sql"),
        Binding("p,3", "take(2)", "Python", id="copying.python"),
        Binding("escape,q", "dismiss(None)", "leave", id="copying.leave"),
    ]
    DEFAULT_CSS = """
    Copying { align: center middle; }
    Copying Vertical { width: 90%; max-width: 120; height: auto; max-height: 90%; background: $surface; }
    Copying Vertical { border: round $border; }
    Copying OptionList { height: auto; max-height: 30; border: none; background: $surface; }
    Copying Footer { dock: none; }
    """

    def __init__(self, texts: tuple[str, str, str]) -> None:
        super().__init__()
        self._texts = texts

    def compose(self) -> ComposeResult:
        """The texts, and the keys."""
        with Vertical() as frame:
            frame.border_title = "Copy the slice as"
            yield OptionList(*map(_option, KINDS, self._texts))
            yield Footer(show_command_palette=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Copy what was chosen."""
        self.action_take(event.option_index)

    def action_take(self, place: int) -> None:
        """Copy one of the texts."""
        self.app.copy_to_clipboard(self._texts[place])
        self.notify(f"copied as {KINDS[place]}")
        self.dismiss(None)


def _option(kind: str, text: str) -> Option:
    return Option(Text.assemble((kind, "bold"), "\n", text, "\n"))
