"""A window over the screen with questions to the person, and one line that says what is wrong."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Checkbox, Footer, Label, Static

from tui.cells import visible

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer | None]):
    """A title, fields, and a line that says how it goes. Escape leaves, and nothing has happened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", id="dialog.leave"),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #window {
        width: 90%; max-width: 100; height: auto; max-height: 96%;
        border: round $border; background: $surface; color: $foreground;
    }
    Dialog #fields { height: auto; max-height: 100%; padding: 0 1; }
    Dialog #fields Static { height: auto; }
    Dialog #title { text-style: bold; color: $text-primary; padding: 0 1; }
    Dialog #verdict { height: auto; padding: 0 1; min-height: 1; }
    Dialog #verdict.-wrong { color: $text-error; }
    Dialog .row { height: auto; }
    Dialog .row Label { width: 14; height: 1; }
    Dialog .row Input, Dialog .row Select { width: 1fr; }
    Dialog .buttons { height: auto; align-horizontal: right; padding: 0 1; }
    Dialog .buttons Button { margin-left: 2; }
    Dialog Button:disabled { text-opacity: 100% !important; opacity: 100% !important; }
    Dialog Checkbox { border: none; padding: 0; }
    Dialog Footer { dock: none; }
    """
    TITLE_OF_IT: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """The window."""
        with Vertical(id="window"):
            yield Static(self.TITLE_OF_IT, id="title", markup=False)
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.fields()
            yield Static(id="verdict", markup=False)
            with Horizontal(classes="buttons"):
                yield from self.buttons()
            yield Footer()

    @abstractmethod
    def fields(self) -> Iterable[Widget]:
        """What is asked."""

    @abstractmethod
    def buttons(self) -> Iterable[Widget]:
        """What can be done; each button has its action."""

    @abstractmethod
    def action_done(self) -> None:
        """Do it."""

    def entered(self) -> None:
        """Enter in a field does it."""
        self.action_done()

    def on_input_submitted(self) -> None:
        """Enter was pressed in a field."""
        self.entered()

    def say(self, text: str) -> None:
        """Say how it goes."""
        self._said(text, wrong=False)

    def refuse(self, trouble: str) -> None:
        """Say what is wrong."""
        self._said(f"not done: {trouble}", wrong=True)

    @property
    def said(self) -> str:
        """The line at the bottom."""
        return str(self.query_one("#verdict", Static).content)

    def action_leave(self) -> None:
        """Leave it."""
        self.dismiss(None)

    def _said(self, text: str, *, wrong: bool) -> None:
        line = self.query_one("#verdict", Static)
        line.set_class(wrong, "-wrong")
        line.update(Text(visible(text)))


def row(label: str, field: Widget) -> Horizontal:
    """A field with its name before it."""
    return Horizontal(Label(label, markup=False), field, classes="row")


class Tick(Checkbox):
    """A box that is empty until it is ticked: not by its colour alone."""

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(label, id=id, compact=True)
        self.BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Draw the tick, and tell."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()
