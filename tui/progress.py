"""Progress of long work: bars on stderr, only where a person sees them, and what ``tui.progress_file`` writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

from tui import progress_file
from tui.session import Session

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn

    from catalog.ingest.contract import Unit
    from generators.run import Progress

Said = ParamSpec("Said")


@contextmanager
def of_units(session: Session) -> Iterator[Callable[[Unit, int], None] | None]:
    """A function to call for every unit that is taken in; None where nothing is to be drawn."""
    if not session.draws:
        yield None
        return
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    counts = TextColumn("{task.completed:,.0f} inputs, {task.fields[rows]:,} images")
    name = TextColumn("{task.fields[name]}", markup=False)
    with _bar(SpinnerColumn(), counts, TimeElapsedColumn(), name) as bar:
        task = bar.add_task("", total=None, rows=0, name="")
        rows = 0

        def watch(unit: Unit, images: int) -> None:
            nonlocal rows
            rows += images
            bar.update(task, advance=1, rows=rows, name=unit.name[-40:])

        yield watch


@contextmanager
def of_images(session: Session) -> Iterator[Callable[[int, int], None] | None]:
    """A function to call with the images that are done and their total; None where nobody wants to know."""
    with _images_drawn(session) as draw, progress_file.of_images() as write:
        yield _both(draw, write)


@contextmanager
def _images_drawn(session: Session) -> Iterator[Callable[[int, int], None] | None]:
    if not session.draws:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    with _bar(BarColumn(), MofNCompleteColumn(), TextColumn("images"), TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def of_files(session: Session) -> Iterator[Callable[[str, int], None] | None]:
    """A function to call with a table and the number of its files; None where nothing is to be drawn."""
    if not session.draws:
        yield None
        return
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    what = TextColumn("{task.fields[table]}: {task.fields[files]:,} files", markup=False)
    with _bar(SpinnerColumn(), what, TimeElapsedColumn()) as bar:
        task = bar.add_task("", total=None, table="looking at the files", files=0)
        yield lambda table, files: bar.update(task, advance=1, table=table, files=files)


@contextmanager
def of_generation(session: Session) -> Iterator[Callable[[Progress], None] | None]:
    """A function to call with how far a run is; None where nobody wants to know."""
    with _generation_drawn(session) as draw, progress_file.of_generation() as write:
        yield _both(draw, write)


@contextmanager
def _generation_drawn(session: Session) -> Iterator[Callable[[Progress], None] | None]:
    if not session.draws:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    rate = TextColumn("images  {task.fields[rate]:,.1f}/s ")
    more = TextColumn("left  {task.fields[failed]}waiting for {task.fields[neck]}")
    with _bar(BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn(), more) as bar:
        task = bar.add_task("", total=None, rate=0.0, failed="", neck="the model")
        began = time.monotonic()

        def watch(progress: Progress) -> None:
            completed = progress.done + progress.failed
            failed = f"{progress.failed:,} failed  " if progress.failed else ""
            rate = completed / max(time.monotonic() - began, 1e-3)
            bar.update(
                task, completed=completed, total=progress.total, rate=rate, failed=failed, neck=progress.bottleneck
            )

        yield watch


def _both(one: Callable[Said, None] | None, other: Callable[Said, None] | None) -> Callable[Said, None] | None:
    if one is None or other is None:
        return one or other

    def tell(*args: Said.args, **keywords: Said.kwargs) -> None:
        one(*args, **keywords)
        other(*args, **keywords)

    return tell


def _bar(*columns: ProgressColumn) -> Bar:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True), transient=True)
