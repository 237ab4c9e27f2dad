"""Reads the arrays of one snapshot, by scans whose rows are taken as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog.lake import guard
from catalog.lake.layout import NUMBER_BITS
from catalog.marks import roi_codes
from catalog.marks.arrays import BLOCK, FIRST, STATES, Arrays, Bits, Codes, Profiles
from catalog.slices.filter import LAYERS
from catalog.sqlfiles import literal, statement

if TYPE_CHECKING:
    import duckdb

_NUMBER = (1 << NUMBER_BITS) - 1
_ROWS = 250_000
"""Rows that are taken at a time."""


def arrays(connection: duckdb.DuckDBPyConnection) -> Arrays:
    """The arrays of the snapshot that a connection shows.

    Raises:
        QueryError: It cannot be read, or was interrupted.
    """
    (images,) = guard.run(connection, statement("commit/first_number")).fetchone() or (0,)
    regions, known_regions = _regions(connection, images)
    layers: dict[str, Bits] = {"has": np.zeros(images, np.uint8)}
    profiles = _profiles(connection)
    of = _images(connection, layers["has"], profiles)
    _noted(connection, layers)
    return Arrays(profiles=profiles, of=of, layers=layers, known_regions=known_regions, **regions)


def _profiles(connection: duckdb.DuckDBPyConnection) -> Profiles:
    table = guard.run(connection, statement("marks/profiles")).to_arrow_table().combine_chunks()
    ids, clusters = (table.column(name).to_numpy() for name in ("profile", "cluster"))
    return Profiles(table, ids, np.zeros(ids.size + 1, np.int64), clusters)


def _images(connection: duckdb.DuckDBPyConnection, has: Bits, profiles: Profiles) -> NDArray[np.integer[Any]]:
    """The profile of every image; ``profiles`` counts them, and what they have by themselves is noted in ``has``."""
    found = np.full(has.size, profiles.size, np.min_scalar_type(profiles.size))
    for keys, ids, layers in _columns(connection, statement("marks/images")):
        numbers = keys & _NUMBER
        found[numbers], has[numbers] = np.searchsorted(profiles.ids, ids), layers
    for start in range(0, found.size, _ROWS):
        profiles.images[:] += np.bincount(found[start : start + _ROWS], minlength=profiles.images.size)
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


def _regions(connection: duckdb.DuckDBPyConnection, images: int) -> tuple[dict[str, Any], bool]:
    """Codes, those of images with several, and where these begin in each block; and whether every word was known."""
    counts = np.zeros(images, np.uint32)
    for (keys,) in _columns(connection, "SELECT image_key FROM rois"):
        numbers, lengths, _ = _runs(keys)
        counts[numbers] += lengths.astype(np.uint32)
    codes = np.where(counts > 1, np.uint16(roi_codes.SEVERAL), np.uint16(0))
    counts[counts == 1] = 0
    ends = np.cumsum(counts, dtype=np.uint32 if int(counts.sum(dtype=np.int64)) < 2**32 else np.int64)
    several = np.zeros(int(ends[-1]) if images else 0, np.uint16)
    following = np.subtract(ends, counts, out=ends)
    starts = np.append(following[::BLOCK].astype(np.int64), several.size)
    several[following[counts > 0]] = FIRST
    del counts
    known = _coded(connection, codes, several, following)
    return {"codes": codes, "several": several, "starts": starts}, known


def _coded(
    connection: duckdb.DuckDBPyConnection, codes: Codes, several: Codes, following: NDArray[np.integer[Any]]
) -> bool:
    """Put every region's code where it belongs, and say whether all words were known."""
    known = True
    for keys, found in _columns(connection, f"SELECT image_key, {roi_codes.as_sql()} AS code FROM rois"):
        known = known and int(found.min()) >= 0
        numbers, lengths, order = _runs(keys)
        told = np.maximum(found if order is None else found[order], 0).astype(np.uint16)
        repeated = np.repeat(numbers, lengths)
        one = codes[repeated] != roi_codes.SEVERAL
        codes[repeated[one]] = told[one]
        rank = np.arange(keys.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        several[(following[repeated] + rank)[~one]] |= told[~one]
        following[numbers] += lengths.astype(following.dtype)
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
