"""Marks: what every image of one snapshot has, in memory, so that facets and coverage of a slice need no scan."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.readers import Readers
from catalog.slices import coverage, facets, marking, roi_codes
from catalog.slices.filter import LAYERS, Filter
from catalog.slices.marked import STATES, Chosen, Marked, Mask, Tally, tally
from catalog.slices.places import Places
from catalog.slices.query import build, only
from catalog.slices.selection import Selection
from catalog.slices.summed import MOST, Summed, Sums, summed

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.slices.view import View

_OF_PROFILES = ("modality", "region", "organ", "disease", "source")
_LAYERS = ("has", "missing", "stale")
OF_PROFILES = (*_OF_PROFILES, "organs", "diseases")
COLUMNS: tuple[str, ...] = (*OF_PROFILES, *roi_codes.VALUES)
"""The facets that marks count; the lake is asked for others."""
_KEPT = 16
"""Slices whose counts are kept, at most a megabyte each."""


class Marks:
    """What every image of one snapshot has, in memory: 6 bytes each and 2 for each region beyond its first.

    A thread of its own reads them. Methods may be called from any thread; until everything is read they wait. Slices by
    modality, region, organ, disease, source, ``has``, ``missing``, ``stale``, and by kind, zone or area of regions are
    counted by themselves; others by their view. What marks cannot count (labels, areas that do not begin and end at
    edges of ``areas.EDGES`` where facets of regions are asked for) is asked of the lake, at the same snapshot.
    """

    snapshot: int
    """The snapshot that the counts are of."""

    def __init__(self, readers: Readers, snapshot: int) -> None:
        self._readers = readers
        self.snapshot = snapshot
        self._done = threading.Event()
        self._error: BaseException | None = None
        self._sums: Sums | None = None
        self._kept: dict[tuple[Any, ...], Tally] = {}
        self._tallying = threading.Lock()
        self._worker = threading.Thread(target=self._work, name=f"marks of snapshot {snapshot}", daemon=True)
        self._worker.start()

    @property
    def ready(self) -> bool:
        """Whether all is read (or the worker has failed, which the next call tells)."""
        return self._done.is_set()

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
            QueryError: The lake could not be read, or reading was interrupted.
            UsageError: The lake is closed.
        """
        self._readers.require_open()
        self._done.wait()
        self._readers.require_open()
        if self._error is not None:
            raise self._error

    def facets(self, said: Filter, columns: Sequence[str], *, view: View | None = None) -> dict[str, pa.Table]:
        """What ``Slice.facets`` gives for this slice at the snapshot of the marks.

        Args:
            said: The slice.
            columns: What to count by.
            view: A view of the slice at this snapshot, if there is one: it spares a scan where marks do not tell which
                images the slice holds.

        Raises:
            QueryError: The lake could not be read.
            UsageError: A column cannot be counted by, or the lake is closed.
        """
        facets.require_known(columns)
        self.wait()
        counted = [column for column in dict.fromkeys(columns) if column in COLUMNS]
        of_regions = [column for column in counted if column in roi_codes.VALUES]
        if of_regions and not (self._marked.known_regions and roi_codes.told(said)):
            counted = [column for column in counted if column not in of_regions]
        chosen = self._chosen(said, view) if counted else None
        found = self._counted(said, chosen, counted) if chosen is not None else {}
        if rest := [column for column in columns if column not in found]:
            found |= self._selection(said).ask(lambda sight, query: facets.facets(sight, query, rest))
        return {column: found[column] for column in columns}

    def coverage(self, said: Filter, *, view: View | None = None) -> pa.Table:
        """What ``Slice.coverage`` gives for this slice at the snapshot of the marks; see ``facets``.

        Raises:
            QueryError: The lake could not be read.
            UsageError: The lake is closed.
        """
        self.wait()
        chosen = self._chosen(said, view)
        if chosen is None:
            return self._selection(said).ask(coverage.coverage)
        counts = self._tally(said, chosen, regions=False)
        by_state = {
            state: {layer: counts.layer(state, place) for place, layer in enumerate(LAYERS)} for state in STATES
        }
        return coverage.table(counts.images(), by_state)

    def count(self, said: Filter, *, view: View | None = None) -> int:
        """The number of images of this slice at the snapshot of the marks.

        Raises:
            QueryError: The lake could not be read.
            UsageError: The lake is closed.
        """
        self.wait()
        chosen = self._chosen(said, view)
        return self._selection(said).count() if chosen is None else self._tally(said, chosen, regions=False).images()

    def places(self, said: Filter) -> Places | None:
        """Where the images of this slice lie at the snapshot of the marks; None where these do not tell, or not yet.

        Raises:
            QueryError: The lake could not be read.
            UsageError: The lake is closed.
        """
        if not self.ready or self.failed or not self._marked.profiles.together:
            return None
        chosen = self._chosen(said, None)
        return None if chosen is None else Places(self._marked, chosen)

    def _selection(self, said: Filter) -> Selection:
        return Selection(self._readers, said if said.at is not None else replace(said, at=self.snapshot))

    def _chosen(self, said: Filter, view: View | None) -> Chosen | None:
        """Which images a slice holds; None where neither the marks nor a view tell."""
        if said.at not in (None, self.snapshot):
            return None
        regions = roi_codes.table(said) if roi_codes.told(said) else roi_codes.table(Filter())
        told = self._marked.known_regions and roi_codes.told(said)
        if only(said, (*_OF_PROFILES, *_LAYERS, *roi_codes.FLAGS)) and (told or not _of_regions(said)):
            return Chosen(
                profiles=self._profiles(said), regions=regions, narrowed=_of_regions(said), layers=tuple(_layers(said))
            )
        if view is None or view.snapshot != self.snapshot or view.said != said:
            return None
        return Chosen(profiles=self._profiles(Filter()), regions=regions, only=self._seen(view))

    def _seen(self, view: View) -> Mask:
        found = np.zeros(self._marked.profiles.of.size, bool)
        for numbers in view.numbers():
            found[numbers] = True
        return found

    def _profiles(self, said: Filter) -> Mask:
        """For each profile whether the slice holds its images; for no image, not."""
        part = Filter(**{name: getattr(said, name) for name in _OF_PROFILES})
        if part == Filter():
            return np.append(np.ones(self._known.size, bool), False)

        def ask(sight: Sight) -> NDArray[np.int64]:
            found = build(part, sight).of_profiles("SELECT DISTINCT profile FROM {profiles}").fetchnumpy()
            return np.asarray(found["profile"], np.int64)

        return np.append(np.isin(self._known, self._readers.together(ask)), False)

    def _tally(self, said: Filter, chosen: Chosen, *, regions: bool) -> Tally | Summed:
        if self._sums is not None and chosen.only is None and not chosen.narrowed and not chosen.layers:
            return self._sums.of(chosen.profiles)
        key = (replace(said, at=None), chosen.only is None, regions)
        found = self._kept.get(key) or self._kept.get((*key[:2], True))
        if found is None:
            found = tally(self._marked, chosen, self._known.size, regions=regions)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found

    def _counted(self, said: Filter, chosen: Chosen, columns: Sequence[str]) -> dict[str, pa.Table]:
        regions = any(column in roi_codes.VALUES for column in columns)
        counts = self._tally(said, chosen, regions=regions)
        return {
            column: _of_codes(counts, chosen, column)
            if column in roi_codes.VALUES
            else self._by_profile(counts, column)
            for column in columns
        }

    def _by_profile(self, counts: Tally | Summed, column: str) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        values, images = self._table.column(column), counts.profiles[:-1]
        if column in ("organs", "diseases"):
            images = images[pc.list_parent_indices(values).to_numpy()]
            values = pc.list_flatten(values)
        held = images > 0
        table = pa.table({"value": values, "images": images}).filter(pa.array(held))
        summed = table.group_by("value").aggregate([("images", "sum")])
        return _sorted(summed.column("value"), summed.column("images_sum"))

    def _work(self) -> None:
        try:
            with self._readers.fixed(self.snapshot) as connection:
                self._table = marking.profiles(connection).combine_chunks()
                self._known: NDArray[np.int64] = self._table.column("profile").to_numpy()
                self._marked: Marked = marking.marked(connection, self._known)
        except duckdb.Error as error:
            self._error = guard.explained(error)
        except BaseException as error:
            self._error = error
        self._done.set()
        if self._error is None and self._known.size <= MOST:
            self._sums = summed(self._marked, self._known.size)


def _of_regions(said: Filter) -> bool:
    return bool(said.roi_label or said.roi_kind or said.roi_area or said.roi_zone or said.roi_aspect)


def _layers(said: Filter) -> list[tuple[str, int, bool]]:
    asked = [("has", said.has, True), ("has", said.missing, False), ("stale", said.stale, True)]
    return [
        (state, sum(1 << LAYERS.index(name) for name in set(names)), there) for state, names, there in asked if names
    ]


def _of_codes(counts: Tally | Summed, chosen: Chosen, column: str) -> pa.Table:
    import pyarrow as pa

    found = {value: counts.bit(chosen.regions, *place) for value, place in roi_codes.VALUES[column].items()}
    if column != facets.AREA:
        found = {value: count for value, count in found.items() if count}
    values, images = pa.array(list(found), pa.string()), pa.array(list(found.values()), pa.int64())
    return pa.table({"value": values, "count": images}) if column == facets.AREA else _sorted(values, images)


def _sorted(values: pa.Array, images: pa.Array) -> pa.Table:
    import pyarrow as pa

    return pa.table({"value": values, "count": images}).sort_by([("count", "descending"), ("value", "ascending")])
