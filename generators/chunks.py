"""Reads what is to be done from the lake, a chunk at a time and one chunk ahead."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TYPE_CHECKING

from catalog.lake.claims import Claims
from catalog.lake.cube import Sight
from catalog.slices import pending
from catalog.slices.keys import Keys
from catalog.sqlfiles import identifier
from generators.feed import IMAGES_A_TASK, TASKS_AHEAD
from generators.items import CARRIED, OF_PIXELS, SEEN, Chunk, Entry, grouped
from generators.work import Work

if TYPE_CHECKING:
    import duckdb

FIRST = 512
"""Images of the first chunk, at most: few, so that the device begins at once."""
FIRST_BATCHES = 2
"""Batches of the first chunk, at most, and of any, at least: other runs share what takes long."""
LARGEST = 16_384
WINDOW = 4 * LARGEST
"""Images among which the next ones are looked for."""
SECONDS = 10.0
"""Work that a chunk should hold: what another run beside cannot take."""


class Chunks:
    """The images to do, as entries; those that other runs do are left to them."""

    def __init__(self, work: Work, todo: Keys, claims: Claims, run_id: str) -> None:
        self.left = 0
        """Images left to other runs."""
        self.fresh = 0
        """Images that other runs had done meanwhile."""
        self._work, self._claims, self._run_id = work, claims, run_id
        self._todo = deque(todo[start : start + WINDOW] for start in range(0, todo.size, WINDOW))
        workers = work.workers(cpu_count() or 1)
        self._ahead = 4 * (1 + workers) * work.batch_size + IMAGES_A_TASK * TASKS_AHEAD * workers
        """Images that are taken before the first are done, and say nothing of how long one takes."""
        self._handed = 0
        self._least = min(FIRST, FIRST_BATCHES * work.batch_size)
        self._size = self._least
        self._others = self._runs()

    def entries(self) -> Iterator[Entry]:
        """Every image that this run has taken."""
        for chunk in self.chunks():
            yield from (Entry(chunk, place) for place in range(len(chunk.rows)))

    def chunks(self) -> Iterator[Chunk]:
        """The same in chunks that last about as long as another run would wait; the next one is read meanwhile."""
        with ThreadPoolExecutor(1) as ahead:
            upcoming = ahead.submit(self._next)
            while (chunk := upcoming.result()) is not None:
                upcoming = ahead.submit(self._next)
                began = time.monotonic()
                yield chunk
                self._handed += len(chunk.rows)
                if self._handed > self._ahead:
                    self._adapt(len(chunk.rows), time.monotonic() - began)

    def _adapt(self, images: int, seconds: float) -> None:
        wanted = int(SECONDS * images / max(seconds, 1e-3))
        self._size = min(LARGEST, max(self._least, min(wanted, 4 * self._size)))

    def _next(self) -> Chunk | None:
        while (mine := self._take()) is not None:
            if chunk := self._read(mine):
                return chunk
        return None

    def _take(self) -> Keys | None:
        """The first images that no other run has taken; None when others do all that is left."""
        for place, window in enumerate(self._todo):
            taken = self._claims.take(window, self._size)
            if taken.any():
                self._todo[place] = window[~taken]
                while self._todo and not self._todo[0].size:
                    self._todo.popleft()
                return window[taken]
        self.left = sum(int(window.size) for window in self._todo)
        return None

    def _read(self, keys: Keys) -> Chunk | None:
        readers, asked = self._work.selection.readers, self._work.asked
        if self._claims.others or self._runs() != self._others:
            mine = readers.together(lambda sight: pending.still(sight, asked, keys))
            self.fresh += int(keys.size - mine.size)
            keys = mine
        return readers.together(lambda sight: read(sight, self._work, keys)) if keys.size else None

    def _runs(self) -> set[str]:
        """Other runs of the generator that have committed something."""
        query = "SELECT run_id FROM runs WHERE kind = ? AND run_id <> ?"
        with self._work.selection.readers.cursor() as connection:
            return {name for (name,) in connection.execute(query, [self._work.kind, self._run_id]).fetchall()}


def read(sight: Sight, work: Work, keys: Keys) -> Chunk:
    """Some images with what the generator sees of them."""
    seen = dict.fromkeys([*SEEN, *(OF_PIXELS if work.decodes else ()), *work.generator.columns])
    columns = ", ".join(identifier(name) for name in dict.fromkeys([*CARRIED, *seen]))
    connection: duckdb.DuckDBPyConnection = sight.connection
    table = pending.inputs(connection, work.asked, keys, columns)
    spoken = pending.spoken(connection, work.asked, keys)
    chunk = Chunk(table.select([*CARRIED, "input_hash"]).combine_chunks(), table.select(list(seen)).to_pylist())
    if spoken is not None:
        chunk.spoken = grouped(table.column("image_key").to_numpy(), spoken)
    return chunk
