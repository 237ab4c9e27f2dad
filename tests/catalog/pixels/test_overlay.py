"""An image with its regions at the size it is shown in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.geometry import masks
from catalog.pixels.overlay import Overlay, colour_of, overlaid

GREY = np.full((100, 200), 100, dtype=np.uint8)
SIZE = (400, 400)


def box(x0: float, y0: float, x1: float, y1: float, mask: str | None = None) -> dict[str, Any]:
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "mask": mask}


def pixels(*rois: dict[str, Any], **said: Any) -> np.ndarray[Any, Any]:
    return np.asarray(overlaid(GREY, rois, Overlay(**{"size": SIZE, **said})))


def has(image: np.ndarray[Any, Any], place: int) -> bool:
    return bool((image == np.array(colour_of(place))).all(axis=2).any())


def test_an_image_is_as_large_as_fits_and_keeps_its_proportions() -> None:
    assert pixels().shape == (200, 400, 3)
    assert pixels(size=(30, 4)).shape == (4, 8, 3)
    assert overlaid(GREY[:1, :1], (), Overlay((60, 80))).size == (60, 60)
    assert overlaid(np.zeros((1, 5000), np.uint8), (), Overlay((60, 80))).size == (60, 1)


def test_outlines_survive_in_eighty_pixels() -> None:
    small = pixels(box(20, 20, 60, 60), box(150, 50, 151, 51), size=(80, 80))
    assert has(small, 0)
    assert has(small, 1)  # a single pixel of the image


def test_the_chosen_region_is_outlined_thicker_and_the_rest_is_dimmed() -> None:
    one, other = box(20, 20, 60, 60), box(120, 20, 160, 60)
    plain, chosen = pixels(one, other), pixels(one, other, chosen=0)
    count = [int((image == np.array(colour_of(0))).all(axis=2).sum()) for image in (plain, chosen)]
    assert count[1] > 1.5 * count[0]
    assert plain[150, 200].tolist() == [100, 100, 100]
    assert chosen[150, 200].tolist() == [50, 50, 50]
    assert chosen[80, 80].tolist() == [100, 100, 100]


def test_a_mask_is_outlined_or_its_box() -> None:
    disc = np.zeros(GREY.shape, dtype=np.uint8)
    disc[20:60, 20:40] = 1
    disc[40:60, 20:60] = 1
    roi = box(20, 20, 60, 60, masks.encode(disc))
    masked, boxed = pixels(roi), pixels(roi, mode="box")
    corner = (slice(34, 40), slice(100, 124))  # above the notch of the mask, where only the box has a line
    assert not has(masked[corner], 0)
    assert has(boxed[corner], 0)


def test_a_mask_of_another_size_gives_way_to_its_box() -> None:
    wrong = masks.encode(np.ones((3, 3), dtype=np.uint8))
    assert np.array_equal(pixels(box(20, 20, 60, 60, wrong)), pixels(box(20, 20, 60, 60)))


def test_zoom_shows_the_region_with_a_margin_and_crop_its_box_alone() -> None:
    bright = GREY.copy()
    bright[40:60, 80:120] = 200
    roi = box(80, 40, 120, 60)
    crop = np.asarray(overlaid(bright, [roi], Overlay(SIZE, mode="crop", chosen=0)))
    assert crop.shape == (200, 400, 3)
    assert (crop == 200).all()
    zoomed = np.asarray(overlaid(bright, [roi], Overlay(SIZE, mode="none", chosen=0, zoom=True)))
    assert zoomed.shape == (300, 400, 3)
    assert 0.1 < (zoomed == 200).mean() < 0.4


@pytest.mark.parametrize(
    "roi", [box(500, 500, 600, 600), box(float("nan"), 0, 5, 5), {"x0": None, "y0": 0, "x1": 1, "y1": 1}]
)
def test_what_lies_outside_or_nowhere_is_left_out(roi: dict[str, Any]) -> None:
    assert np.array_equal(pixels(roi), pixels())
    for mode in ("mask", "crop"):
        assert np.array_equal(pixels(roi, mode=mode, chosen=0, zoom=True), pixels())


def test_without_an_overlay_nothing_is_drawn() -> None:
    assert np.array_equal(pixels(box(20, 20, 60, 60), mode="none"), pixels())
