"""Row keys and profiles of a block's images, as an ingest gives them, asked once for each combination."""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.synthetic.blocks import Block
from benchmarks.synthetic.columns import coded, lists
from benchmarks.synthetic.distribution import Distribution, Ints
from catalog import sqlfiles

_BITS = 9
_PARTS = 7
"""Cohort or word each: cohort, three organs, three diseases."""


def keys(block: Block, known: Distribution) -> dict[str, pa.Array]:
    """image_key (its lower bits count the images of the block) and profile, a value an image."""
    encoded = pa.array(_combined(block)).dictionary_encode()
    of_distinct = _of(_parted(np.asarray(encoded.dictionary)), known)
    first_key, profile = (of_distinct.column(name).combine_chunks() for name in ("first_key", "profile"))
    place = np.arange(len(encoded), dtype=np.int64)
    cluster = np.asarray(first_key.take(encoded.indices))
    return {"image_key": pa.array(cluster + place), "profile": profile.take(encoded.indices)}


def _combined(block: Block) -> Ints:
    """What profiles are made of as one number an image."""
    case = block.images.case
    parts = [block.cases.cohort[case], *block.images.organs.T, *block.cases.diseases[case].T]
    combined = np.zeros(len(case), np.int64)
    for part in parts:
        combined = (combined << _BITS) | (part + 1)
    return combined


def _parted(combined: Ints) -> Ints:
    """(n, 7) what ``_combined`` put together."""
    shifts = _BITS * np.arange(_PARTS - 1, -1, -1)
    return (combined[:, None] >> shifts & (1 << _BITS) - 1) - 1


def _of(parts: Ints, known: Distribution) -> pa.Table:
    cohort, organs, diseases = parts[:, 0], parts[:, 1:4], parts[:, 4:]
    columns = {
        "modality": coded(known.words, known.cohorts.modality[cohort]),
        "region": coded(known.words, known.region_of[organs[:, 0]]),
        "organ": coded(known.words, organs[:, 0]),
        "organs": lists(known.words, organs),
        "disease": coded(known.words, diseases[:, 0]),
        "diseases": lists(known.words, diseases),
        "source": coded(known.words, known.cohorts.source[cohort]),
    }
    connection = _connection()
    connection.register("combinations", pa.table(columns))
    return connection.execute(sqlfiles.statement("stage/image_keys")).to_arrow_table()


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One for all blocks: making it takes as long as the query."""
    connection = duckdb.connect(config={"threads": 1})
    for macro in ("image_cluster", "image_profile"):
        connection.execute(sqlfiles.statement(f"macros/{macro}"))
    return connection
