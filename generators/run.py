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
from platform import node
from typing import TypeVar

from catalog.errors import TriptychError
from catalog.lake import staging
from catalog.lake.claims import Claims
from catalog.lake.commit import recover
from catalog.lake.layout import Layout
from catalog.lake.staging import Run
from catalog.slices import pending
from catalog.slices.pending import Pending
from generators.chunks import Chunks
from generators.feed import Feed
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
    device_seconds: float = 0.0
    """Time that the generator took so far."""
    waiting_seconds: float = 0.0
    """Time that it waited for images."""
    batch_size: int = 0

    @property
    def bottleneck(self) -> str:
        """What the run waits for most."""
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


def generate(work: Work, *, watch: Watch | None = None) -> Report:
    """Make what is missing or stale in a slice.

    Raises:
        TriptychError: Every image failed, or the generator broke its contract; what was done before is committed.
        LakeError: The lake cannot be written.
        UsageError: The slice or the generator's settings cannot be meant.
    """
    layout = work.selection.layout
    recover(layout)
    found = pending.pending(work.selection, work.asked)
    todo = found.todo(retry_failed=work.options.retry_failed)[: work.options.limit]
    run = new_run(work)
    report = Report(run.run_id, found, progress=Progress(int(todo.size)))
    if todo.size == 0:
        return report
    began = time.monotonic()
    with staging.open_run(layout, run) as folder, _reported(report, began):
        chunks = Chunks(work, todo, Claims(layout, folder, work.kind), run.run_id)
        with Writer(layout, run, folder, work.provenance) as writer:
            report.tally = writer.tally
            _work(work, chunks, writer, report, watch)
        report.committed = writer.published
        report.left, report.fresh = chunks.left, chunks.fresh
    return report


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


def _work(work: Work, chunks: Chunks, writer: Writer, report: Report, watch: Watch | None) -> None:
    cores = cpu_count() or 1
    generator, progress = work.generator, report.progress
    with Feed(work.selection.layout, generator, workers=work.workers(cores)) as feed:
        model = Model(generator, work.place, size=work.batch_size)
        generator.load(work.place)
        formed = batches(feed.prepared(chunks.entries()), generator, model)
        for batch in _timed(formed, progress):
            model.run(batch)
            writer.put(batch)
            progress.device_seconds, progress.batch_size = model.seconds, model.size
            progress.done, progress.failed = writer.tally.done, writer.tally.failed
            if watch:
                watch(progress)
            _give_up_on_failures(writer.tally)


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
def _reported(report: Report, began: float) -> Iterator[None]:
    try:
        yield
    finally:
        report.seconds = time.monotonic() - began


def _give_up_on_failures(tally: Tally) -> None:
    if tally.done == 0 and tally.failed >= HOPELESS:
        raise TriptychError(f"all of the first {tally.failed:,} images failed: {told(tally)}")


def told(tally: Tally) -> str:
    """Why images failed, the commonest reason first."""
    return "; ".join(
        f"{count:,} x {kind}, such as: {tally.examples[kind]}" for kind, count in tally.reasons.most_common(3)
    )
