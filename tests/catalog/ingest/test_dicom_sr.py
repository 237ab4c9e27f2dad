"""Structured reports become regions and findings, without their text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_objects import (
    KEYS,
    Taken,
    code_item,
    coded,
    content,
    ct,
    number,
    real,
    reference,
    report,
    save,
    scoord,
    take,
)
from pydicom.dataset import Dataset
from skimage.draw import polygon2mask

from catalog.geometry import masks

FINDING, SITE = coded("121071", "DCM", "Finding"), coded("363698007", "SCT", "Finding Site")
NODULE, LUNG = coded("27925004", "SCT", "Nodule"), coded("39607008", "SCT", "Lung")
LONG_AXIS = coded("103339001", "SCT", "Long Axis")


def taken(tmp_path: Path, image: Dataset, *items: Dataset) -> Taken:
    save(image, tmp_path / "z.dcm")
    save(report(*items), tmp_path / "a.dcm")
    return take(tmp_path)


def test_a_measured_nodule_becomes_a_region_and_findings(tmp_path: Path) -> None:
    image = ct()
    left = code_item(coded("272741003", "SCT", "Laterality"), coded("7771000", "SCT", "Left"))
    left.RelationshipType = "HAS CONCEPT MOD"
    outline = [10.7, 20.2, 30.9, 20.4, 30.6, 40.1, 10.7, 20.2]
    measured = number(LONG_AXIS, 12.5, "mm", ContentSequence=[scoord("POLYLINE", outline, image)])
    text = content("TEXT", ConceptNameCodeSequence=coded("112039", "DCM", "Tracking"), TextValue="Mr Doe, left")
    found = taken(
        tmp_path, image, text, code_item(FINDING, NODULE), code_item(SITE, LUNG, ContentSequence=[left]), measured
    )
    (roi,) = found.rows("rois")
    assert roi["image_id"] == KEYS("image", image.SOPInstanceUID, 0)
    assert (roi["label"], roi["kind"], roi["origin"]) == ("Nodule", "lesion", "source_mask")
    points = np.array(outline).reshape(-1, 2)[:-1] - 0.5
    expected = polygon2mask((128, 128), points[:, ::-1])
    assert np.array_equal(masks.decode(roi["mask"], width=128, height=128), expected)
    findings = [(row["concept"], row["concept_id"], row["laterality"], row["score"]) for row in found.rows("findings")]
    assert findings == [("Nodule", "SCT:27925004", "L", None), ("Long Axis [mm]", "SCT:103339001", "L", 12.5)]
    assert "Doe" not in found.text()


@pytest.mark.parametrize(
    ("shape", "points", "box", "masked"),
    [
        ("POINT", [12.5, 33.5], (12, 33, 13, 34), False),
        ("MULTIPOINT", [12.5, 33.5, 20.1, 40.9], (12, 33, 21, 41), False),
        ("POLYLINE", [12.5, 33.5, 20.1, 40.9], (12, 33, 21, 41), False),
        ("POLYLINE", [10, 20, 30, 20, 30, 50, 10, 50, 10, 20], (10, 20, 30, 50), True),
        ("CIRCLE", [50, 60, 50, 70], (40, 50, 60, 70), True),
        ("ELLIPSE", [30, 60, 70, 60, 50, 50, 50, 70], (30, 50, 70, 70), True),
    ],
)
def test_every_graphic_has_its_box(
    tmp_path: Path, shape: str, points: list[float], box: tuple[int, ...], masked: bool
) -> None:
    image = ct()
    (roi,) = taken(tmp_path, image, scoord(shape, points, image, "CONTAINS")).rows("rois")
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == box
    assert (roi["mask"] is not None) == masked


def test_the_area_of_an_ellipse_is_that_of_its_axes(tmp_path: Path) -> None:
    image = ct()
    (roi,) = taken(tmp_path, image, scoord("ELLIPSE", [30, 60, 70, 60, 50, 50, 50, 70], image)).rows("rois")
    assert roi["mask_area"] == pytest.approx(np.pi * 20 * 10, rel=0.02)


def test_a_site_without_finding_names_an_organ(tmp_path: Path) -> None:
    image = ct()
    found = taken(tmp_path, image, code_item(SITE, LUNG), scoord("POINT", [5, 5], image))
    assert [(roi["label"], roi["kind"]) for roi in found.rows("rois")] == [("Lung", "organ")]


def test_findings_belong_to_the_image_that_the_group_names(tmp_path: Path) -> None:
    image = ct()
    named = content("IMAGE", ReferencedSOPSequence=[reference(image)])
    found = taken(tmp_path, image, named, code_item(FINDING, NODULE))
    assert [(row["concept"], row["origin"]) for row in found.rows("findings")] == [("Nodule", "report")]
    assert found.rows("findings")[0]["image_id"] == found.rows("images")[0]["image_id"]


@pytest.mark.parametrize("points", [[500.0, 500.0], [float("nan"), 1.0]])
def test_a_point_outside_its_image_is_a_failure(tmp_path: Path, points: list[float]) -> None:
    image = ct()
    found = taken(tmp_path, image, scoord("POINT", points, image))
    assert found.rows("rois") == []
    assert [row["error"] for row in found.rows("failures")] == ["outside"]


def test_an_image_that_is_not_in_the_lake_is_asked_for(tmp_path: Path) -> None:
    found = take(save(report(scoord("POINT", [5, 5], ct())), tmp_path / "a.dcm"))
    assert [row["error"] for row in found.rows("failures")] == ["missing-image"]


def test_a_report_of_text_only_says_that_text_is_not_taken() -> None:
    found = take(real("reportsi.dcm"))
    (failure,) = found.rows("failures")
    assert failure["error"] == "no-content"
    assert not any(found.rows(table) for table in ("images", "rois", "findings", "descriptions"))


def test_acquisition_context_is_no_finding(tmp_path: Path) -> None:
    image = ct()
    spacing: Any = number(coded("111026", "DCM", "Horizontal Pixel Spacing"), 0.8, "mm")
    spacing.RelationshipType = "HAS ACQ CONTEXT"
    named = content("IMAGE", ReferencedSOPSequence=[reference(image)], ContentSequence=[spacing])
    assert taken(tmp_path, image, named, code_item(FINDING, NODULE)).rows("findings")[0]["concept"] == "Nodule"
    assert len(taken(tmp_path, image, named, code_item(FINDING, NODULE)).rows("findings")) == 1
