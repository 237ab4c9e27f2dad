"""Columns of text, made a column at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.synthetic.distribution import Ints

_HEX = np.frombuffer("".join(f"{value:02x}" for value in range(256)).encode(), np.uint16)
"""The two digits of each byte, side by side."""
_TOKEN = re.compile(r"\{(\w+)\}")
_GROUPS = (0, 8, 12, 16, 20, 32)
"""Where the groups of digits of a UUID begin and end."""


def hexadecimal(raw: NDArray[np.uint8]) -> pa.Array:
    """(n, 16) bytes as n texts of 32 digits."""
    return _fixed(_digits(raw))


def uuids(raw: NDArray[np.uint8]) -> pa.Array:
    """(n, 16) random bytes as n UUIDs of version 4, 36 characters."""
    marked = raw.copy()
    marked[:, 6] = marked[:, 6] & 0x0F | 0x40
    marked[:, 8] = marked[:, 8] & 0x3F | 0x80
    digits = _digits(marked)
    text = np.full((len(raw), 36), ord("-"), np.uint8)
    for place, (first, last) in enumerate(pairwise(_GROUPS)):
        text[:, first + place : last + place] = digits[:, first:last]
    return _fixed(text)


def numbers(values: Ints) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(values).cast(pa.string())


def tokens(template: str) -> set[str]:
    """The names in braces in a template."""
    return set(_TOKEN.findall(template))


def render(template: str, columns: Mapping[str, pa.Array], count: int) -> pa.Array:
    """``count`` texts: the template with ``{name}`` replaced by the values of that column."""
    pieces = _TOKEN.split(template)
    parts = [columns[piece] if place % 2 else pa.scalar(piece) for place, piece in enumerate(pieces)]
    if len(parts) == 1:
        return pa.repeat(parts[0], count)
    return pc.binary_join_element_wise(*parts, "")


def choose(templates: Sequence[str], choice: Ints, columns: Mapping[str, pa.Array]) -> pa.Array:
    """For each row its template, filled in; null where the choice is -1."""
    order = np.argsort(choice, kind="stable")
    bounds = np.searchsorted(choice[order], np.arange(-1, len(templates) + 1))
    parts = [pa.nulls(int(bounds[1]), pa.string())]
    for template, first, last in zip(templates, bounds[1:-1], bounds[2:], strict=True):
        rows = pa.array(order[first:last])
        own = {name: columns[name].take(rows) for name in tokens(template)}
        parts.append(render(template, own, int(last - first)))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return pa.concat_arrays(parts).take(pa.array(back))


def _digits(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _HEX.take(raw).view(np.uint8)


def _fixed(text: NDArray[np.uint8]) -> pa.Array:
    """(n, width) letters as n texts."""
    count, width = text.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))
