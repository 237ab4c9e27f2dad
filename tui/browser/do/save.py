"""The window in which a slice gets a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui.browser.asking import Asking
from tui.browser.do.dialog import Dialog, row
from tui.browser.do.saving import save
from tui.browser.said import Said, flags
from tui.session import counted

if TYPE_CHECKING:
    from catalog.api import Lake


@dataclass(frozen=True, slots=True)
class Saved:
    """A slice that was saved."""

    name: str
    images: int

    @property
    def told(self) -> str:
        """That it was."""
        return f"saved the slice '{self.name}': {counted(self.images, 'image')}; --slice {self.name} stands for it"


class Save(Dialog[Saved]):
    """Asks for a name; what it is dismissed with has been saved."""

    TITLE_OF_IT = "Save this slice under a name"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "done", "save", id="save.done")]

    def __init__(self, asking: Asking, lake: Lake, said: Said) -> None:
        super().__init__()
        self._asking, self._lake, self._slice = asking, lake, said
        self._writing: Lake | None = None
        self._busy = False

    def fields(self) -> Iterable[Widget]:
        """The slice, and its name."""
        yield Static(flags(self._slice) or "all images", markup=False)
        yield row("name", Input(placeholder="letters, digits, _ - and .", id="name", compact=True))

    def buttons(self) -> Iterable[Widget]:
        """Save it, or leave."""
        yield Button("save", id="done", action="screen.done", variant="primary", compact=True)
        yield Button("leave", id="leave", action="screen.leave", compact=True)

    def on_unmount(self) -> None:
        """Whoever left waits for nothing."""
        if self._writing is not None:
            self._writing.interrupt()

    def action_done(self) -> None:
        """Save it, in a thread."""
        if self._busy:
            return
        self._busy = True
        name, lake, said = self.query_one("#name", Input).value.strip(), self._lake, self._slice
        self.say("saving …")
        self._asking.ask(
            self,
            "saving the slice",
            lambda: Saved(name, save(lake, name, said, self._opened)),
            self._saved,
            refused=self._refused,
            dropped=lambda saved: self.app.notify(saved.told, markup=False),  # it was too late to leave
        )

    def _opened(self, writing: Lake) -> None:
        self._writing = writing

    def _saved(self, saved: Saved) -> None:
        self._writing = None
        self.dismiss(saved)

    def _refused(self, trouble: str) -> None:
        self._writing, self._busy = None, False
        self.refuse(trouble)
