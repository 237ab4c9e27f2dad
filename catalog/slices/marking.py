"""Fills the arrays of marks from one snapshot, by scans that are read as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog.lake import guard
from catalog.lake.layout import NUMBER_BITS
from catalog.slices import roi_codes
from catalog.slices.filter import LAYERS
from catalog.slices.marked import BLOCK, FIRST, STATES, Bits, Marked, Profiles
from catalog.sqlfiles import literal, statement

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_NUMBER = (1 << NUMBER_BITS) - 1
_ROWS = 250_000
"""Rows that are taken at a time."""


def profiles(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Every profile of the snapshot, in order, with what facets count by."""
    return guard.run(connection, statement("slices/marks_profiles")).to_arrow_table()


def marked(connection: duckdb.DuckDBPyConnection, known: NDArray[np.int64]) -> Marked:
    """The arrays of the snapshot that a connection shows.

    Args:
        connection: Fixed at a snapshot.
        known: The profiles, in order.

    Raises:
        QueryError: It cannot be read, or was interrupted.
    """
    (images,) = guard.run(connection, statement("commit/first_number")).fetchone() or (0,)
    entries, starts, known_regions = _regions(connection, images)
    layers: dict[str, Bits] = {"has": np.zeros(images, np.uint8)}
    profiles_ = _images(connection, layers["has"], known)
    _noted(connection, layers)
    return Marked(entries=entries, starts=starts, layers=layers, known_regions=known_regions, profiles=profiles_)


def _images(connection: duckdb.DuckDBPyConnection, has: Bits, known: NDArray[np.int64]) -> Profiles:
    """The profile of every image and where those of a profile lie; what images have by themselves goes into ``has``."""
    found = Profiles(
        of=np.full(has.size, known.size, np.min_scalar_type(known.size)),
        images=np.zeros(known.size, np.int64),
        clusters=np.full(known.size, -1, np.int64),
    )
    for keys, profiles_, layers in _columns(connection, statement("slices/marks_images")):
        numbers, places = keys & _NUMBER, np.searchsorted(known, profiles_)
        found.of[numbers], has[numbers] = places, layers
        found.images += np.bincount(places, minlength=known.size)
        found.lie(places, keys >> NUMBER_BITS)
    return found


def _noted(connection: duckdb.DuckDBPyConnection, layers: dict[str, Bits]) -> None:
    """Note the states that other tables tell."""
    for state in STATES:
        for keys, noted in _columns(connection, _layers(state)):
            if state not in layers:
                layers[state] = np.zeros(layers["has"].size, np.uint8)
            np.bitwise_or.at(layers[state], keys & _NUMBER, noted)


def _layers(state: str) -> str:
    """A SELECT of row keys of images in a state, and a bit for the layer; of what they have, those of other tables."""
    places = [place for place, name in enumerate(LAYERS) if state != "has" or name not in ("pixels", "rois")]
    bits = " ".join(f"WHEN {literal(LAYERS[place])} THEN {1 << place}" for place in places)
    listed = ", ".join(literal(LAYERS[place]) for place in places)
    rows = f"({statement(f'slices/{state}')}) WHERE layer IN ({listed})"
    return f"SELECT image_key, (CASE layer {bits} END)::UTINYINT AS bit FROM {rows}"


def _regions(connection: duckdb.DuckDBPyConnection, images: int) -> tuple[NDArray[np.uint16], NDArray[np.int64], bool]:
    """Entries, where those of each block begin, and whether every word was known."""
    counts = np.zeros(images, np.uint32)
    for (keys,) in _columns(connection, "SELECT image_key FROM rois"):
        numbers, lengths, _ = _runs(keys)
        counts[numbers] += lengths.astype(np.uint32)
    np.maximum(counts, 1, out=counts)
    total = int(counts.sum(dtype=np.int64))
    next_place: NDArray[np.integer[Any]] = np.zeros(images, np.uint32 if total < 2**32 else np.int64)
    np.cumsum(counts[:-1], out=next_place[1:])
    del counts
    entries = np.zeros(total, np.uint16)
    entries[next_place] = FIRST
    starts = np.append(next_place[::BLOCK].astype(np.int64), total)
    return entries, starts, _coded(connection, entries, next_place)


def _coded(
    connection: duckdb.DuckDBPyConnection, entries: NDArray[np.uint16], next_place: NDArray[np.integer[Any]]
) -> bool:
    """Put every region's code where it belongs, and say whether all words were known."""
    known = True
    for keys, codes in _columns(connection, f"SELECT image_key, {roi_codes.as_sql()} AS code FROM rois"):
        known = known and int(codes.min()) >= 0
        numbers, lengths, order = _runs(keys)
        rank = np.arange(keys.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(next_place[numbers].astype(np.int64), lengths) + rank
        entries[places] |= np.maximum(codes if order is None else codes[order], 0).astype(np.uint16)
        next_place[numbers] += lengths.astype(next_place.dtype)
    return known


def _runs(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None]:
    """Numbers of images, each once, how many rows they have, and the order that brings these together, if not this."""
    order = None
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
    firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[firsts] & _NUMBER, np.diff(np.append(firsts, keys.size)), order


def _columns(
    connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None
) -> Iterator[list[NDArray[Any]]]:
    for batch in guard.run(connection, sql, values).to_arrow_reader(_ROWS):
        if batch.num_rows:
            yield [column.to_numpy(zero_copy_only=False) for column in batch.columns]
