"""Prepares images ahead of the device: in worker processes where pixels are decoded, else right here.

Tasks go through bounded queues, and come back in their order. A worker that dies takes its pool with it: what was under
way is then done again one task at a time, so that only the image that kills its worker is told to have failed.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from types import TracebackType
from typing import TYPE_CHECKING, Self

from catalog.errors import TriptychError
from catalog.lake.layout import Layout, locate
from catalog.orphans import answer, end_with_parent, unheard
from generators.contract import Generator
from generators.items import Entry, Failed, Prepared, Row, Seen, prepare

if TYPE_CHECKING:
    from catalog.pixels.source import PixelSource

IMAGES_A_TASK = 8
"""Images that a worker is given at once."""
TASKS_AHEAD = 3
"""Tasks for each worker that are under way or wait to be taken."""

ATTEMPTS = 3
"""Workers that an image may kill, alone, before it has failed: somebody else may have killed the first ones."""

Task = list[tuple[Row, Sequence[Row]]]
Answers = list[Prepared | Failed]


class Feed:
    """Entries in, the same entries prepared or failed out; a block that ends with its workers."""

    def __init__(self, layout: Layout, generator: Generator, *, workers: int) -> None:
        self._layout, self._workers = layout, workers
        self._generator = generator
        self._payload = packed(generator)
        self._source: PixelSource | None = None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._source is not None:
            self._source.close()

    def prepared(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Entries in their order, each with its outcome: Prepared or Failed."""
        if self._workers == 0:
            self._source = self._source or pixel_source(self._layout)
            for entry in entries:
                yield _told(entry, prepare(self._generator, self._seen(entry)))
            return
        for task, answers in self._answered(_tasks(entries)):
            for entry, told in zip(task, answers, strict=True):
                yield _told(entry, told)

    def _seen(self, entry: Entry) -> Seen:
        return Seen(entry.row, entry.chunk.spoken_of(entry.place), self._source)

    def _answered(self, tasks: Iterator[list[Entry]]) -> Iterator[tuple[list[Entry], Answers]]:
        running: deque[tuple[list[Entry], Future[Answers]]] = deque()
        for task in chain(tasks, [None]):
            if task is not None:
                running.append((task, self._submit(task)))
            while running and (task is None or len(running) > TASKS_AHEAD * self._workers):
                oldest, future = running.popleft()
                try:
                    yield oldest, self._answer(future)
                except BrokenProcessPool:
                    again = [oldest, *(waiting for waiting, _ in running)]
                    running.clear()
                    yield from self._one_by_one(again)
                except TriptychError:
                    raise
                except Exception as error:  # the answer could not be sent, or not be read
                    yield from self._apart(oldest, error)

    def _apart(self, task: list[Entry], error: Exception) -> Iterator[tuple[list[Entry], Answers]]:
        """Do the images of a task one by one whose answer could not come back."""
        if len(task) > 1:
            yield from self._one_by_one([[entry] for entry in task])
        else:
            name = self._generator.name
            yield task, [Failed(type(error).__name__, f"what {name} prepares cannot be sent to its model: {error}")]

    def _one_by_one(self, tasks: list[list[Entry]], attempt: int = 1) -> Iterator[tuple[list[Entry], Answers]]:
        """Do tasks again after a worker has died, alone, so that no other can be what kills the next one."""
        for task in tasks:
            try:
                yield task, self._answer(self._submit(task, anew=True))
            except TriptychError:
                raise
            except BrokenProcessPool:
                if len(task) > 1:
                    yield from self._one_by_one([[entry] for entry in task])
                elif attempt < ATTEMPTS:
                    yield from self._one_by_one([task], attempt + 1)
                else:
                    yield task, [_CRASHED]
            except Exception as error:  # as above
                yield from self._apart(task, error)

    def _submit(self, task: list[Entry], *, anew: bool = False) -> Future[Answers]:
        wanted: Task = [(entry.row, entry.chunk.spoken_of(entry.place)) for entry in task]
        try:
            return self._started(wanted)
        except BrokenProcessPool:
            self._drop_pool()
            if anew:
                return self._started(wanted)
            broken: Future[Answers] = Future()
            broken.set_exception(BrokenProcessPool())
            return broken

    def _answer(self, future: Future[Answers]) -> Answers:
        return future.result() if self._pool is None else answer(self._pool, future)

    def _started(self, wanted: Task) -> Future[Answers]:
        with unheard():
            return self._running_pool().submit(_work, wanted)

    def _running_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = get_context("forkserver")
            start = (str(self._layout.root), self._payload)
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_start, initargs=start)
        return self._pool

    def _drop_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


@dataclass(slots=True)
class _Worker:
    """What a worker process holds."""

    generator: Generator
    source: PixelSource


_CRASHED = Failed("crash", "its process died (out of memory?), or what it made cannot be read back; try it alone")
_here: list[_Worker | str] = []


def packed(generator: Generator) -> bytes:
    """A generator on its way to another process.

    Raises:
        TriptychError: It holds what cannot be sent.
    """
    try:
        return pickle.dumps(generator)
    except TriptychError:
        raise
    except Exception as error:  # pickle raises what it likes
        raise TriptychError(
            f"the generator {generator.name} cannot be sent to other processes: {error}; "
            "its fields may only hold plain values, and what load makes belongs into load"
        ) from error


def pixel_source(layout: Layout) -> PixelSource:
    """What reads the pixels of a lake's images."""
    from catalog.lake import blobs
    from catalog.pixels.source import PixelSource

    return PixelSource(layout.keys(), lambda sha256: blobs.read(layout, sha256))


def _start(root: str, payload: bytes) -> None:
    end_with_parent()
    sys.stdout = sys.stderr  # what a generator prints must not come between the lines of the command
    try:
        _here[:] = [_Worker(pickle.loads(payload), pixel_source(locate(root)))]  # noqa: S301 - our own, from our parent
    except Exception as error:  # an initializer that raises would only break the pool
        _here[:] = [f"the generator cannot be made in another process: {type(error).__name__}: {error}"]


def _work(task: Task) -> Answers:
    (worker,) = _here
    if isinstance(worker, str):
        raise TriptychError(worker)
    return [prepare(worker.generator, Seen(row, spoken, worker.source)) for row, spoken in task]


def _tasks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    task: list[Entry] = []
    for entry in entries:
        task.append(entry)
        if len(task) == IMAGES_A_TASK:
            yield task
            task = []
    if task:
        yield task


def _told(entry: Entry, answer: Prepared | Failed) -> Entry:
    entry.outcome = answer
    entry.size = answer.size if isinstance(answer, Prepared) else None
    return entry
