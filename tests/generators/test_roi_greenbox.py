"""Green boxes burnt into pixels: found where they were drawn, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import catalog
from benchmarks.greenbox.drawn import PENS, Box, Pen, burnt, iou
from benchmarks.greenbox.hard import score_text, written
from benchmarks.greenbox.pictures import SEPARATE, pictures
from benchmarks.greenbox.score import QUALITIES, merged, score
from catalog.errors import UsageError
from generators.registry import make
from generators.rois.greenbox import GreenBox, find
from tests.generators.conftest import rows, run

Pixels = NDArray[np.uint8]
WIDE, HIGH = 160, 120
ENDS = {
    "left": (0, 30, 40, 70),
    "top": (30, 0, 90, 40),
    "right": (100, 30, WIDE, 70),
    "bottom": (30, 50, 90, HIGH),
    "corner": (130, 90, WIDE, HIGH),
    "whole image": (0, 0, WIDE, HIGH),
}


@pytest.fixture(scope="module")
def images() -> dict[str, list[Pixels]]:
    """Real images by kind, two of each."""
    return {kind: found[:2] for kind, found in pictures().items()}


def noise(seed: int = 0) -> Pixels:
    """A grey ramp with noise, from near black to near white."""
    ramp = np.linspace(20, 220, WIDE) + np.random.default_rng(seed).normal(0, 8, (HIGH, WIDE))
    return np.clip(ramp, 0, 255).astype(np.uint8)


def boxes(pixels: Pixels) -> list[Box]:
    return [box for box, _ in find(pixels)]


def off(one: Box, other: Box) -> int:
    """Pixels by which two boxes differ at most."""
    return int(np.abs(np.subtract(one, other)).max())


@pytest.mark.parametrize("quality", QUALITIES)
def test_boxes_in_real_images_are_found(images: dict[str, list[Pixels]], quality: int) -> None:
    total = merged(score(found, quality=quality, times=4, seed=4) for kind, found in images.items() if kind != SEPARATE)
    assert total.drawn > 80
    assert total.recall >= 0.95
    assert total.precision >= 0.95
    assert np.mean(total.overlaps) >= 0.97


def test_where_sides_lie_in_pure_green_what_is_found_was_drawn(images: dict[str, list[Pixels]]) -> None:
    total = score(images[SEPARATE], quality=85, times=8, seed=4)
    assert total.recall >= 0.5
    assert total.precision >= 0.9


@pytest.mark.parametrize("quality", QUALITIES)
def test_nothing_is_found_in_real_images_without_a_box(images: dict[str, list[Pixels]], quality: int) -> None:
    for kind, found in images.items():
        for image in found:
            assert boxes(burnt(image, [], pen="pillow", quality=quality)) == [], kind


@settings(max_examples=60, deadline=None)
@given(
    left=st.integers(0, WIDE - 60), top=st.integers(0, HIGH - 50), wide=st.integers(10, 60), high=st.integers(10, 50),
    pen=st.sampled_from(PENS), quality=st.integers(75, 95), seed=st.integers(0, 9),
)  # fmt: skip
def test_a_box_is_found_to_a_pixel(
    left: int, top: int, wide: int, high: int, pen: Pen, quality: int, seed: int
) -> None:
    drawn = (left, top, left + wide, top + high)
    (found,) = boxes(burnt(noise(seed), [drawn], pen=pen, quality=quality))
    assert off(found, drawn) <= (1 if min(wide, high) >= 16 else 2)


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize("side", [8, 9, 10, 11])
def test_small_boxes_are_found(side: int, pen: Pen) -> None:
    drawn: list[Box] = [(x, y, x + side, y + side) for x in (10, 45, 81, 120) for y in (12, 51, 90)]
    found = boxes(burnt(noise(), drawn, pen=pen, quality=85))
    assert len(found) == len(drawn)
    assert np.mean([max(iou(box, other) for other in found) >= 0.7 for box in drawn]) >= 0.9


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize("end", ENDS)
def test_boxes_that_touch_the_edge_of_the_image_are_found(end: str, pen: Pen) -> None:
    (found,) = boxes(burnt(noise(), [ENDS[end]], pen=pen, quality=75))
    assert off(found, ENDS[end]) <= 1


def test_a_line_of_which_one_pixel_is_left_at_the_edge_is_a_side() -> None:
    image = Image.fromarray(noise()).convert("RGB")
    ImageDraw.Draw(image).rectangle((100, 29, WIDE + 1, 70), outline=(0, 255, 0), width=3)
    (found,) = boxes(np.asarray(image))
    assert off(found, (101, 30, WIDE, 70)) <= 1


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize(
    "drawn",
    [
        [(20, 20, 90, 80), (60, 50, 140, 110)],
        [(10, 40, 150, 70), (60, 10, 100, 110)],
        [(20, 20, 120, 100), (40, 40, 80, 80)],
        [(10, 10, 60, 60), (60, 60, 110, 110)],
        [(20, 20, 70, 90), (90, 20, 140, 90)],
    ],
    ids=["overlapping", "crossing", "nested", "meeting at a corner", "side by side"],
)
def test_of_boxes_that_cross_each_is_found_and_their_common_part_is_not(drawn: list[Box], pen: Pen) -> None:
    found = boxes(burnt(noise(), drawn, pen=pen, quality=85))
    assert len(found) == len(drawn)
    assert all(min(off(box, other) for other in found) <= 1 for box in drawn)


def test_a_hundred_boxes_of_cells_are_found(images: dict[str, list[Pixels]]) -> None:
    (tissue,) = images["colour: histology"]
    rng = np.random.default_rng(3)
    corners = [(50 * column, 50 * row) for column in range(10) for row in range(10)]
    drawn: list[Box] = []
    for x, y in corners:
        (left, top), (wide, high) = rng.integers(0, 12, 2), rng.integers(14, 38, 2)
        drawn.append((int(x + left), int(y + top), int(x + left + wide), int(y + top + high)))
    found = boxes(burnt(tissue, drawn, pen="opencv", quality=75))
    assert np.mean([max(iou(box, other) for other in found) >= 0.7 for box in drawn]) >= 0.95
    assert len(found) <= 1.05 * len(drawn)


def test_a_box_of_an_image_that_was_never_jpeg_is_exact_and_complete() -> None:
    image = Image.fromarray(noise()).convert("RGB")
    ImageDraw.Draw(image).rectangle((31, 20, 90, 77), outline=(0, 255, 0), width=2)
    assert find(np.asarray(image)) == [((31, 20, 91, 78), 1.0)]


def test_what_opencv_draws_is_found() -> None:
    cv2 = pytest.importorskip("cv2")
    pixels = np.repeat(noise()[..., None], 3, axis=2)
    cv2.rectangle(pixels, (30, 25), (99, 84), (0, 255, 0), 2)
    coded = cv2.imencode(".jpg", pixels)[1]
    (found,) = boxes(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
    assert found == (30, 25, 100, 85)


def test_the_score_is_the_share_of_the_outline_that_is_green() -> None:
    pixels = burnt(noise(), [(20, 20, 120, 100)], pen="pillow", quality=95).copy()
    pixels[15:25, 40:70] = 90
    ((box, completeness),) = find(pixels)
    assert off(box, (20, 20, 120, 100)) <= 1
    assert completeness == pytest.approx(1 - 30 / 360, abs=0.03)
    assert find(pixels, completeness=0.95) == []


@pytest.mark.parametrize("colour", [(255, 0, 0), (255, 255, 0), (0, 255, 255), (0, 90, 0), (255, 255, 255)])
def test_outlines_of_another_colour_are_not_boxes(colour: tuple[int, int, int]) -> None:
    image = Image.fromarray(noise()).convert("RGB")
    ImageDraw.Draw(image).rectangle((30, 20, 90, 77), outline=colour, width=2)
    assert boxes(np.asarray(image)) == []


def test_a_green_area_and_a_thick_frame_are_not_boxes() -> None:
    image = Image.fromarray(noise()).convert("RGB")
    ImageDraw.Draw(image).rectangle((10, 10, 60, 60), fill=(0, 255, 0))
    ImageDraw.Draw(image).rectangle((80, 20, 150, 100), outline=(0, 255, 0), width=9)
    ImageDraw.Draw(image).line((5, 80, 70, 80), fill=(0, 255, 0), width=2)
    assert boxes(np.asarray(image)) == []


def test_green_text_is_seldom_a_box(images: dict[str, list[Pixels]]) -> None:
    found = [images[kind][0] for kind in ("colour: histology", "colour: ultrasound", "grey, 64 to 128 pixels")]
    total = score_text(found, seed=1, drawn=False)
    assert total.on_bare <= 0.2 * total.bare


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_box_is_found_in_an_image_with_green_text(images: dict[str, list[Pixels]], quality: int) -> None:
    (tissue,) = images["colour: histology"]
    drawn: list[Box] = [(300, 300, 340, 350), (60, 400, 72, 410), (5, 5, 400, 250)]
    found = boxes(burnt(written(tissue, size=24), drawn, pen="pillow", quality=quality))
    assert sorted(found) == sorted(drawn)


def test_in_grey_there_is_nothing_green() -> None:
    assert boxes(noise()) == []


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=24).map(lambda shape: (*shape, 3))))
def test_pixels_of_any_size_are_read_without_an_error(pixels: Pixels) -> None:
    height, width = pixels.shape[:2]
    for (x0, y0, x1, y1), completeness in find(pixels, completeness=0.5, greenness=1):
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        assert 0.5 <= completeness <= 1


@pytest.mark.parametrize("setting", [{"completeness": "0.4"}, {"completeness": "nan"}, {"greenness": "0"}])
def test_a_setting_that_cannot_be_is_refused(setting: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="roi-greenbox: "):
        make("roi-greenbox", setting)


def test_boxes_arrive_in_the_lake(lake: catalog.Lake, tmp_path: Path) -> None:
    drawn: list[Box] = [(20, 20, 90, 80), (100, 40, 140, 110)]
    for name, shown in (("two", drawn), ("none", [])):
        image = Image.fromarray(noise()).convert("RGB")
        for x0, y0, x1, y1 in shown:
            ImageDraw.Draw(image).rectangle((x0, y0, x1 - 1, y1 - 1), outline=(0, 255, 0), width=2)
        image.save(tmp_path / f"{name}.jpg", quality=85)
    lake.ingest(tmp_path / "two.jpg", tmp_path / "none.jpg", source="drawn", said={"modality": "CT"})
    report = run(lake, GreenBox(), workers=2)
    assert (report.tally.done, report.tally.made) == (2, 2)
    found = rows(lake, "SELECT x0, y0, x1, y1, label, origin, model, modality, score FROM rois ORDER BY x0")
    for (*box, label, origin, model, modality, completeness), true in zip(found, drawn, strict=True):
        assert off(tuple(box), true) <= 1
        assert (label, origin, model, modality) == (None, "greenbox", None, "CT")
        assert 0.95 <= completeness <= 1
    assert run(lake, GreenBox()).tally.done == 0
