"""Whole Arrow columns in canonical terms: a distinct spelling is looked up once, rows are only re-indexed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from catalog.vocabulary.terms import Vocabulary

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    import pyarrow as pa

    Column: TypeAlias = pa.Array | pa.ChunkedArray


def canonical_column(values: Column, vocabulary: Vocabulary) -> tuple[pa.Array, Counter[str]]:
    """``values`` (text) in canonical terms, and how often each word unknown to the vocabulary occurs.

    Unknown words stay as given; a blank text says nothing and becomes null. The result is ``string``.
    """
    codes, names, unknown = _coded(_one_array(values), vocabulary)
    return names.take(codes), unknown


def canonical_lists(values: Column, vocabulary: Vocabulary) -> tuple[pa.Array, Counter[str]]:
    """``values`` (lists of text) in canonical terms, and how often each unknown word occurs.

    A term stands once in a list, where it first stood; blank and null items are left out. Null lists stay.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = _one_array(values)
    codes, names, unknown = _coded(pc.list_flatten(lists), vocabulary)
    rows = np.repeat(np.arange(len(lists)), pc.list_value_length(lists).fill_null(0).to_numpy())
    flat = codes.fill_null(-1).to_numpy()
    kept = _first_of_each(rows, flat, base=len(names))
    lengths = np.bincount(rows[kept], minlength=len(lists))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    items = names.take(pa.array(flat[kept]))
    return pa.ListArray.from_arrays(pa.array(offsets), items, mask=lists.is_null()), unknown


def _one_array(values: Column) -> pa.Array:
    import pyarrow as pa

    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _coded(values: pa.Array, vocabulary: Vocabulary) -> tuple[pa.Array, pa.Array, Counter[str]]:
    """For each value the index of its canonical name (null for none), those names, and the unknown words."""
    import pyarrow as pa

    encoded = values.cast(pa.string()).dictionary_encode()
    given: list[str] = encoded.dictionary.to_pylist()
    terms = [vocabulary.find(word) for word in given]
    meant = [term.name if term else word for term, word in zip(terms, given, strict=True)]
    names = [name for name in dict.fromkeys(meant) if name.strip()]
    index_of = {name: index for index, name in enumerate(names)}
    codes = pa.array([index_of.get(name) for name in meant], pa.int32())
    unknown = {word for word, term in zip(given, terms, strict=True) if term is None and word.strip()}
    return codes.take(encoded.indices), pa.array(names, pa.string()), _counts(encoded, unknown)


def _counts(encoded: pa.DictionaryArray, words: set[str]) -> Counter[str]:
    """How often each of ``words`` occurs."""
    import numpy as np

    given = encoded.dictionary.to_pylist()
    counts = np.bincount(encoded.indices.drop_null().to_numpy(), minlength=len(given)).tolist()
    return Counter({word: count for word, count in zip(given, counts, strict=True) if word in words})


def _first_of_each(rows: np.ndarray, codes: np.ndarray, *, base: int) -> np.ndarray:
    """Positions of the first occurrence of each code in each row, in order; codes below 0 are none."""
    import numpy as np

    said = np.flatnonzero(codes >= 0)
    _, first = np.unique(rows[said] * base + codes[said], return_index=True)
    return np.sort(said[first])
