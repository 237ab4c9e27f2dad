"""Says what a run would do, before it does it: what is missing, what it needs first, how long it takes and how much it
writes.

Time and size come from a probe: a few batches from all over the slice go through the generator, and nothing is kept.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

import numpy as np

from catalog.slices.keys import Keys
from catalog.slices.pending import Pending
from generators import rows
from generators.chunks import read
from generators.feed import pixel_source
from generators.items import Entry, Failed, Seen, prepare
from generators.model import Model, batches
from generators.results import check
from generators.work import Work

BATCHES = 3
"""Batches of a probe."""
IMAGES = 96
"""Images of a probe, at most."""
PATIENCE = 20.0
"""Seconds that a probe takes at most, once the model is loaded."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a few images took."""

    images: int
    failed: int
    seconds_to_load: float
    seconds_to_prepare: float
    """In one process, for an image."""
    seconds_to_generate: float
    """For an image."""
    bytes_to_write: float
    """For an image, in the lake."""
    example: str = ""
    """Why one of them failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do."""

    pending: Pending
    todo: int
    """Images that the run would work on."""
    batches: int
    workers: int
    probe: Probe | None = None
    """None where there is nothing to do."""

    @property
    def seconds(self) -> float | None:
        """How long the run takes: the slower of decoding, in all its processes, and the device."""
        if self.probe is None:
            return None
        decoding = self.probe.seconds_to_prepare / max(1, self.workers)
        at_once = self.workers > 0
        slowest = max(decoding, self.probe.seconds_to_generate)
        image = slowest if at_once else decoding + self.probe.seconds_to_generate
        return self.probe.seconds_to_load + image * self.todo

    @property
    def bytes(self) -> int | None:
        """How much the run writes."""
        return None if self.probe is None else round(self.probe.bytes_to_write * self.todo)


def plan(work: Work) -> Plan:
    """Count what there is to do in a slice, and try a few of its images.

    Raises:
        TriptychError: The generator cannot be loaded, or broke its contract.
        UsageError: The slice is one of an older snapshot.
    """
    found, todo = work.find()
    workers = work.workers(cpu_count() or 1)
    tried = _probe(work, todo) if todo.size else None
    return Plan(found, int(todo.size), -(-int(todo.size) // work.batch_size), workers, tried)


def _probe(work: Work, todo: Keys) -> Probe:
    wanted = min(IMAGES, BATCHES * work.batch_size, todo.size)
    chosen = np.unique(todo[np.linspace(0, todo.size - 1, wanted).astype(np.int64)])
    chunk = work.selection.readers.together(lambda sight: read(sight, work, chosen))
    began = time.perf_counter()
    model = Model(work.generator, work.place, size=work.batch_size)
    model.load()
    loaded = time.perf_counter()
    entries, preparing = _prepared(work, [Entry(chunk, place) for place in range(len(chunk.rows))])
    done: list[Entry] = []
    for batch in batches(iter(entries), work.generator, model):
        model.run(batch)
        done += batch
        if model.seconds > PATIENCE:
            break
    for entry in done:
        check(entry, work.generator.layer)
    reasons = [entry.outcome for entry in done if isinstance(entry.outcome, Failed)]
    count = max(1, len(done))
    return Probe(
        images=len(done),
        failed=len(reasons),
        seconds_to_load=loaded - began,
        seconds_to_prepare=preparing / max(1, len(entries)),
        seconds_to_generate=model.seconds / count,
        bytes_to_write=_size(work, done) / count,
        example=reasons[0].message if reasons else "",
    )


def _prepared(work: Work, entries: list[Entry]) -> tuple[list[Entry], float]:
    """The entries that could be prepared in time, and the time that took."""
    source = pixel_source(work.selection.layout)
    began = time.perf_counter()
    done = []
    for entry in entries:
        seen = Seen(entry.row, entry.chunk.spoken_of(entry.place), source)
        entry.outcome = prepare(work.generator, seen)
        entry.size = seen.size
        done.append(entry)
        if time.perf_counter() - began > PATIENCE:
            break
    source.close()
    return done, time.perf_counter() - began


def _size(work: Work, entries: list[Entry]) -> float:
    """Bytes of the rows of some images, written as the lake writes them."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        for name, table in rows.tables(entries, work.provenance, "probe").items():
            kept = table.drop_columns(["batch_id"])
            for part, written in (("rows", kept), ("none", kept.slice(0, 0))):
                file = Path(folder) / f"{name}.{part}"
                pq.write_table(written, file, compression="zstd", compression_level=1)
        sizes = {file: file.stat().st_size for file in Path(folder).iterdir()}
        return float(sum(size if file.suffix == ".rows" else -size for file, size in sizes.items()))
