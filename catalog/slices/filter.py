"""The filter behind every SLICE: the same fields as command-line flags and as Python keywords."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import isnan
from typing import Any, Literal, get_args

from catalog.errors import UsageError, did_you_mean

Layer = Literal["pixels", "rois", "masks", "coarse_caption", "descriptions", "findings", "embeddings"]
LAYERS: tuple[str, ...] = get_args(Layer)
KINDS = ("lesion", "organ", "cell", "device", "other")

Range = tuple[float | None, float | None]
"""A closed range; None leaves an end open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which images. A field with several values means either; different fields mean both; an empty one means any."""

    modality: tuple[str, ...] = ()
    organ: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    disease: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    license: tuple[str, ...] = ()
    roi_label: tuple[str, ...] = ()
    roi_kind: tuple[str, ...] = ()
    roi_area: tuple[Range, ...] = ()
    """Share of the image."""
    roi_zone: tuple[str, ...] = ()
    roi_count: tuple[Range, ...] = ()
    roi_aspect: tuple[Range, ...] = ()
    has: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    """NAME=PART."""
    text: tuple[str, ...] = ()
    """Words that a description holds, all of them."""
    where: tuple[str, ...] = ()
    """SQL predicates over ``images``."""
    slice: tuple[str, ...] = ()
    """Saved slices."""
    sample: int | None = None
    seed: int = 0
    at: int | None = None
    """Snapshot; the newest when None."""

    def given(self) -> dict[str, Any]:
        """The fields that were given, as JSON can hold them."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value not in ((), None) and not (name == "seed" and self.sample is None)
        }

    def to_json(self) -> str:
        """The filter as JSON, as ``slices`` keeps it."""
        return json.dumps(self.given(), ensure_ascii=False)


RANGES = ("roi_area", "roi_count", "roi_aspect")
_SINGLE = ("sample", "seed", "at")


def make(**said: Any) -> Filter:
    """A filter from Python keywords: a value, a list of values, or for ranges a pair (or a list of pairs).

    Raises:
        UsageError: An unknown keyword, an impossible range, layer or kind.

    >>> make(modality="CT", roi_area=(0.005, 0.05)).roi_area
    ((0.005, 0.05),)
    """
    known = {item.name for item in fields(Filter)}
    for name in said:
        if name not in known:
            raise UsageError(f"no slice flag '{name}'{did_you_mean(name, known)}")
    values = {name: _values(name, value) for name, value in said.items() if value is not None}
    _require(values.get("roi_kind", ()), KINDS, "ROI kind")
    for name in ("has", "missing", "stale"):
        _require(values.get(name, ()), LAYERS, "layer")
    return Filter(**values)


def from_json(text: str) -> Filter:
    """The filter that ``to_json`` has written."""
    return make(**json.loads(text))


def parse_range(text: str, *, name: str) -> Range:
    """A closed range from ``LO:HI``; an end may be left out.

    Raises:
        UsageError: It is no range.

    >>> parse_range("0.01:", name="--roi-area")
    (0.01, None)
    """
    low, colon, high = text.partition(":")
    try:
        found = (float(low) if low else None, float(high) if high else None)
    except ValueError:
        colon = ""
    if not colon or found == (None, None):
        raise UsageError(f"{name} '{text}' is no range; write LO:HI, such as 0.01:0.1, or LO: or :HI")
    return _ordered(found, name)


def _values(name: str, value: Any) -> Any:
    if name in _SINGLE:
        return _whole_number(name, value)
    if name in RANGES:
        return tuple(_range(name, item) for item in ([value] if _is_range(value) else _items(name, value)))
    items = [value] if isinstance(value, str) else _items(name, value)
    if any(not isinstance(item, str) or not item.strip() for item in items):
        raise UsageError(f"an empty value for {_flag(name)}; leave the flag out, or give a word")
    return tuple(items)


def _items(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple | set):
        raise UsageError(f"{_flag(name)} cannot be {value!r}; give a {'pair' if name in RANGES else 'word'} or a list")
    return list(value)


def _whole_number(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(f"{_flag(name)} '{value}' is no whole number from 0 up")
    return value


def _is_range(value: Any) -> bool:
    if isinstance(value, str):
        return True
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(end is None or isinstance(end, int | float) for end in value)
    )


def _range(name: str, value: Any) -> Range:
    if isinstance(value, str):
        return parse_range(value, name=_flag(name))
    if not _is_range(value):
        raise UsageError(f"{_flag(name)} '{value}' is no range; give a pair such as (0.01, 0.1)")
    low, high = value
    return _ordered((low, high), _flag(name))


def _ordered(found: Range, name: str) -> Range:
    low, high = found
    if low is None and high is None:
        raise UsageError(f"{name} has no end; give at least one")
    if any(end is not None and isnan(end) for end in found):
        raise UsageError(f"{name}: NaN is no end of a range")
    if low is not None and high is not None and low > high:
        raise UsageError(f"{name} '{low:g}:{high:g}' is upside down; write the smaller end first")
    return found


def _require(values: Iterable[str], known: tuple[str, ...], what: str) -> None:
    for value in values:
        if value not in known:
            near = did_you_mean(value, known)
            raise UsageError(f"no {what} '{value}'{near or '; known are ' + ', '.join(known)}")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
