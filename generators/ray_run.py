"""Runs a generator in actors on a Ray cluster: they stage, this process commits.

The run folder lies on a file system that all machines share. A part that was lost with its actor is done again under
the same batch id, so nothing is in the lake twice.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtraError, TriptychError, UsageError
from catalog.imports import whole
from catalog.lake import staging
from catalog.lake.keys import digest
from catalog.lake.layout import locate
from catalog.orphans import unheard
from generators.contract import Generator
from generators.device import Place
from generators.feed import packed, pixel_source
from generators.interrupts import Interrupts
from generators.items import Chunk, Entry, Seen, prepare
from generators.model import Model, batches
from generators.rows import Provenance
from generators.run import Begun, Report, Watch, publishing, run_with, tell
from generators.work import Work
from generators.writer import Tally, stage

BATCHES_A_PART = 4
"""Batches that an actor does at a time: what its loss costs."""
ATTEMPTS = 3
"""Actors that a part may be lost with, before the run ends."""
_AUTHENTICATION = "ray._private.authentication.authentication_token_setup"
"""Says at every start that the cluster is protected by a token."""
_PATIENCE = 0.5
"""Seconds until Ctrl-C is looked for again."""
_AHEAD = 2
"""Parts for each actor that are under way or wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """What an actor needs to know."""

    generator: bytes
    place: Place
    size: int
    folder: str
    """Staging folder of the run."""
    said: Provenance


@dataclass(slots=True)
class Part:
    """Images that an actor does at a time."""

    chunk: Chunk
    batch_id: str
    attempt: int = 1


