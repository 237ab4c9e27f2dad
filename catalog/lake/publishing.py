"""Publishes what a run stages: one commit is made while the next batches are."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from catalog.lake.commit import Published, publish
from catalog.lake.layout import Layout
from catalog.lake.staging import Run, StagedBatch

ROWS = 200_000
"""Staged rows that are published at the latest."""
SECONDS = 20.0
"""Seconds after which staged batches are published."""


class Publisher:
    """Staged batches of a run that wait for the next commit; a block at whose end everything is published."""

    def __init__(
        self,
        layout: Layout,
        run: Run,
        *,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
        rows: int = ROWS,
        seconds: float = SECONDS,
    ) -> None:
        """``aside`` makes the readers of this process give way to a commit (``Readers.aside``)."""
        self.published = Published()
        """What the commits so far have added."""
        self._layout, self._run, self._aside = layout, run, aside
        self._rows, self._seconds = rows, seconds
        self._batches: list[StagedBatch] = []
        self._since = time.monotonic()
        self._thread = ThreadPoolExecutor(1)
        self._running: Future[Published] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.flush()
        finally:
            self._thread.shutdown()

    def add(self, batch: StagedBatch) -> None:
        """Take a batch; a commit begins when there is enough for one, or the last was long ago."""
        self._batches.append(batch)
        rows = sum(sum(batch.rows.values()) for batch in self._batches)
        if rows >= self._rows or time.monotonic() - self._since > self._seconds:
            self._start()

    def flush(self) -> None:
        """Publish everything that is staged, and wait for it.

        Raises:
            LakeBusyError: Another process has been committing for ten minutes.
            LakeError: The lake cannot be written.
        """
        self._start()
        self._wait()

    def _start(self) -> None:
        self._wait()
        batches, self._batches = self._batches, []
        self._running = self._thread.submit(self._publish, batches)
        if not self._layout.readable_beside_a_writer:
            self._wait()
        self._since = time.monotonic()

    def _publish(self, batches: list[StagedBatch]) -> Published:
        with self._aside():
            return publish(self._layout, self._run, batches)

    def _wait(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            self.published.add(running.result())
