"""Outlines are filled as an independent rasteriser fills them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from catalog.ingest.dicom import shapes
from catalog.ingest.dicom.planes import plane

POINTS = st.lists(
    st.tuples(st.floats(-8, 40).map(lambda v: round(v, 3)), st.floats(-8, 30).map(lambda v: round(v, 3))),
    min_size=3,
    max_size=9,
)


def inside(points: np.ndarray, *, width: int, height: int) -> np.ndarray:
    """Even-odd, pixel by pixel, by the textbook crossing test (Franklin's pnpoly)."""
    result = np.zeros((height, width), dtype=bool)
    for y in range(height):
        for x in range(width):
            for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
                if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                    result[y, x] = not result[y, x]
    return result


@given(POINTS)
@settings(max_examples=60, deadline=None)
def test_a_filled_outline_holds_the_pixels_whose_centres_it_holds(points: list[tuple[float, float]]) -> None:
    outline = np.array(points) + 0.00017  # off the grid, where edges through centres are a matter of taste
    filled = shapes.fill([outline], width=32, height=24)
    assert np.array_equal(filled, inside(outline, width=32, height=24))


def test_a_filled_polygon_is_that_of_scikit_image() -> None:
    outline = np.array([[3.3, 2.2], [28.7, 5.1], [22.4, 21.6], [6.2, 17.9]])
    expected = polygon2mask((24, 32), outline[:, ::-1])
    assert np.array_equal(shapes.fill([outline], width=32, height=24), expected)


def test_an_outline_within_an_outline_is_a_hole() -> None:
    outer = np.array([[1.5, 1.5], [20.5, 1.5], [20.5, 20.5], [1.5, 20.5]])
    inner = np.array([[5.5, 5.5], [10.5, 5.5], [10.5, 10.5], [5.5, 10.5]])
    filled = shapes.fill([outer, inner], width=32, height=24)
    assert filled.sum() == 19 * 19 - 5 * 5
    assert not filled[7, 7]


def test_an_outline_far_outside_costs_nothing_and_fills_nothing() -> None:
    outline = np.array([[1e6, 1e6], [2e6, 1e6], [2e6, 2e6]])
    assert not shapes.fill([outline], width=32, height=24).any()


def test_a_turned_ellipse_has_its_area_and_axes() -> None:
    major, minor = np.array([24.0, 18.0]), np.array([-9.0, 12.0])
    mask = shapes.ellipse(np.array([50.0, 40.0]), major, minor, width=100, height=80)
    assert mask.sum() == pytest.approx(np.pi * 30 * 15, rel=0.01)
    assert mask[40 + 17, 50 + 22]
    assert not mask[40 + 17, 50 - 22]


def test_a_box_holds_the_pixels_of_its_points() -> None:
    points = np.array([[2.2, 3.9], [5.0, 3.1]])
    assert shapes.box(points, width=32, height=24) == (2, 3, 6, 4)
    assert shapes.box(points - 50, width=32, height=24) is None


def test_pixels_and_millimetres_follow_the_formula_of_the_standard() -> None:
    position, orientation, spacing = [10.0, -20.0, 5.0], [0.0, 1, 0, 0, 0, -1], [0.5, 0.8]
    where = plane(position, orientation, spacing)
    assert where is not None
    row, column = 7, 11
    along, down = np.array(orientation[:3]), np.array(orientation[3:])
    point = np.array(position) + along * spacing[1] * column + down * spacing[0] * row
    assert where.pixels(point[np.newaxis])[0] == pytest.approx([column, row])
    assert abs(where.distances((point + 3 * where.normal)[np.newaxis])[0]) == pytest.approx(3)


@pytest.mark.parametrize("orientation", [[0.0] * 6, [1, 0, 0, 1, 0, 0]])
def test_an_impossible_orientation_makes_no_plane(orientation: list[float]) -> None:
    assert plane([0, 0, 0], orientation, [1, 1]) is None
