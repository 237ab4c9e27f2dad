"""Row keys in little memory are the row keys that were given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from catalog.lake.layout import NUMBER_BITS
from catalog.slices import kept
from catalog.slices.kept import Ascending, Kept, Keys, Ordered


def drawn(seed: int, *, clusters: int, most: int) -> Keys:
    """Some row keys, each once, in no order."""
    draw = np.random.default_rng(seed)
    size = int(draw.integers(1, 2_000))
    found = draw.integers(0, clusters, size) << NUMBER_BITS | draw.integers(0, most, size)
    return draw.permutation(np.unique(found))


def cut(keys: Keys, pieces: int) -> list[Keys]:
    return np.array_split(keys, pieces)


def same(found: Kept, keys: Keys) -> None:
    assert found.size == keys.size
    assert np.array_equal(found.part(0, keys.size + 9), keys)
    for start in range(0, keys.size, 97):
        assert np.array_equal(found.part(start, start + 130), keys[start : start + 130])
        assert found.place(int(keys[start])) == start
    assert found.part(keys.size + 1, keys.size + 5).size == 0
    numbers = np.concatenate([np.asarray(part, np.int64) for part in found.numbers()])
    assert np.array_equal(numbers, keys & (1 << NUMBER_BITS) - 1)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("clusters", "most"), [(1, 3_000), (40, 3_000), (2**29, 2**34), (300, 2**33)])
def test_keys_come_back(seed: int, clusters: int, most: int) -> None:
    keys = drawn(seed, clusters=clusters, most=most)
    same(Ordered(cut(keys, 7)), keys)
    twice = np.concatenate([keys, keys[::3]])
    same(Ascending.of(cut(twice, 5)), np.sort(keys))


def test_many_small_pieces_are_joined_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_PIECES", 10)
    keys = drawn(3, clusters=20, most=900)
    same(Ascending.of(cut(keys, 50)), np.sort(keys))


def test_more_clusters_than_two_bytes_count_are_told_apart() -> None:
    keys = np.arange(70_000, dtype=np.int64) << NUMBER_BITS | 5
    same(Ordered(cut(keys[::-1], 3)), keys[::-1])


@pytest.mark.parametrize("make", [Ascending.of, Ordered])
def test_what_is_not_among_them_has_no_place(make: Callable[[list[Keys]], Kept]) -> None:
    keys = np.array([4 << NUMBER_BITS | 1, 4 << NUMBER_BITS | 7, 9 << NUMBER_BITS | 2], np.int64)
    others = [0, 4 << NUMBER_BITS | 2, 4 << NUMBER_BITS | 8, 9 << NUMBER_BITS | 1, 5 << NUMBER_BITS | 1, 2**62]
    assert {make([keys]).place(key) for key in others} == {None}
    assert make([]).place(5) is None
    assert make([]).part(0, 5).size == 0
