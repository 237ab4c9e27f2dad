"""Columns of words, made from their codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.synthetic.distribution import Ints


def coded(words: pa.Array, codes: Ints) -> pa.Array:
    """Words by their codes, null where one is below 0; a dictionary, which Parquet takes as it is."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), words)


def constant(word: str, count: int) -> pa.Array:
    """One word, ``count`` times."""
    return coded(pa.array([word]), np.zeros(count, np.int64))


def lists(words: pa.Array, codes: Ints) -> pa.Array:
    """Rows of codes as lists of words, without those below 0."""
    kept = codes >= 0
    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words.take(pa.array(codes[kept])))
