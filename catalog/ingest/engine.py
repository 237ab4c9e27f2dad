"""Takes an input into the lake: units are read in worker processes, staged, and published together.

A unit that is in the lake without a failure is not read again, so a second run adds nothing and an interrupted one goes
on. A killed run loses at most the units that were being read.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from platform import node

from catalog.errors import TriptychError
from catalog.ingest.contract import Options, Reader, Unit
from catalog.ingest.files import shown
from catalog.ingest.finish import Finished, stage, total_unknown
from catalog.ingest.lookup import LakeLookup
from catalog.lake import staging
from catalog.lake.commit import Published, recover
from catalog.lake.connection import open_reader
from catalog.lake.keys import digest
from catalog.lake.layout import Layout
from catalog.lake.publishing import Publisher
from catalog.lake.staging import Run
from catalog.orphans import answer, end_with_parent, unheard

FEW_UNITS = 3
"""Up to this many units are read here: starting worker processes would cost more."""
READER_VERSION = 1
"""Raised when readers yield other rows than before, so that an input taken in earlier is read again."""

Watch = Callable[[Unit, int], None]
"""Called when a unit is staged, with the unit and its number of rows."""


@dataclass(slots=True)
class Report:
    """What one ingest did."""

    published: Published = field(default_factory=Published)
    rows_read: int = 0
    units: int = 0
    skipped: int = 0
    """Units that were in the lake already."""
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    """Words the vocabulary does not know, by column."""
    notes: list[str] = field(default_factory=list)
    """What a person should hear of, such as files that were left alone."""


def ingest(layout: Layout, reader: Reader, options: Options, *, watch: Watch | None = None) -> Report:
    """Take everything a reader finds into the lake.

    Raises:
        LakeError: The lake cannot be written.
        TriptychError: A commit failed; what was published before stays.
    """
    recover(layout)
    run = _run_of(reader, options)
    report = Report()
    done = _done(layout)
    lookup = LakeLookup(layout)
    with staging.open_run(layout, run) as folder:
        work = _Work(reader, options, folder, lookup, parallel=reader.parallel and layout.readable_beside_a_writer)
        try:
            with Publisher(layout, run) as publisher:
                report.published = publisher.published
                for wave in _waves(_todo(reader, options, done, report)):
                    for unit, finished in work.read(wave):
                        publisher.add(finished.batch)
                        _report(finished, report)
                        if watch:
                            watch(unit, sum(finished.batch.rows.values()))
                    publisher.flush()
                    lookup.close()
        finally:
            lookup.close()
    return report


def _report(finished: Finished, report: Report) -> None:
    report.units += 1
    report.notes += finished.notes
    report.rows_read += finished.batch.rows.get("images", 0)
    total_unknown(finished.unknown, report.unknown)


def batch_id(unit: Unit, reader: Reader, options: Options) -> str:
    """The id that guards a unit: its key, the reader, and the options that change rows."""
    return digest(reader.kind, READER_VERSION, unit.key, options.license, sorted(options.said.items()))


class _Work:
    """Reads and stages units, here or in worker processes."""

    def __init__(self, reader: Reader, options: Options, folder: Path, lookup: LakeLookup, *, parallel: bool) -> None:
        self._reader, self._options, self._folder, self._lookup = reader, options, folder, lookup
        self._parallel = parallel

    def read(self, units: Iterator[Unit]) -> Iterator[tuple[Unit, Finished]]:
        first = list(islice(units, FEW_UNITS + 1))
        workers = cpu_count() or 1
        if len(first) <= FEW_UNITS or workers == 1 or not self._parallel:
            for unit in _chained(first, units):
                yield unit, _read(self._reader, unit, self._options, self._folder, self._lookup)
            return
        yield from self._in_processes(_chained(first, units), workers)

    def _in_processes(self, units: Iterator[Unit], workers: int) -> Iterator[tuple[Unit, Finished]]:
        running: deque[tuple[Unit, Future[Finished]]] = deque()
        with ProcessPoolExecutor(workers, get_context("forkserver"), end_with_parent) as pool:
            try:
                for unit in units:
                    task = (self._reader, unit, self._options, self._folder, self._lookup)
                    with unheard():
                        running.append((unit, pool.submit(_read, *task)))
                    if len(running) > 2 * workers:
                        yield _result(pool, running.popleft())
                while running:
                    yield _result(pool, running.popleft())
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _result(pool: ProcessPoolExecutor, running: tuple[Unit, Future[Finished]]) -> tuple[Unit, Finished]:
    unit, future = running
    try:
        return unit, answer(pool, future)
    except BrokenProcessPool as error:
        raise TriptychError(f"a reading process died at '{unit.name}' (out of memory?); run again to go on") from error


def _read(reader: Reader, unit: Unit, options: Options, folder: Path, lookup: LakeLookup) -> Finished:
    batch = reader.read(unit, lookup)
    name = batch_id(unit, reader, options)
    named = shown(unit.name)
    return stage(batch, run_folder=folder, batch_id=name, name=named, kind=reader.kind, options=options)


def _todo(reader: Reader, options: Options, done: set[str], report: Report) -> Iterator[Unit]:
    for unit in reader.units():
        if batch_id(unit, reader, options) in done:
            report.skipped += 1
        else:
            yield unit


def _waves(units: Iterator[Unit]) -> Iterator[Iterator[Unit]]:
    """Units that may be read side by side: images first, then the annotations that need them in the lake."""
    later: list[Unit] = []

    def now() -> Iterator[Unit]:
        for unit in units:
            if unit.after_images:
                later.append(unit)
            else:
                yield unit

    yield now()
    if later:
        yield iter(later)


def _chained(first: list[Unit], rest: Iterator[Unit]) -> Iterator[Unit]:
    yield from first
    yield from rest


def _done(layout: Layout) -> set[str]:
    """Batches that are in the lake without a failure."""
    with open_reader(layout) as connection:
        rows = connection.execute("SELECT batch_id FROM batches WHERE failures = 0").fetchall()
    return {name for (name,) in rows}


def _run_of(reader: Reader, options: Options) -> Run:
    said = {
        "source": options.source,
        "license": options.license,
        "copy": options.copy,
        "axis": options.axis,
        "set": dict(options.said),
        "map": dict(options.columns),
    }
    release = version("triptych")
    fingerprint = digest(reader.kind, READER_VERSION, release, json.dumps(said, sort_keys=True))
    host = options.keys("host", node())
    return staging.new_run(f"ingest:{reader.kind}", fingerprint=fingerprint, options=said, host=host, version=release)
