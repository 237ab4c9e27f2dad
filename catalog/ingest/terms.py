"""What an input says of anatomy, split into organs and body regions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog import vocabulary


def anatomy_columns(organs: pa.ChunkedArray, region: pa.ChunkedArray) -> tuple[pa.Array, pa.Array, Counter[str]]:
    """Canonical organs and region of n images.

    Words that name a body region ("CHEST") leave the list of organs and become the region; an organ brings its own
    region along where none is given. Words nobody knows stay as given and are counted.

    Returns:
        organs (list of text), region (text), and the unknown words with their counts.
    """
    lists = organs.combine_chunks() if isinstance(organs, pa.ChunkedArray) else organs
    words = lists.flatten().dictionary_encode()
    known = [vocabulary.anatomy(word) if word else (None, None) for word in words.dictionary.to_pylist()]
    codes = np.asarray(words.indices.fill_null(-1))
    rows = np.asarray(pc.list_parent_indices(lists))
    unknown = _unknown(words.dictionary.to_pylist(), known, codes)
    names = [
        organ or (None if place else word)
        for word, (place, organ) in zip(words.dictionary.to_pylist(), known, strict=True)
    ]
    places = pa.array([place for place, _ in known], pa.string())
    told = _canonical_region(region)
    return (
        _lists(names, codes, rows, len(lists)),
        pc.coalesce(told, _first(places, codes, rows, len(lists))),
        unknown,
    )


def _canonical_region(region: pa.ChunkedArray) -> pa.Array:
    told, _ = vocabulary.canonical_column(region, vocabulary.load("region"))
    return told.combine_chunks() if isinstance(told, pa.ChunkedArray) else told


def _unknown(words: list[str], known: list[tuple[str | None, str | None]], codes: Any) -> Counter[str]:
    counts = np.bincount(codes[codes >= 0], minlength=len(words)) if words else np.zeros(0)
    return Counter(
        {word: int(count) for word, pair, count in zip(words, known, counts, strict=True) if pair == (None, None)}
    )


def _lists(names: list[str | None], codes: Any, rows: Any, length: int) -> pa.Array:
    """The lists again, by canonical names, each name once and in the order of its first mention."""
    distinct = {name: place for place, name in enumerate(dict.fromkeys(name for name in names if name))}
    renamed = np.array([distinct.get(name, -1) if name else -1 for name in names] + [-1])[codes]
    kept = renamed >= 0
    pairs = rows[kept].astype(np.int64) * max(len(distinct), 1) + renamed[kept]
    _, first = np.unique(pairs, return_index=True)
    first.sort()
    values = pa.array(list(distinct), pa.string()).take(pa.array(renamed[kept][first]))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows[kept][first], minlength=length))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def _first(places: pa.Array, codes: Any, rows: Any, length: int) -> pa.Array:
    """The first known region of each list."""
    said = np.array([place is not None for place in places.to_pylist()] + [False])[codes]
    image, first = np.unique(rows[said], return_index=True)
    chosen = np.full(length, -1)
    chosen[image] = codes[said][first]
    return places.take(pa.array(chosen, mask=chosen < 0))