class Worker:
    """An actor: holds the loaded generator, and stages what it makes."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._generator: Generator = pickle.loads(job.generator)  # noqa: S301 - from the process that began the run
        self._loaded = False
        self._model = Model(self._generator, job.place, size=job.size)
        self._source = pixel_source(locate(Path(job.folder).parent.parent))

    def do(self, part: Part) -> Tally:
        """Make and stage the rows of some images."""
        if not self._loaded:  # not in __init__, whose errors Ray takes for the death of the actor
            self._model.load()
            self._loaded = True
        entries = [self._prepared(part.chunk, place) for place in range(len(part.chunk.rows))]
        done: list[Entry] = []
        tally = Tally()
        for batch in batches(iter(entries), self._generator, self._model):
            self._model.run(batch)
            done += batch
        for entry in done:
            tally.take(entry)
        stage(done, Path(self._job.folder), part.batch_id, self._job.said, tally)
        return tally

    def _prepared(self, chunk: Chunk, place: int) -> Entry:
        entry = Entry(chunk, place)
        seen = Seen(entry.row, chunk.spoken_of(place), self._source)
        entry.outcome, entry.size = prepare(self._generator, seen), seen.size
        return entry


def generate(work: Work, *, watch: Watch | None = None) -> Report:
    """Make what is missing or stale in a slice, on Ray: the cluster of RAY_ADDRESS, else one of this machine alone.

    Raises:
        MissingExtraError: Ray is not installed.
        TriptychError: As the local run, or parts are lost again and again.
    """
    with _cluster() as ray:
        return run_with(work, lambda begun: _work_there(ray, begun, watch), watch)


def _work_there(ray: Any, begun: Begun, watch: Watch | None) -> None:
    work, report = begun.work, begun.report
    with publishing(begun) as publisher:
        for part, tally in _Crew(ray, work, begun.folder, begun.interrupts).done(_parts(begun)):
            report.tally.add(tally)
            publisher.add(staging.read_batch(begun.folder / part.batch_id))
            report.progress.committed = publisher.published.outcomes
            tell(report.tally, report.progress, watch)
    report.committed = publisher.published.outcomes


def _parts(begun: Begun) -> Iterator[Part]:
    size = BATCHES_A_PART * begun.work.batch_size
    number = 0
    for chunk in begun.chunks.chunks():
        for start in range(0, len(chunk.rows), size):
            number += 1
            part = chunk.part(start, min(start + size, len(chunk.rows)))
            yield Part(part, digest(begun.run.run_id, number))


@dataclass
class _Crew:
    """The actors of a run."""

    ray: Any
    work: Work
    folder: Path
    interrupts: Interrupts
    idle: deque[Any] = field(default_factory=deque)
    running: dict[Any, tuple[Part, Any]] = field(default_factory=dict)
    instead: dict[Any, Any] = field(default_factory=dict)
    """Dead actor to the one in its place."""

    def done(self, parts: Iterator[Part]) -> Iterator[tuple[Part, Tally]]:
        """Every part with what came of it, in the order in which they are finished."""
        self.idle.extend([self._actor() for _ in range(self._count())] * _AHEAD)
        try:
            yield from self._done(parts)
        finally:
            for actor in {*self.idle, *(actor for _, actor in self.running.values())}:
                self.ray.kill(actor)

    def _done(self, parts: Iterator[Part]) -> Iterator[tuple[Part, Tally]]:
        again: list[Part] = []
        while True:
            while self.idle and (part := again.pop() if again else next(parts, None)) is not None:
                actor = self.idle.popleft()
                self.running[actor.do.remote(part)] = (part, actor)
            if not self.running:
                return
            ready = self._finished()
            part, actor = self.running.pop(ready)
            try:
                tally = self.ray.get(ready)
            except self.ray.exceptions.RayActorError:
                again.append(self._lost(part))
                self._replace(actor)
                continue
            except self.ray.exceptions.RayTaskError as error:
                raise _cause(error) from error
            self.idle.append(actor)
            yield part, tally

    def _finished(self) -> Any:
        """The next part that an actor is done with."""
        while True:
            self.interrupts.check()
            ready, _ = self.ray.wait(list(self.running), timeout=_PATIENCE)
            if ready:
                return ready[0]

    def _lost(self, part: Part) -> Part:
        if part.attempt == ATTEMPTS:
            first = part.chunk.rows[0]["image_id"]
            raise TriptychError(
                f"{ATTEMPTS} actors died of the same {len(part.chunk.rows)} images, '{first}' the first of them; "
                "run them with --executor local, which finds out which one it is"
            )
        return Part(part.chunk, part.batch_id, part.attempt + 1)

    def _replace(self, lost: Any) -> None:
        """Put another actor in the place of one that has died; each of its parts comes back as lost."""
        if lost not in self.instead:
            self.instead[lost] = self._actor()
        self.idle.append(self.instead[lost])

    def _actor(self) -> Any:
        needs = {"num_gpus": 1} if self.work.place.is_cuda else {"num_cpus": 1}
        job = Job(
            packed(self.work.generator), self.work.place, self.work.batch_size, str(self.folder),
            self.work.provenance,
        )  # fmt: skip
        return self.ray.remote(Worker).options(**needs).remote(job)

    def _count(self) -> int:
        kind = "GPU" if self.work.place.is_cuda else "CPU"
        count = int(self.ray.cluster_resources().get(kind, 0))
        if count == 0:
            raise UsageError(f"the Ray cluster has no {kind}; choose another --device")
        return self.work.options.workers or count


def _cause(error: Any) -> Exception:
    """What an actor raised; our own errors as they were."""
    cause = error.cause
    return cause if isinstance(cause, TriptychError) else TriptychError(f"an actor failed: {cause}")


@contextmanager
def _cluster() -> Iterator[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = whole("ray")
    except ImportError as error:
        raise MissingExtraError("ray", extra="ray") from error
    if ray.is_initialized():
        yield ray
        return
    here = {} if os.environ.get("RAY_ADDRESS") else {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    logging.getLogger(_AUTHENTICATION).setLevel(logging.ERROR)
    with unheard():
        ray.init(log_to_driver=False, configure_logging=False, **here)
    try:
        yield ray
    finally:
        ray.shutdown()
