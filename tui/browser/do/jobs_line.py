"""The strip of the main screen that shows the jobs of a lake while they live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual.widgets import Static

from tui.browser.do.polling import Polling
from tui.cells import visible
from tui.jobs import Job, live_jobs, read
from tui.jobs.words import line, outcome


class JobsLine(Static):
    """A line of the jobs that live, hidden when there is none; one that ends is notified."""

    DEFAULT_CSS = """
    JobsLine { height: 1; background: $panel; color: $foreground; padding: 0 1; display: none; }
    JobsLine.-some { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._live: dict[Path, Job] = {}
        self._polling: Polling | None = None

    def watch_over(self, lake: Path) -> None:
        """Show the jobs of a lake from now on."""
        self._polling = Polling(self, lambda: self._look(lake), self._show)
        self._polling.begin()

    def again(self) -> None:
        """Look now: a job has just begun."""
        if self._polling is not None:
            self._polling.again()

    async def on_click(self) -> None:
        """A click shows all jobs."""
        await self.run_action("screen.jobs")

    @property
    def text(self) -> str:
        """What is on the screen; empty when it is hidden."""
        return str(self.content)

    def _look(self, lake: Path) -> list[Job]:
        """The jobs that live, and those that lived when last looked."""
        live = live_jobs(lake)
        ended = [
            job for folder in self._live.keys() - {job.folder for job in live} if (job := read(folder)) is not None
        ]
        return [*live, *ended]

    async def _show(self, found: Sequence[Job]) -> None:
        for job in found:
            if not job.is_live:
                well = job.state in ("done", "stopped")
                said = visible(f"{job.what} {outcome(job)}")
                self.app.notify(said, severity="information" if well else "error", markup=False)
        self._live = {job.folder: job for job in found if job.is_live}
        text = "   ".join(visible(line(job)) for job in self._live.values())
        self.set_class(bool(text), "-some")
        if text != self.text:
            self.update(Text(f"{text}   J shows more" if text else "", no_wrap=True, overflow="ellipsis"))
