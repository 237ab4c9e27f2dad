"""What a slice can be cut by: the values of some columns, with the images that each would leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.api import Lake
    from catalog.slices.view import View

OF_IMAGES = ("modality", "region", "organ", "disease", "source")
"""Flags that the lake counts at once."""
OF_REGIONS = ("roi_kind", "roi_area", "roi_zone")
"""Flags whose counts look at regions."""
COVERAGE = "coverage"
"""The section of what images have and lack."""
_LAYER_FLAGS = {"has": "has", "missing": "lacks", "stale": "stale"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a flag, and the images that have it beside all other flags of the slice."""

    flag: str
    word: str
    count: int
    share: float
    """Of the largest count of the section."""
    chosen: bool
    shown: str
    """The word as people read it."""


@dataclass(frozen=True, slots=True)
class Section:
    """The values of one flag, most first."""

    name: str
    values: tuple[Value, ...]
    without: int = 0
    """Images that have none."""


def is_plain(said: Mapping[str, Any]) -> bool:
    """Whether the lake itself counts the sections of images of a slice without a scan."""
    return said.keys() <= set(OF_IMAGES)


def is_marked(said: Mapping[str, Any]) -> bool:
    """Whether the marks know the images of a slice without a view of it."""
    return said.keys() <= {*OF_IMAGES, *OF_REGIONS, *_LAYER_FLAGS}


def of_slice(lake: Lake, said: Mapping[str, Any], view: View | None = None) -> list[Section]:
    """All sections, from marks, which are read first; until they are, of a plain slice only those of OF_IMAGES.

    Raises:
        TriptychError: The slice cannot be meant, or the lake cannot be read.
    """
    if is_plain(said) and not (lake.has_marks and lake.marks().summed):
        return _sections(OF_IMAGES, said, _of_profiles(lake, said))
    return [*_marked(lake, OF_IMAGES, said, view), *of_marks(lake, said, view)]


def of_marks(lake: Lake, said: Mapping[str, Any], view: View | None = None) -> list[Section]:
    """The sections that look at regions, and what the images have, lack, have of old, and could not get.

    Raises:
        TriptychError: The slice cannot be meant, or the lake cannot be read.
    """
    from catalog.slices.filter import make

    rows = lake.marks().coverage(make(**said), view=view, freed=True).to_pylist()
    layers = Section(COVERAGE, tuple(value for row in rows for value in _states(row, said)))
    return [*_marked(lake, OF_REGIONS, said, view), layers]


def _marked(lake: Lake, names: Sequence[str], said: Mapping[str, Any], view: View | None) -> list[Section]:
    from catalog.slices.filter import make

    columns = [_column(name) for name in names]
    return _sections(names, said, lake.marks().facets(make(**said), columns, view=view, freed=True))


def _of_profiles(lake: Lake, said: Mapping[str, Any]) -> dict[str, pa.Table]:
    """The facets of a plain slice; its own flag does not narrow a column, so that other values can be added."""
    free = [_column(name) for name in OF_IMAGES if name not in said]
    tables = lake.slice(**said).facets(*free) if free else {}
    for name in said:
        others = {other: words for other, words in said.items() if other != name}
        tables |= lake.slice(**others).facets(_column(name))
    return tables


def _sections(names: Sequence[str], said: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> list[Section]:
    return [_section(name, tables[_column(name)].to_pylist(), said.get(name, ())) for name in names]


def _states(row: Mapping[str, Any], said: Mapping[str, Any]) -> Iterable[Value]:
    """One layer: failed images lack it, too; they are said beside those, as no flag asks for them."""
    layer, all_ = str(row["layer"]), row["images"] or 1
    counts = {"has": row["has"], "missing": row["misses"] + row["failed"], "stale": row["stale"]}
    for flag, count in counts.items():
        chosen = layer in said.get(flag, ())
        if count or chosen:
            failed = f", {row['failed']:,} failed" if flag == "missing" and row["failed"] else ""
            name = f"{_LAYER_FLAGS[flag]} {layer.replace('_', ' ')}{failed}"
            yield Value(flag, layer, count, count / all_, chosen, name)


def percent(area: str) -> str:
    """A range of areas for people.

    >>> percent("0.005:0.01"), percent("0.5:1")
    ('0.5–1%', '50–100%')
    """
    return "–".join(f"{100 * float(end):g}" for end in area.split(":")) + "%"


def toggled(said: Mapping[str, Any], value: Value) -> dict[str, Any]:
    """The filter with a value added, or taken out."""
    words = tuple(said.get(value.flag, ()))
    kept = tuple(word for word in words if canonical(value.flag, word) != value.word)
    changed = kept if len(kept) < len(words) else (*words, value.word)
    rest = {name: word for name, word in said.items() if name != value.flag}
    return {**rest, value.flag: changed} if changed else rest


def canonical(flag: str, word: str) -> str:
    """The lake's spelling of a word of a flag, as far as the vocabulary knows it."""
    from catalog import vocabulary

    term = vocabulary.load(flag).find(word) if flag in OF_IMAGES else None
    return term.name if term is not None else word


def _column(flag: str) -> str:
    """The column whose values a flag asks for: an image may have several organs and diseases."""
    return f"{flag}s" if flag in ("organ", "disease") else flag


def _section(name: str, rows: Iterable[Mapping[str, Any]], chosen: Sequence[str]) -> Section:
    found = [(row["value"], int(row["count"])) for row in rows]
    without = sum(count for value, count in found if value is None)
    counts = {str(value): count for value, count in found if value is not None}
    folded = {word.casefold(): word for word in counts}
    asked = {folded.get(word.casefold(), word) for word in (canonical(name, word) for word in chosen)}
    counts |= {word: 0 for word in sorted(asked) if word not in counts}
    most = max(counts.values(), default=0) or 1
    values = (Value(name, word, n, n / most, word in asked, _shown(name, word)) for word, n in counts.items())
    return Section(name, tuple(values), without)


def _shown(name: str, word: str) -> str:
    return percent(word) if name == "roi_area" and all(word.split(":")) else word
