"""Runs a generator on this machine: plan, read, decode, generate, stage and commit, all at once.

A run that is killed loses what was not yet staged, some seconds of work; the next one publishes what was staged and
goes on. Ctrl-C commits what is done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from platform import node
from typing import TypeVar

from catalog.errors import TriptychError
from catalog.imports import whole
from catalog.lake import staging, vector_index
from catalog.lake.claims import Claims
from catalog.lake.commit import recover
from catalog.lake.layout import Layout
from catalog.lake.publishing import Publisher
from catalog.lake.staging import Run
from catalog.slices.pending import Pending
from generators.chunks import Chunks
from generators.feed import Feed
from generators.interrupts import Interrupts
from generators.model import Model, batches
from generators.work import Work
from generators.writer import Tally, Writer

HOPELESS = 64
"""Failures in a row, from the first image on, after which a run gives up."""


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    total: int
    done: int = 0
    failed: int = 0
    committed: int = 0
    """Images whose outcome is in the lake so far."""
    device_seconds: float = 0.0
    """Time that the generator took so far."""
    waiting_seconds: float = 0.0
    """Time that it waited for images."""
    batch_size: int = 0
    indexing: bool = False
    """Whether all is made, and the index of the vectors is under way."""

    @property
    def bottleneck(self) -> str:
        """What the run waits for most."""
        if self.indexing:
            return "the index of the vectors"
        return "decoding" if self.waiting_seconds > self.device_seconds else "the device"


Item = TypeVar("Item")
Watch = Callable[[Progress], None]


@dataclass(slots=True)
class Report:
    """What a run did."""

    run_id: str
    pending: Pending
    tally: Tally = field(default_factory=Tally)
    committed: int = 0
    """Images whose outcome is in the lake."""
    left: int = 0
    """Images that other runs are working on."""
    fresh: int = 0
    """Images that other runs had done meanwhile."""
    seconds: float = 0.0
    progress: Progress = field(default_factory=lambda: Progress(0))


@dataclass(slots=True)
class Begun:
    """A run under way."""

    work: Work
    run: Run
    folder: Path
    """Where it stages."""
    chunks: Chunks
    report: Report
    interrupts: Interrupts


def generate(work: Work, *, watch: Watch | None = None) -> Report:
    """Make what is missing or stale in a slice.

    Raises:
        TriptychError: Every image failed, or the generator broke its contract; what was done before is committed.
        LakeError: The lake cannot be written.
        UsageError: The slice or the generator's settings cannot be meant.
        KeyboardInterrupt: Ctrl-C came; what was done is committed.
    """
    return run_with(work, lambda begun: _work_here(begun, watch), watch)


def run_with(work: Work, execute: Callable[[Begun], None], watch: Watch | None = None) -> Report:
    """Find out what is to be done, let ``execute`` do it, and say what was done."""
    with Interrupts() as interrupts:
        return _run(work, execute, interrupts, watch)


def _run(work: Work, execute: Callable[[Begun], None], interrupts: Interrupts, watch: Watch | None) -> Report:
    layout = work.selection.layout
    if work.generator.layer == "embeddings":
        whole("lance")  # which the thread that commits needs
    with work.selection.readers.aside():
        recover(layout)
    found, todo = work.find()
    run = new_run(work)
    report = Report(run.run_id, found, progress=Progress(int(todo.size)))
    with _timed_report(report):
        if todo.size:
            with staging.open_run(layout, run) as folder:
                chunks = Chunks(work, todo, Claims(layout, folder, work.kind, work.fingerprint), run.run_id)
                execute(Begun(work, run, folder, chunks, report, interrupts))
                report.left, report.fresh = chunks.left, chunks.fresh
        _index(work, run, report.progress, watch)
    return report


def _index(work: Work, run: Run, progress: Progress, watch: Watch | None) -> None:
    """Make or extend the index of the vectors where that pays."""

    def before() -> None:
        progress.indexing = True
        if watch:
            watch(progress)

    if work.generator.layer == "embeddings":
        vector_index.refresh(work.selection.readers, run, before=before)


def new_run(work: Work) -> Run:
    """The run that a work begins."""
    layout: Layout = work.selection.layout
    said = {
        "slice": work.selection.said.given(),
        "model": work.model,
        "settings": json.loads(json.dumps(work.settings, default=str)),
        "device": work.place.name,
        "unit": getattr(work.generator, "unit", "image"),
    }
    host = layout.keys()("host", node())
    release = version("triptych")
    return staging.new_run(work.kind, fingerprint=work.fingerprint, options=said, host=host, version=release)


def _work_here(begun: Begun, watch: Watch | None) -> None:
    work, report = begun.work, begun.report
    with publishing(begun) as publisher, Writer(publisher, begun.run, begun.folder, work.provenance) as writer:
        report.tally = writer.tally
        with Feed(work.selection.layout, work.generator, workers=work.workers(cpu_count() or 1)) as feed:
            _flow(begun, feed, writer, watch)
    report.committed = publisher.published.outcomes


def publishing(begun: Begun) -> Publisher:
    """What commits the batches of a run."""
    selection = begun.work.selection
    return Publisher(selection.layout, begun.run, aside=selection.readers.aside)


def _flow(begun: Begun, feed: Feed, writer: Writer, watch: Watch | None) -> None:
    work, progress = begun.work, begun.report.progress
    model = Model(work.generator, work.place, size=work.batch_size)
    with begun.interrupts.heard():
        model.load()
    formed = batches(feed.prepared(begun.chunks.entries()), work.generator, model)
    for batch in _timed(formed, progress):
        with begun.interrupts.heard():
            model.run(batch)
        writer.put(batch)
        progress.device_seconds, progress.batch_size = model.seconds, model.size
        progress.committed = writer.committed
        tell(writer.tally, progress, watch)


def tell(tally: Tally, progress: Progress, watch: Watch | None) -> None:
    """Say how far a run is, and end one in which everything fails.

    Raises:
        TriptychError: All images so far failed.
    """
    progress.done, progress.failed = tally.done, tally.failed
    if watch:
        watch(progress)
    if tally.done == 0 and tally.failed >= HOPELESS:
        raise TriptychError(f"all of the first {tally.failed:,} images failed: {told(tally)}")


def _timed(items: Iterator[Item], progress: Progress) -> Iterator[Item]:
    """The items, while the time spent on waiting for them is added up."""
    while True:
        began = time.perf_counter()
        try:
            item = next(items)
        except StopIteration:
            return
        finally:
            progress.waiting_seconds += time.perf_counter() - began
        yield item


@contextmanager
def _timed_report(report: Report) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        report.seconds = time.monotonic() - began


def told(tally: Tally) -> str:
    """Why images failed, the commonest reason first."""
    return "; ".join(
        f"{count:,} x {kind}, such as: {tally.examples[kind]}" for kind, count in tally.reasons.most_common(3)
    )
