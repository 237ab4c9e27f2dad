"""The progress bar of long work: on stderr, and only where a person sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.session import Session

if TYPE_CHECKING:
    from catalog.ingest.contract import Unit

Watch = Callable[["Unit", int], None]


@contextmanager
def watching(session: Session, what: str) -> Iterator[Watch | None]:
    """A function to call for every unit that is done; None where nothing is to be drawn."""
    if not session.draws:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn(what),
        TextColumn("{task.completed:,.0f} inputs, {task.fields[rows]:,} images"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rows=0, name="")
        rows = 0

        def watch(unit: Unit, images: int) -> None:
            nonlocal rows
            rows += images
            bar.update(task, advance=1, rows=rows, name=unit.name[-40:])

        yield watch
