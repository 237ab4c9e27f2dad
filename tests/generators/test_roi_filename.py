"""Boxes in file names: documented patterns are read as they stand, anything else is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog
from catalog.errors import InputError
from catalog.records import Image
from generators.registry import make
from generators.rois.filename import FileName, region
from tests.conftest import TakeIn
from tests.generators.conftest import rows, run

DEEPLESION = (
    "_data5_langgao_MedBench_Data_od_dataset_DeepLesion_Images_png_17_Images_png_001087_10_01_184"
    "__98.3207_236.573_17.3433_16.83699999999999.jpg"
)
BHX = (
    "_data2_langgao-mm_bhx-brain-bounding-box_CQ500-CT-22_CQ500CT22 CQ500CT22_Unknown Study_CT PLAIN THIN_CT000015"
    "__0_135_228_61_55.jpg"
)
NO_BOX = [
    "seg_train_558_a_2-right lung.nii-105.jpg",
    "seg_train_17879_a_1-covid-19 infection.nii-29.jpg",
    "BraTS-GoAT-01507_0000_y_output-slice119.jpg",
    "brats-goat-00450_t2f_slice_104_z.png",
    "ISPY1_1001_0001.nii_45.png",
    "216840111366964013451228379692012275141819043_01-117-094.png",
    "vcjjaINBWT4_image_1bce41ba-f740-4d21-a.jpg",
    "picture__10_20_30_40.jpg",
    DEEPLESION.replace("DeepLesion", "Lesions"),
    DEEPLESION.removesuffix(".jpg"),
    DEEPLESION + ".txt",
    DEEPLESION.replace("001087_10_01", "1087_10_01"),
    DEEPLESION.replace("98.3207", "about98"),
    BHX.replace("CQ500CT22 CQ500CT22", "CQ500CT22 CQ500CT23"),
    BHX.replace("__0_", "__"),
    "",
]
PLACES = st.integers(0, 4000) | st.floats(0, 4000)
SIZES = st.integers(1, 4000) | st.floats(1e-3, 4000)


def box(name: str) -> list[float]:
    found = region(name)
    assert found is not None
    return [found.x0, found.y0, found.x1, found.y1]


def test_a_deeplesion_name_is_a_lesion_with_its_box() -> None:
    found = region(DEEPLESION)
    assert found is not None
    assert (found.label, found.kind, found.origin, found.score) == ("lesion", "lesion", "filename", None)
    assert box(DEEPLESION) == pytest.approx([98.3207, 236.573, 98.3207 + 17.3433, 236.573 + 16.837])


def test_a_bhx_name_is_a_hemorrhage_with_its_box() -> None:
    found = region(BHX)
    assert found is not None
    assert (found.label, found.kind, found.origin) == ("hemorrhage", "lesion", "filename")
    assert box(BHX) == [135, 228, 196, 283]


@pytest.mark.parametrize("name", NO_BOX)
def test_another_name_holds_no_box(name: str) -> None:
    assert region(name) is None


@given(st.text())
def test_any_name_is_read_without_an_error(name: str) -> None:
    assert region(name) is None


@given(x=PLACES, y=PLACES, width=SIZES, height=SIZES)
def test_what_is_written_into_a_name_is_read_from_it(x: float, y: float, width: float, height: float) -> None:
    written = f"__{x}_{y}_{width}_{height}.jpg"
    expected = [float(x), float(y), float(x) + width, float(y) + height]
    assert box(f"_a_DeepLesion_Images_png_01_001087_10_01_184{written}") == expected
    assert box(BHX.partition("__0_")[0] + "__3_" + written[2:]) == expected


@pytest.mark.parametrize("size", ["0_5", "5_0", "-3_5", "5_-0.5", "1e999_5"])
def test_numbers_that_are_no_box_are_refused(size: str) -> None:
    with pytest.raises(InputError, match="no box") as raised:
        region(BHX.replace("61_55", size))
    assert raised.value.kind == "box"


def test_boxes_of_names_arrive_in_the_lake_and_those_outside_fail(lake: catalog.Lake, take_in: TakeIn) -> None:
    names = {
        "lesion": DEEPLESION,
        "bleeding": BHX,
        "none": NO_BOX[0],
        "flat": BHX.replace("61_55", "0_55"),
        "outside": BHX.replace("135_228", "600_228"),
        "nameless": None,
    }
    taken = [
        Image(image_id=key, file_name=name, width=512, height=512, content_hash=key) for key, name in names.items()
    ]
    take_in(lake.layout, {"all": taken}, source="bhx")
    report = run(lake, make("roi-filename", {}))
    assert (report.tally.done, report.tally.failed, report.pending.count("blocked")) == (3, 2, 1)
    found = rows(lake, "SELECT image_id, label, kind, origin, generator, x0, y1 FROM rois ORDER BY 1")
    assert found == [
        ("bleeding", "hemorrhage", "lesion", "filename", "roi-filename", 135.0, 283.0),
        ("lesion", "lesion", "lesion", "filename", "roi-filename", 98.3207, pytest.approx(253.41)),
    ]
    assert rows(lake, "SELECT image_id, error FROM failures ORDER BY 1") == [("flat", "box"), ("outside", "box")]


def test_a_name_is_a_reading_of_the_name_alone() -> None:
    assert (FileName.reads, FileName.layer, FileName().identity()) == ("file_name", "rois", None)
