from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from pydicom.data import get_testdata_file

from catalog.errors import InputError
from catalog.geometry import masks
from catalog.pixels.dicom import view_frame
from catalog.pixels.draw import COLOURS, DIMMED, draw

GREY = np.full((600, 700), 100, np.uint8)
DIM = int(100 * DIMMED)


def box(x0: float, y0: float, x1: float, y1: float, label: str | None = "lesion", **more: Any) -> dict[str, Any]:
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "mask": None, "label": label, "kind": "lesion"} | more


def drawn(image: Any, *rois: dict[str, Any]) -> Any:
    return np.asarray(draw(image, rois))


def holds(picture: Any, colour: tuple[int, int, int]) -> Any:
    return (picture == colour).all(axis=2)


def test_an_image_without_regions_is_shown_as_it_is() -> None:
    cell = skimage.data.cell()
    assert np.array_equal(drawn(cell), cell)
    assert drawn(cell[:9, :9]).shape == (9, 9)


def test_inside_keeps_its_pixels_and_outside_is_dimmed() -> None:
    picture = drawn(GREY, box(100, 200, 300, 400))
    assert (picture[200:400, 100:300] == 100).all()
    assert (picture[450:, 350:] == DIM).all()


def test_the_outline_runs_around_the_box() -> None:
    outline = holds(drawn(GREY, box(100, 200, 300, 400)), COLOURS[0])
    assert outline[199, 100:300].all()
    assert outline[400, 100:300].all()
    assert outline[200:400, 99].all()
    assert outline[200:400, 300].all()


def test_a_mask_is_outlined_by_its_contour_and_not_by_its_box() -> None:
    rows, columns = np.mgrid[:600, :700]
    disc = (rows - 300) ** 2 + (columns - 300) ** 2 < 100**2
    region = masks.region(disc)
    assert region is not None
    picture = drawn(GREY, region.fields() | {"label": "disc", "kind": "lesion"})
    assert (picture[disc] == 100).all()
    outline = holds(picture, COLOURS[0])
    assert outline[300, 400]
    assert not outline[:, 400][:220].any()
    assert picture[210, 390].tolist() == [DIM] * 3  # the corner of the box lies outside of the disc


def test_a_real_segmentation_is_drawn_on_its_own_frame() -> None:
    seen = view_frame(Path(str(get_testdata_file("liver_1frame.dcm"))))
    region = masks.region(seen)
    assert region is not None
    outline = holds(drawn(seen, region.fields() | {"label": "liver", "kind": "organ"}), COLOURS[0])
    assert outline.sum() > 500
    assert not outline[seen > 0].any()


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (30, 200), (128, 128, 3)])
def test_small_images_are_enlarged_by_a_whole_number(shape: tuple[int, ...]) -> None:
    picture = draw(np.zeros(shape, np.uint8), [box(0, 0, 1, 1)])
    assert max(picture.size) >= 512
    assert picture.height % shape[0] == picture.width % shape[1] == 0
    assert picture.height // shape[0] == picture.width // shape[1]


@pytest.mark.parametrize("corner", [(0, 0), (699, 0), (0, 599), (699, 599)])
def test_a_single_pixel_at_the_border_is_outlined_and_named(corner: tuple[int, int]) -> None:
    x, y = corner
    picture = drawn(GREY, box(x, y, x + 1, y + 1))
    near = holds(picture, COLOURS[0])[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4]
    assert near.any()
    assert holds(picture, COLOURS[0]).sum() > 400  # the plate of its name


def test_a_box_over_the_whole_image_is_outlined_just_inside() -> None:
    outline = holds(drawn(GREY, box(0, 0, 700, 600)), COLOURS[0])
    assert outline[0].all()
    assert outline[:, -1].all()


def test_several_labels_have_colours_of_their_own() -> None:
    picture = drawn(GREY, box(50, 100, 90, 140, "a"), box(300, 100, 400, 140, "b"), box(50, 400, 90, 440, "a"))
    assert holds(picture, COLOURS[0]).any()
    assert holds(picture, COLOURS[1]).any()
    assert not holds(picture, COLOURS[2]).any()


def test_hundreds_of_regions_of_one_name_are_named_once() -> None:
    places = np.random.default_rng(0).integers(40, 560, (500, 2)).tolist()
    crowd = [box(x, y, x + 6, y + 6, "nucleus") for x, y in places]
    picture = drawn(GREY, *crowd)
    assert holds(picture, COLOURS[0])[:20, :60].mean() > 0.3  # the legend
    assert picture.shape == (600, 700, 3)


def test_odd_labels_and_boxes_do_no_harm() -> None:
    nan = float("nan")
    odd = [box(nan, 0, 5, 5), box(900, 900, 950, 950), box(5, 5, 5, 5), box(1, 1, 9, 9, None) | {"x0": None}]
    assert np.array_equal(drawn(GREY, *odd), GREY)
    long = box(300, 300, 320, 320, "a name of\nmany lines and 頭部 " * 20)
    assert drawn(GREY, long, *odd).shape == (600, 700, 3)


def test_a_mask_of_another_size_gives_way_to_its_box() -> None:
    other = masks.encode(np.ones((5, 5), np.uint8))
    with_mask, without = box(100, 200, 300, 400, mask=other), box(100, 200, 300, 400)
    assert np.array_equal(drawn(GREY, with_mask), drawn(GREY, without))


def test_what_is_no_eight_bit_picture_is_refused() -> None:
    with pytest.raises(InputError, match="uint16"):
        draw(np.zeros((4, 4), np.uint16), [])  # type: ignore[arg-type]
