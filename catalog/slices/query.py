"""Builds the SQL of a slice: the only place that does. Values are bound, never written into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import duckdb

from catalog.lake import guard
from catalog.lake.cube import PROFILES
from catalog.lake.layout import NUMBER_BITS
from catalog.slices.filter import Filter, Range, from_json
from catalog.slices.terms import Terms, zone


class Query:
    """The images of a slice, as SQL text and the values bound in it; a part is written when it is first asked for."""

    def __init__(self, said: Filter, connection: duckdb.DuckDBPyConnection, *, cube: str, lasting: bool) -> None:
        self.cube = cube
        self._said = said
        self._builder = _Builder(connection, cube=cube, lasting=lasting)

    @cached_property
    def images(self) -> str:
        """A SELECT of all columns of the images in the slice."""
        return self._builder.images(self._said)

    @cached_property
    def rois(self) -> str:
        """A predicate over ``rois`` for the regions that the ROI flags ask for; ``true`` without such flags."""
        return " AND ".join(self._builder.roi_flags(self._said)) or "true"

    @cached_property
    def profiles(self) -> str | None:
        """A predicate over the table ``cube`` that means the slice, where one does: its counts need no scan."""
        return self._builder.profiles(self._said)

    @cached_property
    def regions(self) -> str | None:
        """A predicate over ``rois`` that means the slice, where one does: the images that have such a region."""
        return self._builder.regions(self._said)

    @property
    def searched(self) -> str:
        """The table in which ``regions`` is found with the least reading: ``roi_index``, or ``rois`` itself."""
        return _searched(self._said)

    @property
    def narrow(self) -> bool:
        """Whether the slice leaves anything out."""
        return self.images != _ALL

    def select(self, columns: str, *, rest: str = "") -> str:
        """``SELECT columns FROM`` the slice, and ``rest`` (GROUP BY, ORDER BY, LIMIT)."""
        return f"SELECT {columns} FROM ({self.images}) AS slice {rest}".rstrip()

    def bound(self, sql: str) -> dict[str, Any]:
        """The values that ``sql``, which holds parts of this query, names; DuckDB refuses any more."""
        named = set(_NAMED.findall(sql))
        return {name: value for name, value in self._builder.values.items() if name in named}


def build(said: Filter, connection: duckdb.DuckDBPyConnection, *, cube: str = PROFILES, lasting: bool = False) -> Query:
    """The query that a filter means in the lake of ``connection``.

    It names the range of row keys that its images have at this moment, which spares most of a scan: ask it in the same
    transaction, or, of a fixed snapshot, ever after. A ``lasting`` one does without. ``cube`` is the table to read
    profiles from.

    Raises:
        UnknownTermError: A word that neither the vocabulary nor the lake knows.
        UsageError: A saved slice or split that is not there.
        QueryError: A ``where`` that does not parse.
    """
    query = Query(said, connection, cube=cube, lasting=lasting)
    if query.profiles is None and query.regions is None:
        query.images  # noqa: B018 - written now, so that a wrong flag is told now
    return query


_ALL = "SELECT * FROM images"
_NAMED = re.compile(r"\$(\w+)")
_OF_PROFILES = ("modality", "region", "organ", "disease", "source", "license")
_OF_ROIS = ("roi_label", "roi_kind", "roi_area", "roi_zone", "roi_aspect")


class _Builder:
    """Collects bound values while predicates are written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, cube: str, lasting: bool) -> None:
        self._cube = cube
        self._lasting = lasting
        self.values: dict[str, Any] = {}
        self._connection = connection
        self._terms = Terms(connection, cube)
        self._repeated: dict[Filter, list[str]] = {}

    def images(self, said: Filter, seen: tuple[str, ...] = ()) -> str:
        predicates = [*self._image_flags(said), *self._region_of_interest(said), *self._layers(said)]
        predicates += [*self._texts(said), *self._wheres(said), *self._splits(said), *self._saved(said, seen)]
        query = f"{_ALL} WHERE {' AND '.join(predicates)}" if predicates else _ALL
        if said.sample is None:
            return query
        order = f"md5(image_id || {self._bind(str(said.seed))}), image_id"
        keys = query.replace("*", "image_key", 1)
        return f"{_ALL} WHERE image_key IN ({keys} ORDER BY {order} LIMIT {self._bind(said.sample)})"

    def profiles(self, said: Filter) -> str | None:
        """A predicate over ``profiles``, if no other table is needed."""
        if not only(said, _OF_PROFILES):
            return None
        licenses = [self._in("license", self._terms.license(said.license))] if said.license else []
        return " AND ".join([*self._profile_flags(said), *licenses]) or "true"

    def regions(self, said: Filter) -> str | None:
        """A predicate over ``rois``, if no other table is needed and regions are asked for."""
        if said.license or not only(said, (*_OF_PROFILES, *_OF_ROIS)) or only(said, _OF_PROFILES):
            return None
        return " AND ".join([*self.roi_flags(said), *self._repeated_flags(said)])

    def roi_flags(self, said: Filter) -> list[str]:
        """Predicates over ``rois`` that one region satisfies together."""
        found = []
        if said.roi_label:
            found.append(self._in("lower(label)", self._terms.label(said.roi_label)))
        if said.roi_kind:
            found.append(self._in("kind", said.roi_kind))
        if said.roi_area:
            found.append(self._ranges("area_ratio", said.roi_area))
        if said.roi_aspect:
            found.append(self._ranges("aspect", said.roi_aspect))
        if said.roi_zone:
            found.append(_either(self._zone(text) for text in said.roi_zone))
        return found

    def _profile_flags(self, said: Filter) -> list[str]:
        """Predicates over ``profiles``."""
        found = [
            self._in(column, self._terms.canonical(words, column))
            for column, words in (("modality", said.modality), ("region", said.region))
            if words
        ]
        for column, words in (("organ", said.organ), ("disease", said.disease)):
            if words:
                names = self._terms.canonical(words, column, many=True)
                found.append(_either(f"list_contains({column}s, {self._bind(name)})" for name in names))
        if said.source:
            found.append(self._in("source", self._terms.source(said.source)))
        return found

    def _repeated_flags(self, said: Filter) -> list[str]:
        """Predicates over what images, regions and descriptions all carry: modality, source, profile and row key."""
        if said not in self._repeated:
            self._repeated[said] = self._write_repeated_flags(said)
        return self._repeated[said]

    def _write_repeated_flags(self, said: Filter) -> list[str]:
        found = []
        if said.modality:
            found.append(self._in("modality", self._terms.canonical(said.modality, "modality")))
        if said.source:
            found.append(self._in("source", self._terms.source(said.source)))
        if said.region or said.organ or said.disease:
            flags = " AND ".join(self._profile_flags(said))
            found.append(f"profile IN (SELECT profile FROM {self._cube} WHERE {flags})")
            found += [] if self._lasting else [self._span(flags)]
        return found

    def _span(self, flags: str) -> str:
        """The range of row keys in which images of these profiles lie: it prunes files and row groups.

        One range, though profiles may lie in several: DuckDB does not prune by alternatives.
        """
        where = f"FROM {self._cube} WHERE {flags}"
        query = f"SELECT min(c), max(c) FROM (SELECT image_cluster(modality, organ, disease) AS c {where})"
        named = {name: self.values[name] for name in _NAMED.findall(query)}
        low, high = self._connection.execute(query, named).fetchall()[0]
        return "false" if low is None else f"image_key BETWEEN {low << NUMBER_BITS} AND {(high + 1 << NUMBER_BITS) - 1}"

    def _image_flags(self, said: Filter) -> list[str]:
        found = self._repeated_flags(said)
        if said.license:
            found.append(self._in("license", self._terms.license(said.license)))
        if said.roi_count:
            found.append(self._ranges("roi_count", said.roi_count))
        return found

    def _region_of_interest(self, said: Filter) -> list[str]:
        flags = self.roi_flags(said)
        if not flags:
            return []
        # Regions repeat what slices ask of their image: naming it here, too, prunes their files.
        predicates = " AND ".join([*flags, *self._repeated_flags(said)])
        return [f"image_key IN (SELECT image_key FROM {_searched(said)} WHERE {predicates})"]

    def _layers(self, said: Filter) -> list[str]:
        found = []
        if said.has:
            found.append(_either(f"image_key IN ({self._layer('layers', name)})" for name in said.has))
        if said.missing:
            found.append(_either(f"image_key NOT IN ({self._layer('layers', name)})" for name in said.missing))
        if said.stale:
            found.append(_either(f"image_key IN ({self._layer('stale', name)})" for name in said.stale))
        return found

    def _layer(self, view: str, name: str) -> str:
        return f"SELECT image_key FROM {view} WHERE layer = {self._bind(name)}"

    def _texts(self, said: Filter) -> list[str]:
        if not said.text:
            return []
        spoken = _either(
            " AND ".join(f"contains(lower(text), {self._bind(word.lower())})" for word in words.split())
            for words in said.text
        )
        return [f"image_key IN (SELECT image_key FROM descriptions WHERE {spoken})"]

    def _wheres(self, said: Filter) -> list[str]:
        for predicate in said.where:
            guard.check_predicate(self._connection, predicate)
        return [_either(f"(\n{predicate}\n)" for predicate in said.where)] if said.where else []

    def _splits(self, said: Filter) -> list[str]:
        if not said.split:
            return []
        pairs = [self._terms.split(text) for text in said.split]
        spoken = _either(f"name = {self._bind(name)} AND part = {self._bind(part)}" for name, part in pairs)
        return [f"image_id IN (SELECT image_id FROM splits WHERE {spoken})"]

    def _saved(self, said: Filter, seen: tuple[str, ...]) -> list[str]:
        if not said.slice:
            return []
        nested = [from_json(self._terms.saved(name)) for name in said.slice if name not in seen]
        queries = (self.images(part, (*seen, *said.slice)) for part in nested)
        return [_either(f"image_key IN (SELECT image_key FROM ({query}))" for query in queries)] if nested else []

    def _zone(self, text: str) -> str:
        vertical, horizontal = zone(text)
        parts = [("zone_v", vertical), ("zone_h", horizontal)]
        return " AND ".join(f"{column} = {self._bind(value)}" for column, value in parts if value)

    def _in(self, column: str, values: Sequence[str]) -> str:
        return f"{column} IN ({', '.join(self._bind(value) for value in values)})"

    def _ranges(self, column: str, ranges: Iterable[Range]) -> str:
        return _either(self._range(column, low, high) for low, high in ranges)

    def _range(self, column: str, low: float | None, high: float | None) -> str:
        ends = [(">=", low), ("<=", high)]
        return " AND ".join(f"{column} {sign} {self._bind(end)}" for sign, end in ends if end is not None)

    def _bind(self, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def only(said: Filter, names: Iterable[str]) -> bool:
    """Whether a filter asks for nothing beside these fields (and a snapshot)."""
    return set(said.given()) <= {*names, "at"}


def _searched(said: Filter) -> str:
    """Zones lie together in the index, and areas within them; what organ or disease narrows lies together in rois."""
    narrowed = said.region or said.organ or said.disease
    indexed = said.roi_zone or (said.roi_area and not narrowed)
    return "roi_index" if indexed and not said.roi_aspect else "rois"


def _either(predicates: Iterable[str]) -> str:
    alternatives = list(predicates)
    return alternatives[0] if len(alternatives) == 1 else "(" + " OR ".join(f"({part})" for part in alternatives) + ")"
