"""Lungs on a real chest X-ray, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

import catalog
from catalog.errors import MissingExtraError
from catalog.pixels.dicom import view_frame
from generators.contract import Region
from generators.device import Place
from generators.rois import lungs
from generators.rois.lungs import Lungs
from tests.generators.conftest import rows, run
from tests.generators.making import Shown

pytest.importorskip("lungs_finder")

LUNGS = {"right lung": (200, 160, 800, 1450), "left lung": (1000, 160, 1680, 1500)}
"""By eye, in the viewer's frame: the heart's apex and the stomach bubble, the patient's left, lie on the right."""


def found(image: NDArray[np.uint8]) -> dict[str | None, Region]:
    return {region.label: region for region in Lungs().prepare(Shown(image))}


def chest_file() -> Path:
    return Path(str(get_testdata_file("RG1_UNCR.dcm")))


@pytest.fixture(scope="module")
def chest() -> NDArray[np.uint8]:
    return view_frame(chest_file())


def box(region: Region) -> tuple[float, float, float, float]:
    return (region.x0, region.y0, region.x1, region.y1)


def share_inside(inner: tuple[float, ...], outer: tuple[float, ...]) -> float:
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return max(0.0, width) * max(0.0, height) / ((inner[2] - inner[0]) * (inner[3] - inner[1]))


def test_both_lungs_of_a_real_chest_x_ray_lie_where_they_are_and_bear_the_patients_sides(
    chest: NDArray[np.uint8],
) -> None:
    regions = found(chest)
    assert set(regions) == {"left lung", "right lung"}
    for label, lung in LUNGS.items():
        assert share_inside(lung, box(regions[label])) > 0.85
        other = next(name for name in LUNGS if name != label)
        assert share_inside(lung, box(regions[other])) < 0.1
        assert (regions[label].kind, regions[label].origin) == ("organ", "expert_model")


def test_colour_and_size_of_the_picture_make_little_difference(chest: NDArray[np.uint8]) -> None:
    colours = np.repeat(chest[:, :, None], 3, axis=2)
    assert {label: box(region) for label, region in found(colours).items()} == {
        label: box(region) for label, region in found(chest).items()
    }
    smaller = found(np.ascontiguousarray(chest[::3, ::3]))
    for label, lung in LUNGS.items():
        assert share_inside(tuple(edge / 3 for edge in lung), box(smaller[label])) > 0.85


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (2000, 3), (60, 30), (64, 32), (300, 20), (1, 1, 3)])
def test_a_picture_too_small_for_lungs_has_none(shape: tuple[int, ...]) -> None:
    assert found(np.zeros(shape, dtype=np.uint8)) == {}


def test_a_picture_without_lungs_has_none() -> None:
    assert found(np.zeros((600, 600), dtype=np.uint8)) == {}
    assert found(np.random.default_rng(1).integers(0, 255, (400, 300), dtype=np.uint8)) == {}


def test_two_lungs_in_one_place_are_none() -> None:
    one, beside = (10.0, 10.0, 40.0, 80.0), (60.0, 12.0, 38.0, 75.0)
    assert not lungs.clash(one, beside)
    assert lungs.clash(one, (15.0, 12.0, 40.0, 80.0))
    assert lungs.clash(beside, one), "sides are swapped"
    assert not lungs.clash(one, None)


def test_lungs_arrive_in_a_lake_through_worker_processes(lake: catalog.Lake) -> None:
    lake.ingest(chest_file(), source="rg1", said={"modality": "X-Ray"})
    report = run(lake, Lungs(), {"modality": "X-Ray", "region": "thorax"}, workers=1)
    assert (report.tally.done, report.tally.made) == (1, 2)
    query = "SELECT label, kind, origin, generator, model, mask FROM rois ORDER BY label"
    said = ("organ", "expert_model", "roi-lungs", "lungs-finder@1.0.0", None)
    assert rows(lake, query) == [("left lung", *said), ("right lung", *said)]
    inside = (
        "SELECT bool_and(x0 >= 0 AND y0 >= 0 AND x1 <= width AND y1 <= height) FROM rois JOIN images USING (image_id)"
    )
    assert rows(lake, inside) == [(True,)]


def test_a_missing_package_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lungs, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"opencv-python-headless is not installed; .*triptych\[lungs\]"):
        Lungs().load(Place())


@pytest.mark.parametrize(
    ("known", "count"),
    [
        ({}, 2),
        ({"modality": "X-Ray", "region": "thorax"}, 2),
        ({"modality": "X-Ray", "region": "thorax and abdomen"}, 2),
        ({"modality": "CT", "region": "thorax"}, 0),
        ({"modality": "X-Ray", "region": "head"}, 0),
    ],
)
def test_what_is_known_not_to_be_a_chest_x_ray_is_left_alone(
    chest: NDArray[np.uint8], known: dict[str, str], count: int
) -> None:
    assert len(Lungs().prepare(Shown(chest, known))) == count
