"""What one job was asked, what became of it, and the last lines that it said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tui.browser.do.polling import Polling
from tui.cells import visible
from tui.jobs import Job, read
from tui.jobs.files import tail
from tui.jobs.words import moving, outcome, waiting, when

_LINES = 200


class JobLog(ModalScreen[None]):
    """Follows a job."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "back", id="log.leave"),
        Binding("ctrl+y", "copy", "copy command", id="log.copy"),
    ]
    DEFAULT_CSS = """
    JobLog { align: center middle; }
    JobLog > Vertical { width: 94%; height: 90%; border: round $border; background: $surface; }
    JobLog VerticalScroll { height: 1fr; padding: 0 1; }
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self._polling = Polling(self, self._look, self._show)
        self._lines: list[str] = []

    def compose(self) -> ComposeResult:
        """The text, and the keys."""
        with Vertical():
            with VerticalScroll():
                yield Static(id="text", markup=False)
            yield Footer()

    def on_mount(self) -> None:
        """Read it, again and again."""
        self._polling.begin()

    @property
    def text(self) -> str:
        """What is on the screen."""
        return str(self.query_one("#text", Static).content)

    def action_copy(self) -> None:
        """Put the command on the clipboard."""
        self.app.copy_to_clipboard(self._job.command)
        self.notify("copied the command")

    def _look(self) -> list[Job]:
        self._lines = tail(self._job.folder)[-_LINES:]
        job = read(self._job.folder)
        return [] if job is None else [job]

    async def _show(self, found: Sequence[Job]) -> None:
        for job in found:
            self._job = job
        text = "\n".join(visible(line) for line in told(self._job, self._lines))
        if text != self.text:
            self.query_one("#text", Static).update(Text(text))


def told(job: Job, lines: Sequence[str]) -> list[str]:
    """A job and its log, line by line."""
    now = [moving(job.progress) if job.progress else "", waiting(job)] if job.is_live else [outcome(job)]
    said = lines or ["(it said nothing)"]
    return [job.command, f"{job.state}, {when(job)}", *filter(None, now), "", "Its log:", *said]
