"""Draws predicates from a seed among values that the lake really holds."""

from __future__ import annotations

import random
from functools import cached_property
from typing import Any

from benchmarks.floor import Floor
from benchmarks.predicates import Predicate

MANY = 24
"""Predicates a workload."""
_TRIES = 1_500
_CLOSE = (0.85, 1.25)
"""How far a slice of a wanted size may be from it."""


class Drawer:
    """Large values come as often as their rows do: predicates are those of images and regions drawn at random."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.random = random.Random(1)  # noqa: S311 - repeatable on purpose
        self._cubes: dict[bool, int] = {}

    def about(self, seed: str) -> Drawer:
        """The same drawer, begun anew from a seed: what it draws does not depend on what it drew before."""
        self.random.seed(seed)
        return self

    def modalities(self) -> list[Predicate]:
        """Every modality, over and over."""
        values = [row[0] for row in self.floor.all("SELECT DISTINCT modality FROM images WHERE modality IS NOT NULL")]
        self.random.shuffle(values := sorted(values))
        return [Predicate(modality=[values[place % len(values)]]) for place in range(MANY)]

    def of_images(self, *names: str) -> list[Predicate]:
        """Flags of random images, such as ``modality`` and ``disease``."""
        rows = [row for row in self._images if all(row[name] for name in names)]
        return [Predicate(**{name: [self._one(row[name])] for name in names}) for row in self._some(rows)]

    def of_regions(self) -> list[Predicate]:
        """Modality, organ and disease of a random region's image, and its zone, kind and about its area."""
        rows = [row for row in self._regions if row["organ"] and row["disease"] and row["modality"]]
        return [
            Predicate(
                modality=[row["modality"]],
                organ=[self._one(row["organ"])],
                disease=[self._one(row["disease"])],
                zone_h=row["zone_h"],
                zone_v=row["zone_v"],
                area=[row["area"] / 2, row["area"] * 2],
                kind=row["kind"],
            )
            for row in self._some(rows)
        ]

    def regions_alone(self, share: float = 0.09) -> list[Predicate]:
        """A zone and a range of areas that about this share of all regions satisfy."""
        found = []
        for _ in range(MANY):
            column, value, size, areas = self.random.choice(self._zones)
            width = min(round(100 * share / size), 99)
            low = self.random.randrange(100 - width)
            found.append(Predicate(**{column: value, "area": [areas[low], areas[low + width]]}))
        return found

    def sized(self, images: int, *, described: bool = False) -> list[Predicate]:
        """Slices of about so many images: a modality, some sources and some diseases."""
        cube = self._cube(described)
        found: list[Predicate] = []
        for _ in range(_TRIES):
            predicate = self._candidate(described)
            size = self.floor.number(f"SELECT coalesce(sum(n), 0) FROM {cube} WHERE {predicate.images_sql() or 'true'}")
            if _CLOSE[0] * images <= size <= _CLOSE[1] * images and predicate not in found:
                found.append(predicate)
            if len(found) == MANY:
                break
        if not found:
            raise SystemExit(f"no slice of about {images:,} images was found")
        return [found[place % len(found)] for place in range(MANY)]

    def ids(self, number: int) -> list[list[str]]:
        """Random image ids, so many a question."""
        wanted = MANY * number
        ids = [row["image_id"] for row in self._sampled("images", ("image_id",), wanted)]
        self.random.shuffle(ids)
        return [ids[start : start + number] for start in range(0, len(ids), number)]

    def _candidate(self, described: bool) -> Predicate:
        flags: dict[str, list[str]] = {}
        for name in self.random.sample(("modality", "source", "disease", "organ"), self.random.randint(1, 3)):
            values = self._values[name]
            flags[name] = self.random.sample(values, self.random.randint(1, min(len(values), 4)))
        return Predicate(**flags, described=described)

    def _cube(self, described: bool) -> str:
        name = f"cube_{int(described)}"
        if described not in self._cubes:
            where = "image_key IN (SELECT image_key FROM descriptions)" if described else "true"
            self.floor.connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT modality, source, organs, diseases, count(*) AS n "
                f"FROM images WHERE {where} GROUP BY ALL"
            )
            self._cubes[described] = 1
        return name

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        columns = {"modality": "modality", "source": "source", "disease": "unnest(diseases)", "organ": "unnest(organs)"}
        cube = self._cube(False)
        return {
            name: sorted(row[0] for row in self.floor.all(f"SELECT DISTINCT {column} FROM {cube}") if row[0])
            for name, column in columns.items()
        }

    @cached_property
    def _images(self) -> list[dict[str, Any]]:
        columns = ("modality", "source", "organs AS organ", "diseases AS disease")
        return self._sampled("images", columns, 2_000)

    @cached_property
    def _regions(self) -> list[dict[str, Any]]:
        columns = ("image_key", "zone_h", "zone_v", "kind", "area_ratio AS area")
        of_images = ("modality", "organs AS organ", "diseases AS disease", "image_key AS key")
        drawn = self._sampled("rois", columns, 500, where="area_ratio > 0")
        keys = ", ".join(str(row["image_key"]) for row in drawn)
        sql = f"SELECT {', '.join(of_images)} FROM images WHERE image_key IN ({keys})"
        images = {row["key"]: row for row in self.floor.table(sql).to_pylist()}
        return [row | images[row["image_key"]] for row in drawn]

    @cached_property
    def _zones(self) -> list[tuple[str, str, float, list[float]]]:
        """Column, zone, its share of all regions, and the percentiles of their areas."""
        hundredths = [place / 100 for place in range(101)]
        total = self.floor.number("SELECT count(*) FROM rois")
        found = []
        for column in ("zone_h", "zone_v"):
            sql = (
                f"SELECT {column}, count(*), quantile_cont(area_ratio, {hundredths}) FROM rois "
                f"WHERE {column} IS NOT NULL AND area_ratio IS NOT NULL GROUP BY {column} ORDER BY {column}"
            )
            found += [(column, zone, number / total, areas) for zone, number, areas in self.floor.all(sql)]
        return [zone for zone in found if zone[2] >= 0.09]

    def _sampled(
        self, table: str, columns: tuple[str, ...], number: int, *, where: str = "true"
    ) -> list[dict[str, Any]]:
        key = {"images": "image_id", "rois": "roi_id"}[table]
        rest = f"WHERE {where} ORDER BY hash({key}), {key} LIMIT {number}"
        return list(self.floor.table(f"SELECT {', '.join(columns)} FROM {table} {rest}").to_pylist())

    def _some(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [rows[place % len(rows)] for place in self.random.sample(range(max(len(rows), MANY)), MANY)]

    def _one(self, value: Any) -> str:
        return str(self.random.choice(value)) if isinstance(value, list) else str(value)
