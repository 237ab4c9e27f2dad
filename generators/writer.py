"""Stages finished images in batches and hands them to the commits, in a thread of its own."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from catalog.errors import TriptychError
from catalog.lake import staging, trouble
from catalog.lake.keys import digest
from catalog.lake.publishing import Publisher
from catalog.lake.staging import Run, StagedBatch
from generators import rows
from generators.items import Entry, Failed
from generators.results import check
from generators.rows import Provenance

IMAGES = 8_192
"""Images in a staged batch, at most."""
SECONDS = 1.0
"""Seconds of work that a staged batch holds, at most: what a kill can lose."""
WAITING = 2
"""Batches that wait to be staged before whoever generates has to wait."""


@dataclass(slots=True)
class Tally:
    """What has been written so far."""

    done: int = 0
    failed: int = 0
    made: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Kinds of failure."""
    examples: dict[str, str] = field(default_factory=dict)
    """One message for each kind of failure."""

    def take(self, entry: Entry) -> None:
        """Count an image in that comes from the device."""
        if isinstance(entry.outcome, Failed):
            self._fail(entry.outcome)
        else:
            self.done += 1

    def check(self, entry: Entry, layer: str) -> None:
        """Count what was made of it; it may turn out that nothing can be."""
        if isinstance(entry.outcome, Failed):
            return
        check(entry, layer)
        if isinstance(entry.outcome, Failed):
            self.done -= 1
            self._fail(entry.outcome)
        else:
            self.made += len(entry.outcome)

    def add(self, other: Tally) -> None:
        """Count in what another process has written."""
        self.done += other.done
        self.failed += other.failed
        self.made += other.made
        self.reasons.update(other.reasons)
        self.examples = {**other.examples, **self.examples}

    def _fail(self, reason: Failed) -> None:
        self.failed += 1
        self.reasons[reason.kind] += 1
        self.examples.setdefault(reason.kind, reason.message)


class Writer:
    """Takes images with their results; at the end of its block everything is staged."""

    def __init__(self, publisher: Publisher, run: Run, folder: Path, said: Provenance) -> None:
        self.tally = Tally()
        self._publisher = publisher
        self._run, self._folder, self._said = run, folder, said
        self._entries: list[Entry] = []
        self._since = time.monotonic()
        self._number = 0
        self._thread = ThreadPoolExecutor(1)
        self._running: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.flush()
        finally:
            self._thread.shutdown()

    @property
    def committed(self) -> int:
        """Images whose outcome is in the lake so far."""
        return self._publisher.published.outcomes

    def put(self, entries: list[Entry]) -> None:
        """Take images; waits when staging falls behind.

        Raises:
            LakeError: The lake cannot be written.
        """
        for entry in entries:
            self.tally.take(entry)
        self._entries += entries
        if len(self._entries) >= IMAGES or time.monotonic() - self._since > SECONDS:
            self._stage()

    def flush(self) -> None:
        """Stage everything, and wait for it."""
        self._stage()
        while self._running:
            self._running.popleft().result()

    def _stage(self) -> None:
        entries, self._entries = self._entries, []
        self._since = time.monotonic()
        if entries:
            self._running.append(self._thread.submit(self._write, entries))
        while len(self._running) > WAITING or (self._running and self._running[0].done()):
            self._running.popleft().result()

    def _write(self, entries: list[Entry]) -> None:
        self._number += 1
        batch_id = digest(self._run.run_id, self._number)
        self._publisher.add(stage(entries, self._folder, batch_id, self._said, self.tally))


def stage(entries: list[Entry], folder: Path, batch_id: str, said: Provenance, tally: Tally) -> StagedBatch:
    """Write images with their results as a batch into the staging folder of their run.

    Raises:
        LakeError: The lake cannot be written.
        TriptychError: The generator broke its contract.
    """
    for entry in entries:
        tally.check(entry, said.layer)
    named = f"{len(entries):,} images"
    with trouble.explained(folder.parent.parent):
        with staging.new_batch(folder, batch_id, named) as (place, counted):
            for table, complete in _tables(entries, said, batch_id).items():
                staging.write(place, table, complete)
                counted[table] = complete.num_rows
        return staging.read_batch(folder / batch_id)


def _tables(entries: list[Entry], said: Provenance, batch_id: str) -> rows.Tables:
    try:
        return rows.tables(entries, said, batch_id)
    except ValueError as error:
        raise TriptychError(str(error)) from error
