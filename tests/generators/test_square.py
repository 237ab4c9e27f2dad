"""Into the square of a model and out of it again."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage import data

from generators.rois.square import boxes_in, fitted, mask_of, padded, shrunk

SIDE = 256


@pytest.mark.parametrize(
    "pixels",
    [
        data.cell(),
        data.retina(),
        data.coins()[:90, :60],
        np.array([[7]], dtype=np.uint8),
        np.arange(6000, dtype=np.uint8).reshape(2000, 3),
        np.tile(data.camera(), (9, 11)),  # more than is turned into floating point at once
    ],
    ids=["grey", "colour", "enlarged", "1x1", "narrow", "large"],
)
def test_an_image_is_shrunk_as_opencv_does_by_area(pixels: NDArray[np.uint8]) -> None:
    cv2 = pytest.importorskip("cv2")
    made, (height, width) = shrunk(pixels, SIDE), fitted(pixels.shape[:2], SIDE)
    theirs = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    assert made.shape == theirs.shape
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - theirs).max() <= 1
    assert padded(made, SIDE).shape[:2] == (SIDE, SIDE)


@pytest.mark.parametrize("size", [(512, 512), (40, 64), (1955, 1841), (256, 256), (300, 1000), (2000, 3), (1, 1)])
def test_a_mask_is_that_of_logits_enlarged_as_a_whole(size: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    noise = np.random.default_rng(1).normal(size=(SIDE, SIDE))
    logits = (gaussian_filter(noise, 8) * 100 - 1.5).astype(np.float32)
    height, width = fitted(size, SIDE)
    inside = torch.from_numpy(logits)[None, None, :height, :width]
    whole = torch.nn.functional.interpolate(inside, size=size, mode="bilinear", align_corners=False)[0, 0].numpy() > 0
    mask = mask_of(logits, size)
    made = np.zeros(size, dtype=bool) if mask is None else np.asarray(mask)
    assert made.shape == size
    assert np.count_nonzero(made != whole) <= made.size / 10_000


def test_nothing_set_is_no_mask_and_the_padding_does_not_count() -> None:
    logits = np.full((SIDE, SIDE), -1.0, dtype=np.float32)
    logits[200:] = 1
    assert mask_of(logits, (100, 200)) is None
    found = mask_of(logits, (200, 200))
    assert found is not None
    assert np.flatnonzero(np.asarray(found).any(axis=1))[[0, -1]].tolist() == [156, 199]


def test_a_half_open_box_becomes_its_first_and_last_pixel() -> None:
    assert boxes_in([(10, 20, 100, 512)], (512, 400), SIDE).tolist() == [[5, 10, 49, 255]]
    assert boxes_in([(0.2, 0, 0.5, 1)], (1, 1), SIDE).tolist() == [[51, 0, 51, 0]]
    assert boxes_in([], (5, 5), SIDE).shape == (0, 4)
