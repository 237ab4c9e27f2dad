"""Builds the SQL of a slice: the only place that does. Values are bound, never written into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import duckdb

from catalog.geometry.zones import ZONES_H
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.lake.layout import NUMBER_BITS
from catalog.slices.filter import Filter, Range, from_json
from catalog.slices.terms import Terms, zone
from catalog.sqlfiles import written


class Query:
    """The images of a slice, as SQL text and the values bound in it; a part is written when it is first asked for."""

    def __init__(self, said: Filter, sight: Sight, *, lasting: bool) -> None:
        self._said = said
        self._sight = sight
        self._builder = _Builder(sight, lasting=lasting)

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
        """A predicate over ``profiles`` that means the slice, where one does: its counts need no scan."""
        return self._builder.profiles(self._said)

    @cached_property
    def regions(self) -> str | None:
        """A predicate over ``rois`` that means the slice, where one does: the images that have such a region."""
        return self._builder.regions(self._said)

    @cached_property
    def keys(self) -> str:
        """A SELECT of the row keys of all images in the slice, some of them more than once."""
        return self.select("image_key") if self.regions is None else self._builder.found_regions(self._said)

    @property
    def few_regions(self) -> bool:
        """Whether ``keys`` reads a small part of the index, less than rois are read for the first ones."""
        said = self._said
        return self.regions is not None and bool(said.modality and said.roi_zone) and not said.roi_aspect

    def clusters(self) -> list[tuple[int, int]]:
        """Where images lie that profiles do not say are outside, in order, and how many; nothing if that costs much."""
        return self._builder.clusters(self._said)

    @property
    def narrow(self) -> bool:
        """Whether the slice leaves anything out."""
        return self.images != _ALL

    def select(self, columns: str, *, rest: str = "") -> str:
        """``SELECT columns FROM`` the slice, and ``rest`` (GROUP BY, ORDER BY, LIMIT)."""
        return f"SELECT {columns} FROM ({self.images}) AS slice {rest}".rstrip()

    def of_profiles(self, sql: str, profiles: str = "") -> duckdb.DuckDBPyConnection:
        """Run ``sql``, in which {profiles} stands for a table of the profiles of the slice, or for another."""
        written = sql.format(profiles=profiles or f"(FROM {self._builder.profiles_table} WHERE {self.profiles})")
        copy = self._sight.copy
        return (copy.connection if copy else self._sight.connection).execute(written, self.bound(written))

    def written(self, sql: str) -> str:
        """``sql`` with its values written out, for a relation: one with bound values is read at once and whole."""
        return written(sql, self._builder.values)

    def bound(self, sql: str) -> dict[str, Any]:
        """The values that ``sql``, which holds parts of this query, names; DuckDB refuses any more."""
        named = set(_NAMED.findall(sql))
        return {name: value for name, value in self._builder.values.items() if name in named}


def build(said: Filter, sight: Sight, *, lasting: bool = False) -> Query:
    """The query that a filter means in a lake.

    It names the range of row keys that its images have at this moment, which spares most of a scan: ask it before
    another commit comes, or, of a fixed snapshot, ever after. A ``lasting`` one does without.

    Raises:
        UnknownTermError: A word that neither the vocabulary nor the lake knows.
        UsageError: A saved slice or split that is not there.
        QueryError: A ``where`` that does not parse.
    """
    query = Query(said, sight, lasting=lasting)
    if query.profiles is None and query.regions is None:
        query.images  # noqa: B018 - written now, so that a wrong flag is told now
    return query


_ALL = "SELECT * FROM images"
_LAST = 2**63 - 1
"""The greatest row key that there may be."""
_NAMED = re.compile(r"\$(\w+)")
_OF_PROFILES = ("modality", "region", "organ", "disease", "source", "license")
_OF_ROIS = ("roi_label", "roi_kind", "roi_area", "roi_zone", "roi_aspect")


class _Builder:
    """Collects bound values while predicates are written."""

    def __init__(self, sight: Sight, *, lasting: bool) -> None:
        self._lasting = lasting
        self.values: dict[str, Any] = {}
        self._sight = sight
        self.profiles_table = sight.copy.table if sight.copy else "profiles"
        self._terms = Terms(sight, self.profiles_table)
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

    def clusters(self, said: Filter) -> list[tuple[int, int]]:
        """Upper bits of the row keys that images of the profiles may have, and how many have them."""
        copy = self._sight.copy
        if copy is None and said.modality and self.profiles(said):
            return []  # its images lie together and are read sooner than all profiles
        flags = " AND ".join(self._profile_flags(said)) or "true"
        cluster = "cluster" if copy else "image_cluster(modality, organ, disease)"
        query = f"SELECT {cluster}, sum(images)::BIGINT FROM {self.profiles_table} WHERE {flags} GROUP BY 1 ORDER BY 1"
        named = {name: self.values[name] for name in _NAMED.findall(query)}
        return (copy or self._sight).connection.execute(query, named).fetchall()

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
        """Predicates over what images, regions and descriptions all carry, and are sorted by: they name the range."""
        if said not in self._repeated:
            self._repeated[said] = self._profiled_flags(said)
            if not self._lasting and (said.region or said.organ or said.disease):
                self._repeated[said].append(self._span(" AND ".join(self._profile_flags(said))))
        return self._repeated[said]

    def _profiled_flags(self, said: Filter) -> list[str]:
        """Predicates over modality, source and profile, which the index of regions carries, too."""
        found = []
        if said.modality:
            found.append(self._in("modality", self._terms.canonical(said.modality, "modality")))
        if said.source:
            found.append(self._in("source", self._terms.source(said.source)))
        if said.region or said.organ or said.disease:
            flags = " AND ".join(self._profile_flags(said))
            found.append(f"profile IN (SELECT profile FROM {self.profiles_table} WHERE {flags})")
        return found

    def _span(self, flags: str) -> str:
        """The range of row keys in which images of these profiles lie: it prunes files and row groups.

        One range, though profiles may lie in several: DuckDB does not prune by alternatives.
        """
        copy = self._sight.copy
        cluster = "cluster" if copy else "image_cluster(modality, organ, disease)"
        query = f"SELECT min({cluster}), max({cluster}) FROM {self.profiles_table} WHERE {flags}"
        named = {name: self.values[name] for name in _NAMED.findall(query)}
        low, high = (copy or self._sight).connection.execute(query, named).fetchall()[0]
        return "false" if low is None else f"image_key BETWEEN {low << NUMBER_BITS} AND {(high + 1 << NUMBER_BITS) - 1}"

    def _image_flags(self, said: Filter) -> list[str]:
        found = self._repeated_flags(said)
        if said.license:
            found.append(self._in("license", self._terms.license(said.license)))
        if said.roi_count:
            found.append(self._ranges("roi_count", said.roi_count))
        return found

    def _region_of_interest(self, said: Filter) -> list[str]:
        return [f"image_key IN ({self.found_regions(said)})"] if self.roi_flags(said) else []

    def found_regions(self, said: Filter) -> str:
        """A SELECT of the row keys of regions that the ROI flags ask for, from the table where that reads least.

        Regions repeat what slices ask of their image: naming it here, too, prunes their files. In the index regions of
        one zone lie together, and areas within them; what organ or disease narrows lies together in rois.
        """
        narrowed = said.region or said.organ or said.disease
        if said.roi_aspect or not (said.roi_zone or (said.roi_area and not narrowed)):
            flags, table = [*self.roi_flags(said), *self._repeated_flags(said)], "rois"
        else:
            flags = [*self.roi_flags(replace(said, roi_zone=())), *self._places(said), *self._profiled_flags(said)]
            table = "roi_index"
        return f"SELECT image_key FROM {table} WHERE {' AND '.join(flags)}"

    def _places(self, said: Filter) -> list[str]:
        """Predicates over ``roi_index`` that mean the zones: one row or cell of them is a range of places."""
        zones = [zone(text) for text in said.roi_zone]
        if len(zones) != 1 or zones[0][0] is None:
            return [_either(self._zone(text) for text in said.roi_zone)] if zones else []
        vertical, horizontal = (self._bind(word) for word in zones[0])
        if zones[0][1] is not None:
            return [f"place BETWEEN {' AND '.join(self._cell(said, horizontal, vertical))}"]
        rightmost = self._bind(ZONES_H[-1])
        return [f"place BETWEEN roi_place(0, NULL, {vertical}, 0) AND roi_place({_LAST}, {rightmost}, {vertical}, 1)"]

    def _cell(self, said: Filter, horizontal: str, vertical: str) -> tuple[str, str]:
        """The first and the last place of a zone that regions may have; those of one modality are sorted by area."""
        if len(said.modality) != 1:
            return f"roi_place(0, {horizontal}, {vertical}, 0)", f"roi_place({_LAST}, {horizontal}, {vertical}, 1)"
        (modality,) = self._terms.canonical(said.modality, "modality")
        key = f"image_cluster({self._bind(modality)}, NULL, NULL) << {NUMBER_BITS}"
        low = min((low or 0.0 for low, _ in said.roi_area), default=0.0)
        high = max((1.0 if high is None else high for _, high in said.roi_area), default=1.0)
        first, last = (f"roi_place({key}, {horizontal}, {vertical}, {self._bind(end)})" for end in (low, high))
        return first, last

    def _layers(self, said: Filter) -> list[str]:
        asked = [("IN", "layer_rows", said.has), ("NOT IN", "layer_rows", said.missing), ("IN", "stale", said.stale)]
        return [
            _either(f"image_key {sign} ({self._layer(view, name, said)})" for name in names)
            for sign, view, names in asked
            if names
        ]

    def _layer(self, view: str, name: str, said: Filter) -> str:
        """A SELECT of the row keys that a view knows a layer for; a range of them prunes the tables below the view."""
        flags = [f"layer = {self._bind(name)}"]
        if (of_image := self._profile_flags(said)) and not self._lasting:
            flags.append(self._span(" AND ".join(of_image)))
        if view == "layer_rows" and of_image:
            flags.append(f"profile IN (SELECT profile FROM {self.profiles_table} WHERE {' AND '.join(of_image)})")
        return f"SELECT image_key FROM {view} WHERE {' AND '.join(flags)}"

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
            guard.check_predicate(self._sight.connection, predicate)
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
        nested = {name: from_json(self._terms.saved(name)) for name in said.slice if name not in seen}
        queries = (self.images(part, (*seen, name)) for name, part in nested.items())
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


def _either(predicates: Iterable[str]) -> str:
    alternatives = list(predicates)
    return alternatives[0] if len(alternatives) == 1 else "(" + " OR ".join(f"({part})" for part in alternatives) + ")"
