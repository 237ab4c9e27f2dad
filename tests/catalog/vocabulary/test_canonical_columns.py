"""Arrow columns in canonical terms."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import canonical_column, canonical_lists, load

WORDS = st.sampled_from(["lung", "Lungs", "KIDNEY", "left kidney", "flux capacitor", "", "  ", None, "heart"])


def expected(words: list[str | None]) -> list[str | None]:
    """What a column of organs should become, one value at a time."""
    organs = load("organ")
    found = [organs.find(word) if word else None for word in words]
    return [
        term.name if term else word if word and word.strip() else None for term, word in zip(found, words, strict=True)
    ]


def test_known_words_become_canonical_and_unknown_ones_stay_and_are_counted() -> None:
    values, unknown = canonical_column(
        pa.array(["MR", "Wibble", "computed tomography", None, "Wibble"]), load("modality")
    )
    assert values.to_pylist() == ["MRI", "Wibble", "CT", None, "Wibble"]
    assert unknown == {"Wibble": 2}


@given(st.lists(WORDS))
def test_a_column_is_what_its_values_are(words: list[str | None]) -> None:
    values, unknown = canonical_column(pa.array(words, pa.string()), load("organ"))
    assert values.to_pylist() == expected(words)
    assert unknown.total() == words.count("flux capacitor")


@given(st.lists(st.none() | st.lists(WORDS, max_size=6)), st.integers(0, 3))
def test_a_list_keeps_its_order_and_holds_a_term_once(lists: list[list[str | None] | None], start: int) -> None:
    column = pa.array(lists, pa.list_(pa.string()))[start:]
    values, unknown = canonical_lists(column, load("organ"))
    wanted = [row and [word for word in dict.fromkeys(expected(row)) if word is not None] for row in lists[start:]]
    assert values.to_pylist() == wanted
    values.validate(full=True)
    assert unknown.total() == sum(row.count("flux capacitor") for row in lists[start:] if row)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_any_kind_of_text_column_will_do(kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array(["lungs"]).cast(kind), pa.array(["liver", None]).cast(kind)])
    values, _ = canonical_column(column, load("organ"))
    assert values.type == pa.string()
    assert values.to_pylist() == ["lung", "liver", None]


def test_large_lists_in_chunks_will_do() -> None:
    kind = pa.large_list(pa.large_string())
    column = pa.chunked_array([pa.array([["lungs", "lung"]], kind), pa.array([None, []], kind)])
    values, _ = canonical_lists(column, load("organ"))
    assert values.to_pylist() == [["lung"], None, []]


def test_a_column_without_rows_or_without_values_will_do() -> None:
    assert canonical_column(pa.chunked_array([], pa.string()), load("organ"))[0].to_pylist() == []
    assert canonical_column(pa.nulls(2), load("organ"))[0].to_pylist() == [None, None]
    assert canonical_lists(pa.chunked_array([], pa.list_(pa.string())), load("organ"))[0].to_pylist() == []
    assert canonical_lists(pa.nulls(2, pa.list_(pa.string())), load("organ"))[0].to_pylist() == [None, None]
