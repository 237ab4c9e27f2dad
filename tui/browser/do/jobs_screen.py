"""The jobs of a lake: how far each is, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, ListItem, ListView, ProgressBar, Static

from tui.browser.do.job_log import JobLog
from tui.browser.do.polling import Polling
from tui.cells import visible
from tui.jobs import Job, all_jobs, stop
from tui.jobs.words import moving, outcome, waiting, when

_MEANT = 5.0
"""Seconds in which k pressed again means it."""


class JobRow(ListItem):
    """One job."""

    DEFAULT_CSS = """
    JobRow { height: auto; padding: 0 1 1 1; background: $surface; color: $foreground; }
    JobRow Static { height: auto; }
    JobRow ProgressBar { display: none; width: 100%; }
    JobRow ProgressBar.-moving { display: block; }
    JobRow Bar { width: 1fr; }
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job

    def compose(self) -> ComposeResult:
        """What it is, its bar, and how it is doing."""
        yield Static(classes="head", markup=False)
        yield ProgressBar(show_eta=False)
        yield Static(classes="how", markup=False)

    def on_mount(self) -> None:
        """Show it."""
        self.show(self.job)

    def show(self, job: Job) -> None:
        """Show how far it is now."""
        self.job = job
        head = f"{job.state.upper():<9} {job.what}   {when(job)}"
        self.query_one(".head", Static).update(Text(visible(head), style="bold"))
        self.query_one(".how", Static).update(Text(visible(how(job))))
        bar = self.query_one(ProgressBar)
        bar.set_class(job.is_live, "-moving")
        if job.progress is not None:
            bar.update(total=job.progress.total or None, progress=job.progress.completed)


class JobsScreen(Screen[None]):
    """All jobs of a lake that are remembered, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J", "dismiss(None)", "back", id="jobs.leave"),
        Binding("k", "stop", "stop it", id="jobs.stop"),
        Binding("enter", "log", "its log", id="jobs.log", priority=True),
        Binding("ctrl+y", "copy", "copy command", id="jobs.copy"),
    ]
    DEFAULT_CSS = """
    JobsScreen { background: $surface; }
    JobsScreen #head { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    JobsScreen #none { padding: 1 2; display: none; }
    JobsScreen #none.-shown { display: block; }
    JobsScreen ListView { height: 1fr; background: $surface; }
    JobsScreen ListView > JobRow.-highlight { background: $panel; border-left: thick $primary; }
    """

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self._lake = lake
        self._polling = Polling(self, lambda: all_jobs(lake), self._show)
        self._asked: tuple[Path, float] = (lake, 0.0)
        """The job that the person was asked whether to stop, and when."""

    def compose(self) -> ComposeResult:
        """The list."""
        yield Static("Jobs of this lake; they go on when the browser is left", id="head", markup=False)
        yield Static("No job yet: x exports a slice, a annotates one", id="none", markup=False)
        yield ListView()
        yield Footer()

    def on_mount(self) -> None:
        """Look at the jobs, again and again."""
        self._polling.begin()

    @property
    def rows(self) -> list[JobRow]:
        """The jobs on the screen."""
        return list(self.query(JobRow))

    @property
    def marked(self) -> Job | None:
        """The job that the keys mean."""
        row = self.query_one(ListView).highlighted_child
        return row.job if isinstance(row, JobRow) else None

    def action_stop(self) -> None:
        """Tell the marked job to stop, once that is meant: elsewhere the same key moves up."""
        job = self.marked
        if job is None or not job.is_live:
            self.notify("that job has ended", severity="warning")
            return
        folder, then = self._asked
        self._asked = (job.folder, time.monotonic())
        if job.state != "stopping" and (folder != job.folder or time.monotonic() - then > _MEANT):
            self.notify(f"press k again to stop {job.what}", markup=False)
            return
        told = stop(job)
        self.notify("told to stop; what is done is committed first" if told else "that job has ended")
        self._polling.again()

    def action_log(self) -> None:
        """Show what the marked job says."""
        if (job := self.marked) is not None:
            self.app.push_screen(JobLog(job))

    def action_copy(self) -> None:
        """Put the command of the marked job on the clipboard."""
        if (job := self.marked) is not None:
            self.app.copy_to_clipboard(job.command)
            self.notify("copied the command")

    def on_list_view_selected(self) -> None:
        """A click shows the log, as enter does."""
        self.action_log()

    async def _renew(self, jobs: Sequence[Job]) -> None:
        """List other jobs, with the mark on the one it was on."""
        marked, jobs_of = self.marked, [job.folder for job in jobs]
        view = self.query_one(ListView)
        await view.clear()
        await view.extend(JobRow(job) for job in jobs)
        view.index = jobs_of.index(marked.folder) if marked and marked.folder in jobs_of else 0
        view.focus()

    async def _show(self, jobs: Sequence[Job]) -> None:
        self.query_one("#none").set_class(not jobs, "-shown")
        if [row.job.folder for row in self.rows] != [job.folder for job in jobs]:
            await self._renew(jobs)
            return
        for row, job in zip(self.rows, jobs, strict=True):
            if job != row.job:
                row.show(job)


def how(job: Job) -> str:
    """A job's numbers while it lives, and afterwards what became of it."""
    if not job.is_live:
        return outcome(job)
    parts = [moving(job.progress)] if job.progress else []
    return "   ".join(filter(None, [*parts, waiting(job)]))
