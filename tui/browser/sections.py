"""What a slice can be cut by: the values of some columns, with the images that each would leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.api import Lake

OF_IMAGES = ("modality", "region", "organ", "disease", "source")
"""Flags that the lake counts at once."""
OF_REGIONS = ("roi_kind", "roi_zone")
"""Flags whose counts look at regions."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a flag, and the images that have it beside all other flags of the slice."""

    flag: str
    word: str
    count: int
    share: float
    """Of the largest count of the section."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The values of one flag, most first."""

    name: str
    values: tuple[Value, ...]


def counted(lake: Lake, said: Mapping[str, Any], names: Sequence[str]) -> list[Section]:
    """A section for every flag; its own flag does not narrow its counts, so that others can be added.

    Raises:
        TriptychError: The slice cannot be meant, or the lake cannot be read.
    """
    free = [name for name in names if name not in said]
    tables = lake.slice(**said).facets(*free) if free else {}
    for name in names:
        if name in said:
            others = {other: words for other, words in said.items() if other != name}
            tables |= lake.slice(**others).facets(name)
    return [_section(name, tables[name].to_pylist(), said.get(name, ())) for name in names]


def toggled(said: Mapping[str, Any], value: Value) -> dict[str, Any]:
    """The filter with a value added, or taken out."""
    words = tuple(said.get(value.flag, ()))
    changed = tuple(word for word in words if word != value.word) if value.word in words else (*words, value.word)
    rest = {name: word for name, word in said.items() if name != value.flag}
    return {**rest, value.flag: changed} if changed else rest


def _section(name: str, rows: Iterable[Mapping[str, Any]], chosen: Sequence[str]) -> Section:
    counts = {str(row["value"]): int(row["count"]) for row in rows if row["value"] is not None}
    counts |= {word: 0 for word in chosen if word not in counts}
    most = max(counts.values(), default=0) or 1
    return Section(name, tuple(Value(name, word, n, n / most, word in chosen) for word, n in counts.items()))
