"""The state of every image for a generator: two scans, and the numbers of images to bring them together.

A join of 25 million images with as many tries takes most of a plan's time. The number in a row key addresses an array
as well: 9 bytes an image, and each scan is read once, as it comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog import sqlfiles
from catalog.lake import guard
from catalog.lake.layout import NUMBER_BITS

if TYPE_CHECKING:
    import duckdb

    from catalog.slices.keys import Keys

States = NDArray[np.uint8]
NAMES = ("blocked", "missing", "stale", "failed", "fresh")
"""A state is a place in this list."""
_BLOCKED, _MISSING, _STALE, _FAILED, _FRESH = range(len(NAMES))
_DONE, _SAME, _KEPT, _TRIED, _EQUAL = (1 << bit for bit in range(5))
"""What a code holds: the first four as sql/generate/tried has them, the last for equal inputs."""
_NUMBER = (1 << NUMBER_BITS) - 1
_ROWS = 100_000
"""Rows that are brought together at a time."""


def _state(code: int) -> int:
    same = bool(code & _TRIED and code & _SAME and code & _EQUAL)
    if same:
        return _FRESH if code & _DONE else _FAILED
    return _STALE if code & (_DONE | _KEPT) else _MISSING


_STATES: States = np.array([_state(code) for code in range(2 * _EQUAL)], np.uint8)


def not_fresh(
    connection: duckdb.DuckDBPyConnection, inputs: str, tried: str, values: dict[str, Any]
) -> tuple[Keys, States]:
    """Row keys in order, and what is to be done for each.

    Args:
        connection: A reader.
        inputs: A query for image_key, input_hash and blocked of the images in question, each once.
        tried: A query for image_key, input_hash and code of what was tried on them, each once.
        values: What is bound in both.
    """
    codes, hashes = _tried(connection, tried, values)
    found: list[tuple[Keys, States]] = [(np.empty(0, np.int64), np.empty(0, np.uint8))]
    for keys, inputs_now, blocked in _columns(connection, inputs, values):
        numbers = np.minimum(keys & _NUMBER, codes.size - 1)
        equal = (hashes[numbers] == inputs_now).view(np.uint8)
        states = _STATES[codes[numbers] | equal * _EQUAL]
        left = states != _FRESH
        found.append((keys[left], np.where(blocked, _BLOCKED, states)[left].astype(np.uint8)))
    keys, states = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(keys, kind="stable")
    return keys[order], states[order]


def _tried(
    connection: duckdb.DuckDBPyConnection, tried: str, values: dict[str, Any]
) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Code and digest of the inputs by the number of the image; 0 where nothing was tried.

    The last place is for images that a commit has added since they were counted; whoever reads then reads again.
    """
    (images,) = guard.run(connection, sqlfiles.statement("commit/first_number")).fetchone() or (0,)
    codes, hashes = np.zeros(images + 1, np.uint8), np.zeros(images + 1, np.uint64)
    for keys, inputs_then, code in _columns(connection, tried, values):
        numbers = np.minimum(keys & _NUMBER, images)
        codes[numbers], hashes[numbers] = code, inputs_then
    return codes, hashes


def _columns(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any]) -> Iterator[list[NDArray[Any]]]:
    named = {name: value for name, value in values.items() if f"${name}" in sql}
    for batch in guard.run(connection, sql, named).to_arrow_reader(_ROWS):
        yield [column.to_numpy(zero_copy_only=False) for column in batch.columns]
