"""Overlay planes become regions of their image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_objects import ct, real, save, take
from pydicom.dataset import Dataset

from catalog.geometry import masks


def with_overlay(bits: np.ndarray, *, origin: tuple[int, int] = (1, 1), kind: str = "R", **attributes: int) -> Dataset:
    """The CT with an overlay of shape (frames, rows, columns)."""
    dataset = ct()
    values = {0x10: bits.shape[1], 0x11: bits.shape[2]}
    for element, value in values.items():
        dataset.add_new(0x60000000 | element, "US", value)
    if len(bits) > 1:
        dataset.add_new(0x60000015, "IS", len(bits))
        dataset.add_new(0x60000051, "US", attributes.get("first", 1))
    dataset.add_new(0x60000040, "CS", kind)
    dataset.add_new(0x60000050, "SS", list(origin))
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60001500, "LO", "drawn by Dr Roe")
    data = np.packbits(bits.ravel(), bitorder="little").tobytes()
    dataset.add_new(0x60003000, "OW", data + b"\0" * (len(data) % 2))
    return dataset


def plane(frames: int = 1, rows: int = 128, columns: int = 128) -> np.ndarray:
    bits = np.zeros((frames, rows, columns), dtype=np.uint8)
    bits[:, 3:9, 5:20] = 1
    return bits


@pytest.mark.parametrize("name", ["MR-SIEMENS-DICOM-WithOverlays.dcm", "examples_overlay.dcm"])
def test_a_real_overlay_is_as_pydicom_reads_it(name: str) -> None:
    (roi,) = take(real(name)).rows("rois")
    mask = masks.decode(roi["mask"], width=roi["width"], height=roi["height"])
    assert np.array_equal(mask, pydicom.dcmread(real(name)).overlay_array(0x6000))
    assert (roi["label"], roi["kind"], roi["origin"]) == ("overlay", "other", "source_mask")


def test_a_region_overlay_is_labelled_so_and_its_free_text_stays_out(tmp_path: Path) -> None:
    taken = take(save(with_overlay(plane()), tmp_path / "a.dcm"))
    (roi,) = taken.rows("rois")
    assert (roi["label"], roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == ("ROI", 5, 3, 20, 9)
    assert "Roe" not in taken.text()


@pytest.mark.parametrize(
    ("origin", "box"), [((11, 21), (25, 13, 40, 19)), ((-4, -9), (0, 0, 10, 4)), ((121, 121), (125, 123, 128, 128))]
)
def test_an_overlay_of_another_size_lies_where_its_origin_says(
    tmp_path: Path, origin: tuple[int, int], box: tuple[int, ...]
) -> None:
    (roi,) = take(save(with_overlay(plane(rows=20, columns=30), origin=origin), tmp_path / "a.dcm")).rows("rois")
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == box


def test_an_overlay_outside_its_image_is_a_failure_and_the_image_stands(tmp_path: Path) -> None:
    taken = take(save(with_overlay(plane(), origin=(500, 1)), tmp_path / "a.dcm"))
    assert [row["error"] for row in taken.rows("failures")] == ["outside"]
    assert len(taken.rows("images")) == 1
    assert taken.rows("rois") == []


def test_an_overlay_of_several_frames_lies_over_the_frames_it_names(tmp_path: Path) -> None:
    dataset = with_overlay(plane(frames=2), first=2)
    dataset.NumberOfFrames, dataset.PixelData = 4, dataset.PixelData * 4
    taken = take(save(dataset, tmp_path / "a.dcm"))
    ids = [row["image_id"] for row in taken.rows("images")]
    assert [roi["image_id"] for roi in taken.rows("rois")] == ids[1:3]


def test_an_overlay_without_enough_bits_is_a_failure(tmp_path: Path) -> None:
    dataset = with_overlay(plane())
    dataset[0x60003000].value = bytes(10)
    taken = take(save(dataset, tmp_path / "a.dcm"))
    (failure,) = taken.rows("failures")
    assert (failure["error"], failure["item"]) == ("overlay", "overlay 6000")
