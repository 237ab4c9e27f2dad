"""``roi-monai``: what a bundle segments, with its own steps around its network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import catalog
from generators.models.bundle import open_bundle
from generators.registry import make
from generators.rois.monai_bundle import RoiMonai
from generators.rois.monai_classes import Classes
from tests.generators.conftest import PICTURES, rows, run
from tests.generators.tiny_bundles import (
    DISCRETE,
    FIRST,
    LOAD,
    POINTWISE,
    SCALE,
    SOFTMAX,
    UNET,
    WHOLE,
    WINDOW,
    bundle,
    chain,
    drawn,
    found,
    mask_of,
)

pytest.importorskip("monai")
Bundled = Callable[..., Path]


@pytest.fixture
def bundled(tmp_path: Path) -> Bundled:
    """Makes a bundle."""
    return partial(bundle, tmp_path)


@pytest.mark.parametrize("shape", [(32, 32), (50, 90), (90, 50), (200, 131), (20, 9)])
def test_a_window_slides_over_images_of_any_shape(bundled: Bundled, shape: tuple[int, int]) -> None:
    pixels = drawn(*shape)
    (regions,) = found(RoiMonai(model=str(bundled())), pixels)
    assert [(region.label, region.score) for region in regions] == [("bright", None)]
    assert (mask_of(regions) == (pixels > 127)).all()


def test_a_bundle_with_a_network_alone_slides_a_window_of_its_own(bundled: Bundled) -> None:
    folder = bundled({"network_def": POINTWISE})
    pixels = drawn(70, 45)
    (regions,) = found(RoiMonai(model=str(folder)), pixels)
    assert (mask_of(regions) == (pixels > 127)).all()


def test_colour_becomes_grey_for_a_network_of_one_channel_and_grey_colour_for_three(bundled: Bundled) -> None:
    colour = np.zeros((40, 60, 3), dtype=np.uint8)
    colour[5:20, 10:30] = 250
    colour[25:35, 10:30, 2] = 250
    (regions,) = found(RoiMonai(model=str(bundled())), colour)
    assert (mask_of(regions) == (colour.min(axis=2) > 127)).all()


def test_a_network_of_three_channels_takes_grey(bundled: Bundled) -> None:
    folder = bundled({**WHOLE, "network_def": {**POINTWISE, "in_channels": 3}}, inputs={"num_channels": 3})
    pixels = drawn(40, 60)
    (regions,) = found(RoiMonai(model=str(folder)), pixels)
    assert (mask_of(regions) == (pixels > 127)).all()


def test_what_preprocessing_does_to_the_size_is_undone(bundled: Bundled) -> None:
    resize = {"_target_": "Resized", "keys": "image", "spatial_size": [64, 32], "mode": "nearest"}
    folder = bundled({**WHOLE, "preprocessing": chain(LOAD, FIRST, SCALE, resize)})
    pixels = np.zeros((40, 80), dtype=np.uint8)
    pixels[10:20, 40:80] = 255
    (regions,) = found(RoiMonai(model=str(folder)), pixels)
    mask = mask_of(regions)
    assert mask.shape == (40, 80)
    assert (mask != (pixels > 127)).mean() < 0.03


def test_a_crop_is_put_back_where_it_was(bundled: Bundled) -> None:
    crop = {"_target_": "CropForegroundd", "keys": "image", "source_key": "image", "allow_smaller": True}
    folder = bundled({**WHOLE, "preprocessing": chain(LOAD, FIRST, SCALE, crop)})
    pixels = np.zeros((60, 90), dtype=np.uint8)
    pixels[20:45, 30:80] = 20
    pixels[25:35, 50:70] = 255
    (regions,) = found(RoiMonai(model=str(folder)), pixels)
    assert (mask_of(regions) == (pixels > 127)).all()


@pytest.mark.filterwarnings("ignore::UserWarning:monai")
def test_masks_are_those_that_monai_finds_in_the_file(bundled: Bundled, tmp_path: Path) -> None:
    import torch

    resize = {"_target_": "Resized", "keys": "image", "spatial_size": [48, 80]}
    undo = {"_target_": "Invertd", "keys": "pred", "transform": "@preprocessing", "orig_keys": "image"}
    config = {
        "network_def": UNET,
        "inferer": WINDOW,
        "preprocessing": chain(LOAD, FIRST, SCALE, resize),
        "postprocessing": chain(SOFTMAX, undo, DISCRETE),
    }
    folder = bundled(config, names={"0": "background", "1": "one", "2": "two"})
    pixels = drawn(70, 45)
    Image.fromarray(pixels).save(tmp_path / "file.png")
    parser = open_bundle(str(folder)).parser()
    network = parser.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(folder / "models/model.pt", weights_only=True))
    data = parser.get_parsed_content("preprocessing")({"image": str(tmp_path / "file.png")})
    with torch.inference_mode():
        said = parser.get_parsed_content("inferer")(inputs=data["image"][None], network=network)
    expected = np.asarray(parser.get_parsed_content("postprocessing")({**data, "pred": said[0]})["pred"])[0].T
    (regions,) = found(RoiMonai(model=str(folder)), pixels)
    shown = {str(region.label): region.mask for region in regions}
    assert set(np.unique(expected)) > {0}
    for number, name in ((1, "one"), (2, "two")):
        assert (shown.get(name, np.zeros((70, 45), dtype=bool)) == (expected == number)).all()


def test_a_batch_finds_what_each_image_alone_gives(bundled: Bundled) -> None:
    generator = RoiMonai(model=str(bundled({"network_def": UNET, "inferer": WINDOW}, names={})))
    first, second = drawn(40, 60), drawn(40, 60, seed=9)
    together = found(generator, first, second)
    for regions, pixels in zip(together, (first, second), strict=True):
        (alone,) = found(generator, pixels)
        assert [region.label for region in regions] == [region.label for region in alone]
        for region, other in zip(regions, alone, strict=True):
            assert region.mask is not None
            assert (region.mask == other.mask).mean() > 0.999


def test_parts_of_fewer_pixels_are_left_out(bundled: Bundled) -> None:
    pixels = np.zeros((40, 40), dtype=np.uint8)
    pixels[2:4, 2:4] = pixels[10:20, 10:20] = 255
    folder = bundled()
    assert mask_of(found(RoiMonai(model=str(folder)), pixels)[0]).sum() == 104
    assert mask_of(found(RoiMonai(model=str(folder), min_area=5), pixels)[0]).sum() == 100
    assert found(RoiMonai(model=str(folder), min_area=500), pixels) == [[]]


def test_channels_of_their_own_become_regions_that_may_overlap() -> None:
    masks = np.zeros((2, 4, 4), dtype=np.float32)
    masks[0, :2], masks[1, 1:3] = 1, 1
    regions = Classes({0: "liver", 1: "tumour"}, 1).regions(masks, 2)
    assert [(region.label, int(np.sum(region.mask))) for region in regions] == [("liver", 8), ("tumour", 8)]  # type: ignore[arg-type]
    assert [region.label for region in Classes({}, 1).regions(masks, 2)] == ["class 0", "class 1"]


@pytest.mark.parametrize("names", [{0: "lesion"}, {0: "background", 1: "lesion"}])
def test_the_only_class_of_a_network_has_its_name_under_0_or_1(names: dict[int, str]) -> None:
    found_ = np.array([[[0.2, 0.9], [0.1, 0.4]]], dtype=np.float32)
    (region,) = Classes(names, 1).regions(found_, 1)
    assert (region.label, np.asarray(region.mask).tolist()) == ("lesion", [[False, True], [False, False]])


def test_classes_without_names_are_numbered_and_0_is_background() -> None:
    labels = np.array([[[0, 1], [2, 2]]], dtype=np.float32)
    assert [region.label for region in Classes({}, 1).regions(labels, 3)] == ["class 1", "class 2"]


def test_rows_of_regions_arrive_in_a_lake(pictures: catalog.Lake, bundled: Bundled) -> None:
    folder = bundled()
    report = run(pictures, make("roi-monai", {"model": str(folder)}))
    assert (report.tally.done, report.tally.failed) == (PICTURES, 0)
    query = "SELECT DISTINCT generator, model, label, origin FROM rois"
    assert rows(pictures, query) == [("roi-monai", RoiMonai(model=str(folder)).identity(), "bright", "expert_model")]
    with_region = sum(1 for number in range(PICTURES) if number % 4)
    assert rows(pictures, "SELECT count(*), count(mask) FROM rois") == [(with_region, with_region)]


def test_the_identity_has_version_and_digest(bundled: Bundled) -> None:
    folder = bundled()
    before = RoiMonai(model=str(folder)).identity()
    weights = folder / "models/model.pt"
    weights.write_bytes(weights.read_bytes() + b"\0")
    after = RoiMonai(model=str(folder)).identity()
    assert before.startswith("bright_segmentation@0.1.3+")
    assert before != after
