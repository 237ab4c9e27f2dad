from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from catalog.geometry import masks

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=60)


@given(arrays(np.uint8, SHAPES, elements=st.integers(0, 1)))
def test_a_mask_comes_back_from_its_counts(mask: NDArray[Any]) -> None:
    height, width = mask.shape
    assert np.array_equal(masks.decode(masks.encode(mask), width=width, height=height), mask)


@pytest.mark.parametrize("shape", [(4, 5), (6, 5), (600, 700)])
def test_counts_of_another_size_are_refused_and_no_memory_leaks_into_the_mask(shape: tuple[int, int]) -> None:
    counts = masks.encode(np.ones((5, 5), np.uint8))
    with pytest.raises(ValueError, match="25 pixels"):
        masks.decode(counts, width=shape[1], height=shape[0])


@pytest.mark.parametrize("counts", ["", "hello", "0i", "!"])
def test_what_are_no_counts_is_refused(counts: str) -> None:
    with pytest.raises(ValueError, match="RLE counts"):
        masks.decode(counts, width=5, height=5)
