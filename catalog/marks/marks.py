"""Marks: what every image of one snapshot has, in memory, so that facets and coverage of a slice need no scan."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import duckdb
import numpy as np

from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.readers import Readers
from catalog.marks import asked as asking
from catalog.marks import reading, roi_codes, sums, tables
from catalog.marks.arrays import STATES, Arrays, Bits, Mask, Numbers
from catalog.marks.asked import OF_LAYERS, OF_PROFILES, OUT, Asked
from catalog.marks.counting import Counts, count
from catalog.marks.places import Places
from catalog.marks.sums import Sums
from catalog.marks.turns import Turns
from catalog.slices import coverage, facets
from catalog.slices.filter import LAYERS, Filter
from catalog.slices.query import build
from catalog.slices.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.slices.view import View

_FLAGS = {"organs": "organ", "diseases": "disease"} | {name: name for name in (*OF_PROFILES, *roi_codes.FLAGS)}
"""The flag that asks for the values of a column."""
COLUMNS: tuple[str, ...] = (*OF_PROFILES, "organs", "diseases", *roi_codes.VALUES)
"""The facets that marks count; the lake is asked for others."""
_KEPT = 8
"""Slices whose counts are kept: some 4 MB each of 25 million images."""
_FITTING = 64
"""Flags with their words of which it is kept which profiles they leave: a byte a profile."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class Marks:
    """What every image of one snapshot has, in memory: see ``arrays``.

    A thread of its own reads them. Methods may be called from any thread; until everything is read they wait, and
    ``interrupt`` ends that. Slices by modality, region, organ, disease, source, ``has``, ``missing``, ``stale``, and by
    kind, zone or area of regions are counted by themselves, in one look at all images; others by their view. What marks
    cannot count (labels, areas that do not begin and end at edges of ``areas.EDGES`` where facets of regions are asked
    for) is asked of the lake, at the same snapshot.
    """

    snapshot: int
    """The snapshot that the counts are of."""

    def __init__(self, readers: Readers, snapshot: int) -> None:
        self._readers = readers
        self.snapshot = snapshot
        self._arrays: Arrays | None = None
        self._error: BaseException | None = None
        self._sums: sums.Rows | None = None
        self._turns = Turns()
        self._kept: dict[tuple[Filter, bool], Counts] = {}
        self._fitting: dict[tuple[str, tuple[str, ...]], Mask] = {}
        self._worker = threading.Thread(target=self._work, name=f"marks of snapshot {snapshot}", daemon=True)
        self._worker.start()

    @property
    def ready(self) -> bool:
        """Whether all is read (or the worker has failed, which the next call tells)."""
        return self._arrays is not None or self.failed

    @property
    def summed(self) -> bool:
        """Whether slices of whole profiles (modality, organ and the like alone) are answered from sums, at once."""
        return self._sums is not None

    @property
    def failed(self) -> bool:
        """Whether the worker has failed."""
        return self._error is not None

    def wait(self) -> None:
        """Wait until all is read.

        Raises:
            QueryError: The lake could not be read, or reading or this wait was interrupted.
            UsageError: The lake is closed.
        """
        self._read()

    def interrupt(self, *, of: int | None = None) -> None:
        """Stop whoever waits or counts, or the thread with the identity ``of``; reading goes on."""
        self._turns.stop(of=of)

    def facets(
        self, said: Filter, columns: Sequence[str], *, view: View | None = None, freed: bool = False
    ) -> dict[str, pa.Table]:
        """What ``Slice.facets`` gives for this slice at the snapshot of the marks.

        Args:
            said: The slice.
            columns: What to count by.
            view: A view of the slice at this snapshot, if there is one: it spares a scan where marks do not tell which
                images the slice holds.
            freed: Count each column as if its own flag were not given: what each other value would add.

        Raises:
            QueryError: The lake could not be read, or this was interrupted.
            UsageError: A column cannot be counted by, or the lake is closed.
        """
        facets.require_known(columns)
        arrays = self._read()
        asked = self._asked(arrays, said, view)
        own = [column for column in columns if freed and column in _FLAGS and getattr(said, _FLAGS[column])]
        apart = own if asked is None or asked.only is not None else []
        known = [c for c in dict.fromkeys(columns) if c in COLUMNS and c not in apart]
        if not (asked and asked.regions):
            known = [column for column in known if column not in roi_codes.VALUES]
        found: dict[str, pa.Table] = {}
        if asked is not None and known:
            counts = self._counts(arrays, said, asked)
            apart += [column for column in own if column in known and not counts.tell(_FLAGS[column])]
            told = [column for column in known if column not in apart]
            found = {c: _facet(arrays, counts, c, free=_FLAGS[c] if c in own else "") for c in told}
        for column in apart:
            found |= self.facets(asking.without(said, _FLAGS[column]), [column])
        if rest := [column for column in columns if column not in found]:
            found |= self._selection(said).ask(lambda sight, query: facets.facets(sight, query, rest))
        return {column: found[column] for column in columns}

    def coverage(self, said: Filter, *, view: View | None = None, freed: bool = False) -> pa.Table:
        """What ``Slice.coverage`` gives for this slice at the snapshot of the marks; see ``facets``.

        With ``freed``, of the slice without what it asks of layers.

        Raises:
            QueryError: The lake could not be read, or this was interrupted.
            UsageError: The lake is closed.
        """
        arrays = self._read()
        asked = self._asked(arrays, said, view)
        if freed and asked is not None and asked.only is not None and any(getattr(said, flag) for flag in OF_LAYERS):
            return self.coverage(asking.without(said, *OF_LAYERS))
        if asked is None:
            return self._selection(asking.without(said, *OF_LAYERS) if freed else said).ask(coverage.coverage)
        counts = self._counts(arrays, said, asked)
        by_state = {
            state: {layer: counts.layer(state, place, free=freed) for place, layer in enumerate(LAYERS)}
            for state in STATES
        }
        return coverage.table(counts.freed() if freed else counts.images(), by_state)

    def count(self, said: Filter, *, view: View | None = None) -> int:
        """The number of images of this slice at the snapshot of the marks.

        Raises:
            QueryError: The lake could not be read, or this was interrupted.
            UsageError: The lake is closed.
        """
        arrays = self._read()
        asked = self._asked(arrays, said, view)
        return self._selection(said).count() if asked is None else self._counts(arrays, said, asked).images()

    def places(self, said: Filter) -> Places | None:
        """Where the images of this slice lie; None where marks do not tell, or not yet.

        Raises:
            QueryError: The lake could not be read.
            UsageError: The lake is closed.
        """
        if (arrays := self._arrays) is None or (asked := self._asked(arrays, said, None)) is None:
            return None
        return Places(arrays, asked, lambda: self._looked(arrays, said, asked))

    def _read(self) -> Arrays:
        self._readers.require_open()
        self._turns.wait(lambda: self.ready)
        self._readers.require_open()
        if self._error is not None:
            raise self._error
        assert self._arrays is not None  # noqa: S101 - ready and not failed
        return self._arrays

    def _selection(self, said: Filter) -> Selection:
        return Selection(self._readers, said if said.at is not None else replace(said, at=self.snapshot))

    def _asked(self, arrays: Arrays, said: Filter, view: View | None) -> Asked | None:
        """What a slice asks; None where neither the marks nor a view tell which images it holds."""
        if said.at not in (None, self.snapshot):
            return None
        codes = asking.tables(said, summed=self.summed) if asking.codes_tell(said, arrays) else {}
        if asking.told(said, arrays):
            profiles = self._profiles(arrays, said)
            narrowed, layers = asking.of_regions(said), asking.layers(said)
            return Asked(profiles=profiles, regions=codes, narrowed=narrowed, layers=layers)
        if view is None or view.snapshot != self.snapshot or view.said != said:
            return None
        codes = {"": codes[""]} if codes else {}
        return Asked(profiles=self._profiles(arrays, Filter()), regions=codes, only=_seen(arrays, view))

    def _profiles(self, arrays: Arrays, said: Filter) -> Bits:
        """What ``Asked.profiles`` holds."""
        given = [(n, flag) for n, flag in enumerate(OF_PROFILES, 1) if getattr(said, flag)]
        found = np.append(np.zeros(arrays.profiles.size, np.uint8), np.uint8(OUT))
        for n, flag in given:
            fails = ~self._fit(arrays.profiles.ids, flag, getattr(said, flag))
            found[:-1][fails] = np.where(found[:-1][fails] == 0, n, OUT)
        return found

    def _fit(self, ids: Numbers, flag: str, words: tuple[str, ...]) -> Mask:
        """Which profiles satisfy a flag."""

        def ask(sight: Sight) -> Numbers:
            part = build(replace(Filter(), **{flag: words}), sight)  # type: ignore[arg-type] # a flag of OF_PROFILES
            return np.asarray(part.of_profiles("SELECT DISTINCT profile FROM {profiles}").fetchnumpy()["profile"])

        if (found := self._fitting.get((flag, words))) is None:
            found = np.isin(ids, self._readers.together(ask))
            _keep(self._fitting, (flag, words), found, most=_FITTING)
        return found

    def _counts(self, arrays: Arrays, said: Filter, asked: Asked) -> Counts | Sums:
        if self._sums is not None and asked.whole:
            return Sums(self._sums, asked)
        return self._looked(arrays, said, asked)

    def _looked(self, arrays: Arrays, said: Filter, asked: Asked) -> Counts:
        """The counts of a slice; who comes second finds what the first one counted."""
        key = replace(said, at=None), asked.only is None
        if (found := self._kept.get(key)) is not None:
            return found
        with self._turns.turn() as stopped:
            if (found := self._kept.get(key)) is None:
                found = count(arrays, asked, stopped)
                if not stopped():
                    _keep(self._kept, key, found, most=_KEPT)
        return found

    def _work(self) -> None:
        try:
            with self._readers.fixed(self.snapshot) as connection:
                self._arrays = arrays = reading.arrays(connection)
        except duckdb.Error as error:
            self._error = guard.explained(error)
        except BaseException as error:
            self._error = error
        self._turns.tell()
        if self._error is None and arrays.profiles.size <= sums.MOST:
            self._sums = sums.rows(arrays)


def _keep(known: dict[Key, Value], key: Key, value: Value, *, most: int) -> None:
    """Keep a value, and let go of the oldest ones."""
    while len(known) >= most:
        known.pop(next(iter(known)), None)
    known[key] = value


def _seen(arrays: Arrays, view: View) -> Mask:
    found = np.zeros(arrays.images, bool)
    for numbers in view.numbers():
        found[numbers] = True
    return found


def _facet(arrays: Arrays, counts: Counts | Sums, column: str, *, free: str) -> pa.Table:
    """The facet of a column, of the slice without the flag ``free``."""
    if column in roi_codes.VALUES:
        return tables.by_code(counts, column, free=free)
    return tables.by_profile(arrays.profiles.table.column(column), counts.of_profiles(free)[:-1])
