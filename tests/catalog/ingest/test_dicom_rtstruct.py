"""RT structure sets become regions on the slices their contours lie in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dicom_objects import KEYS, Taken, contour, ct, rtstruct, save, take
from pydicom.dataset import Dataset
from skimage.draw import polygon2mask

from catalog.geometry import masks


def taken_mask(row: dict) -> np.ndarray:
    return masks.decode(row["mask"], width=row["width"], height=row["height"])


def lake(tmp_path: Path, *images: Dataset) -> Taken:
    for index, image in enumerate(images):
        save(image, tmp_path / "images" / f"{index}.dcm")
    return take(tmp_path / "images")


def in_mm(pixels: object, z: float = 0.0) -> np.ndarray:
    """Pixel positions (x, y) of the CT of ``dicom_objects`` as points in the patient."""
    points = np.asarray(pixels, dtype=float)
    return np.column_stack([-40 + 0.8 * points[:, 0], -20 + 0.5 * points[:, 1], np.full(len(points), z)])


OUTLINE = [[10.3, 20.2], [60.7, 25.1], [55.4, 70.6], [12.2, 64.9]]
SQUARE = [[20.5, 30.5], [30.5, 30.5], [30.5, 40.5], [20.5, 40.5]]


def test_a_closed_contour_becomes_a_mask_on_the_slice_it_names(tmp_path: Path) -> None:
    image = ct()
    taken = take(save(rtstruct([contour(in_mm(OUTLINE), image)]), tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    (roi,) = taken.rows("rois")
    assert roi["image_id"] == KEYS("image", image.SOPInstanceUID, 0)
    assert (roi["label"], roi["kind"], roi["origin"]) == ("Liver", "organ", "source_mask")
    expected = polygon2mask((128, 128), np.array(OUTLINE)[:, ::-1])
    assert np.array_equal(taken_mask(roi), expected)
    assert roi["mask_area"] == expected.sum()


def test_a_turned_slice_is_drawn_on_in_its_own_axes(tmp_path: Path) -> None:
    image = ct(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    points = np.array([[-40, -20 + 0.8 * x, -0.5 * y] for x, y in OUTLINE])
    taken = take(save(rtstruct([contour(points, image)]), tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    expected = polygon2mask((128, 128), np.array(OUTLINE)[:, ::-1])
    assert np.array_equal(taken_mask(taken.rows("rois")[0]), expected)


def test_a_contour_within_a_contour_is_a_hole_and_one_beside_it_a_second_part(tmp_path: Path) -> None:
    image = ct()
    beside = np.add(SQUARE, [70, 60])
    contours = [contour(in_mm(points), image) for points in (OUTLINE, SQUARE, beside)]
    taken = take(save(rtstruct(contours), tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    (roi,) = taken.rows("rois")
    whole = polygon2mask((128, 128), np.array(OUTLINE)[:, ::-1]).sum()
    assert roi["mask_area"] == whole - 100 + 100
    assert not taken_mask(roi)[35, 25]
    assert roi["components"] == 2


def test_a_contour_that_names_no_image_lies_on_the_nearest_slice(tmp_path: Path) -> None:
    images = [ct(z=z) for z in (0, 3, 6)]
    made = rtstruct([contour(in_mm(SQUARE, z=3.4))])
    taken = take(save(made, tmp_path / "rs.dcm"), into=lake(tmp_path, *images))
    assert [roi["image_id"] for roi in taken.rows("rois")] == [KEYS("image", images[1].SOPInstanceUID, 0)]


def test_a_contour_between_no_slices_is_not_drawn_on_a_far_one(tmp_path: Path) -> None:
    taken = lake(tmp_path, *[ct(z=z) for z in (0, 3, 6)])
    take(save(rtstruct([contour(in_mm(SQUARE, z=9))]), tmp_path / "rs.dcm"), into=taken)
    assert taken.rows("rois") == []
    assert [failure["error"] for failure in taken.rows("failures")] == ["missing-image"]


def test_a_contour_of_a_missing_slice_is_not_drawn_on_its_neighbour(tmp_path: Path) -> None:
    taken = lake(tmp_path, *[ct(z=z) for z in (0, 6)])
    take(save(rtstruct([contour(in_mm(SQUARE, z=3), ct(z=3))]), tmp_path / "rs.dcm"), into=taken)
    assert taken.rows("rois") == []
    (failure,) = taken.rows("failures")
    assert (failure["error"], failure["item"]) == ("missing-image", "ROI 1")
    assert "ingest those images first, then run again" in failure["message"]


def test_a_point_becomes_the_box_of_its_pixel(tmp_path: Path) -> None:
    image = ct()
    made = rtstruct([contour(in_mm([[12.4, 33.6]]), image, "POINT")], kind="MARKER")
    taken = take(save(made, tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    (roi,) = taken.rows("rois")
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"], roi["mask"]) == (12, 34, 13, 35, None)
    assert (roi["kind"], roi["origin"]) == ("device", "source_box")


def test_a_contour_too_thin_for_a_pixel_keeps_its_box(tmp_path: Path) -> None:
    image = ct()
    sliver = [[10.2, 10.2], [10.4, 10.2], [10.4, 10.4]]
    taken = take(save(rtstruct([contour(in_mm(sliver), image)]), tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    (roi,) = taken.rows("rois")
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"], roi["mask"]) == (10, 10, 11, 11, None)


@pytest.mark.parametrize(
    ("interpreted", "kind"), [("GTV", "lesion"), ("ORGAN", "organ"), ("EXTERNAL", "other"), ("", "other")]
)
def test_the_kind_follows_the_interpreted_type(tmp_path: Path, interpreted: str, kind: str) -> None:
    image = ct()
    made = rtstruct([contour(in_mm(SQUARE), image)], kind=interpreted)
    taken = take(save(made, tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    assert taken.rows("rois")[0]["kind"] == kind


def test_contours_without_points_or_outside_are_failures_and_the_rest_stands(tmp_path: Path) -> None:
    image = ct()
    broken, outside = contour([[1, 2, 3]], image), contour(in_mm(np.array(SQUARE) + 1000), image, "POINT")
    broken.ContourData = ["1", "2", "3", "4"]
    made = rtstruct([contour(in_mm(SQUARE), image), broken, outside])
    taken = take(save(made, tmp_path / "rs.dcm"), into=lake(tmp_path, image))
    assert len(taken.rows("rois")) == 1
    assert {failure["error"] for failure in taken.rows("failures")} == {"contour", "outside"}


def test_a_dose_grid_is_not_drawn_on(tmp_path: Path) -> None:
    taken = lake(tmp_path, ct(Modality="RTDOSE"))
    take(save(rtstruct([contour(in_mm(SQUARE))]), tmp_path / "rs.dcm"), into=taken)
    assert taken.rows("rois") == []
