"""Predicates in one spelling for all: as flags of a slice, as plain SQL for the floor, as JSON for the peers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """A field with several values means either; different fields mean both; the ROI fields mean one ROI."""

    modality: list[str] = field(default_factory=list)
    organ: list[str] = field(default_factory=list)
    disease: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    zone_h: str | None = None
    zone_v: str | None = None
    area: list[float] | None = None
    """Smallest and largest share of the image."""
    kind: str | None = None
    described: bool = False

    def flags(self) -> dict[str, Any]:
        """Keywords of ``Lake.slice``."""
        said = {name: getattr(self, name) for name in ("modality", "organ", "disease", "source")}
        zone = " ".join(part for part in (self.zone_v, self.zone_h) if part)
        said |= {"roi_zone": zone, "roi_kind": self.kind, "has": "descriptions" if self.described else None}
        said["roi_area"] = tuple(self.area) if self.area else None
        return {name: value for name, value in said.items() if value}

    def images_sql(self) -> str:
        """What it asks of ``images``; empty for nothing."""
        scalars = ((column, getattr(self, column)) for column in ("modality", "source"))
        lists = (("organs", self.organ), ("diseases", self.disease))
        parts = [f"{column} IN ({_values(values)})" for column, values in scalars if values]
        parts += [f"list_has_any({column}, {listed(values)})" for column, values in lists if values]
        return " AND ".join(parts)

    def rois_sql(self) -> str:
        """What it asks of one row of ``rois``; empty for nothing."""
        equal = (("zone_h", self.zone_h), ("zone_v", self.zone_v), ("kind", self.kind))
        parts = [f"{column} = {_values([value])}" for column, value in equal if value]
        if self.area:
            # With an exponent a number is a DOUBLE; without, a DECIMAL, which may round to another one.
            parts.append(f"area_ratio BETWEEN {self.area[0]:.17e} AND {self.area[1]:.17e}")
        return " AND ".join(parts)

    def where(self) -> str:
        """All of it over ``images``; that rows of ``rois`` repeat modality and source of their image is made use of."""
        parts = [self.images_sql()]
        if rois := self.rois_sql():
            repeated = Predicate(modality=self.modality, source=self.source).images_sql()
            inside = " AND ".join(part for part in (rois, repeated) if part)
            parts.append(f"image_key IN (SELECT image_key FROM rois WHERE {inside})")
        if self.described:
            parts.append("image_key IN (SELECT image_key FROM descriptions)")
        return " AND ".join(part for part in parts if part) or "true"

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it; ``Predicate(**value)`` reads it."""
        return asdict(self)


def listed(values: Iterable[str]) -> str:
    """A list of texts in SQL."""
    return f"[{_values(values)}]"


def _values(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
