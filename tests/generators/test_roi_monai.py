"""``roi-monai``: what a bundle segments, with its own steps around its network, and bundles that cannot be used."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import catalog
from catalog.errors import MissingExtraError, TriptychError, UsageError
from generators.contract import Region
from generators.device import Place
from generators.models.bundle import open_bundle
from generators.registry import make
from generators.rois.monai_bundle import RoiMonai
from generators.rois.monai_classes import Classes
from tests.generators.conftest import PICTURES, rows, run

pytest.importorskip("monai")
PLACE = Place("cpu", uses_torch=True)
NAMES = {"0": "background", "1": "bright"}
POINTWISE = {"_target_": "torch.nn.Conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": 1}
UNET = {
    "_target_": "UNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 3,
    "channels": [4, 8],
    "strides": [2],
}
LOAD = {"_target_": "LoadImaged", "keys": "image"}
FIRST = {"_target_": "EnsureChannelFirstd", "keys": "image"}
SCALE = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": 255, "b_min": 0, "b_max": 1}
SOFTMAX = {"_target_": "Activationsd", "keys": "pred", "softmax": True}
DISCRETE = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}
SAVE = {"_target_": "SaveImaged", "keys": "pred", "output_dir": "eval"}
WINDOW = {"_target_": "SlidingWindowInferer", "roi_size": [32, 32], "sw_batch_size": 2, "overlap": 0.25}
Config = dict[str, Any]


def chain(*steps: Config) -> Config:
    return {"_target_": "Compose", "transforms": list(steps)}


WHOLE: Config = {
    "network_def": POINTWISE,
    "inferer": WINDOW,
    "preprocessing": chain(LOAD, FIRST, SCALE),
    "postprocessing": chain(SOFTMAX, DISCRETE, SAVE),
}
Bundled = Callable[..., Path]


@pytest.fixture
def bundled(tmp_path: Path) -> Bundled:
    """Makes a bundle whose network finds what is brighter than half, or has random weights."""

    def made(config: Config = WHOLE, *, inputs: Config | None = None, names: Config | None = NAMES) -> Path:
        import torch

        folder = tmp_path / "bright_segmentation"
        (folder / "configs").mkdir(parents=True)
        (folder / "models").mkdir()
        shown = {"num_channels": 1, "spatial_shape": [32, 32], **(inputs or {})}
        data = {"inputs": {"image": shown}, "outputs": {"pred": {"channel_def": names}}}
        (folder / "configs/metadata.json").write_text(json.dumps({"version": "0.1.3", "network_data_format": data}))
        (folder / "configs/inference.json").write_text(json.dumps(config))
        torch.save(weights_of(config["network_def"]), folder / "models/model.pt")
        return folder

    return made


def weights_of(network: Config) -> dict[str, Any]:
    import torch
    from monai.networks.nets import UNet

    if network["_target_"] == "UNet":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            return dict(UNet(**{key: value for key, value in network.items() if key != "_target_"}).state_dict())
    channels, out = network["in_channels"], network["out_channels"]
    weight, bias = torch.zeros(out, channels, 1, 1), torch.zeros(out)
    weight[-1, 0], bias[-1] = 20.0, -10.0
    return {"weight": weight, "bias": bias}


class Picture:
    """An item that is nothing but pixels."""

    row: dict[str, Any] = {}  # noqa: RUF012
    spoken: list[dict[str, Any]] = []  # noqa: RUF012

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels

    def pixels(self) -> NDArray[np.uint8]:
        return self._pixels


def found(generator: RoiMonai, *pixels: NDArray[np.uint8]) -> list[list[Region]]:
    """What is found; each image is prepared as in a worker."""
    generator.load(PLACE)
    worker = pickle.loads(pickle.dumps(generator))  # noqa: S301
    prepared = [worker.prepare(Picture(image)) for image in pixels]
    with PLACE.inference():
        return generator.generate(prepared)


def drawn(height: int, width: int, *, seed: int = 5) -> NDArray[np.uint8]:
    """Noise below half, with one rectangle above."""
    pixels = np.random.default_rng(seed).integers(0, 100, (height, width), dtype=np.uint8)
    pixels[height // 4 : height // 2, width // 3 : width - 4] = 220
    return pixels


def mask_of(regions: list[Region]) -> NDArray[np.bool_]:
    (region,) = regions
    assert region.mask is not None
    return region.mask


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


def test_volumes_and_other_channels_are_refused(bundled: Bundled) -> None:
    folder = bundled(inputs={"spatial_shape": [96, 96, 96]})
    with pytest.raises(TriptychError, match="is for 3D volumes, and images of the catalog are 2D"):
        RoiMonai(model=str(folder)).identity()


def test_a_network_of_four_channels_is_refused(bundled: Bundled) -> None:
    folder = bundled(inputs={"num_channels": 4})
    with pytest.raises(TriptychError, match="takes images of 4 channels; images of the catalog have 1 or 3"):
        RoiMonai(model=str(folder)).load(PLACE)


def test_weights_of_the_wrong_shape_are_told_in_one_line(bundled: Bundled) -> None:
    import torch

    folder = bundled()
    torch.save({"weight": torch.zeros(2, 5, 1, 1), "bias": torch.zeros(2)}, folder / "models/model.pt")
    with pytest.raises(TriptychError, match=r"network: weight is 2x5x1x1, not 2x1x1x1 \(1 such\)"):
        RoiMonai(model=str(folder)).load(PLACE)
    torch.save({"state_dict": {"module.weight": torch.zeros(2, 1, 1, 1)}}, folder / "models/model.pt")
    with pytest.raises(TriptychError, match="lack 1 of 2 tensors, such as bias"):
        RoiMonai(model=str(folder)).load(PLACE)


def test_safetensors_are_taken_before_a_pickle(bundled: Bundled) -> None:
    from safetensors.torch import save_file

    folder = bundled()
    save_file(weights_of(POINTWISE), folder / "models/model.safetensors")
    (folder / "models/model.pt").write_bytes(b"no pickle")
    assert len(found(RoiMonai(model=str(folder)), drawn(40, 40))[0]) == 1


class Evil:
    """Something that runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("ran"),))


def test_a_pickle_that_runs_code_is_refused_and_not_run(
    bundled: Bundled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.chdir(tmp_path)
    folder = bundled()
    torch.save({"weight": Evil()}, folder / "models/model.pt")
    with pytest.raises(TriptychError, match="holds more than tensors, which could run code") as told:
        RoiMonai(model=str(folder)).load(PLACE)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "ran").exists()


def test_torchscript_is_refused(bundled: Bundled) -> None:
    import zipfile

    folder = bundled()
    with zipfile.ZipFile(folder / "models/model.pt", "w") as archive:
        archive.writestr("model/constants.pkl", b"")
    with pytest.raises(TriptychError, match=r"are TorchScript \(model.pt\), which is code"):
        RoiMonai(model=str(folder)).load(PLACE)
    (folder / "models/model.pt").rename(folder / "models/model.ts")
    with pytest.raises(TriptychError, match=r"has its weights as TorchScript alone \(model.ts\)"):
        RoiMonai(model=str(folder)).load(PLACE)


def test_damaged_weights_and_configurations_are_told(bundled: Bundled) -> None:
    folder = bundled()
    weights = folder / "models/model.pt"
    weights.write_bytes(weights.read_bytes()[:300])
    with pytest.raises(TriptychError, match=r"\(model.pt\) cannot be read"):
        RoiMonai(model=str(folder)).load(PLACE)
    (folder / "configs/inference.json").write_text("{")
    with pytest.raises(TriptychError, match=r"configs/inference.json: Expecting"):
        RoiMonai(model=str(folder)).identity()
    (folder / "configs/inference.json").unlink()
    with pytest.raises(TriptychError, match=r"has no configs/inference.json; give the folder of a MONAI bundle"):
        RoiMonai(model=str(folder)).identity()


def test_a_part_that_cannot_be_built_is_told_in_one_line(bundled: Bundled) -> None:
    folder = bundled({**WHOLE, "inferer": {"_target_": "SlidingWindowInferer", "no_such": 1}})
    with pytest.raises(TriptychError, match=r"its inferer fails with TypeError: .*no_such") as told:
        RoiMonai(model=str(folder)).load(PLACE)
    assert "\n" not in str(told.value)


def test_a_package_that_is_not_there_is_named_with_its_extra(bundled: Bundled, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bundled()
    monkeypatch.setitem(sys.modules, "monai.bundle", None)
    with pytest.raises(MissingExtraError, match=r"monai is not installed; run: pip install 'triptych\[monai\]'"):
        RoiMonai(model=str(folder)).identity()


def test_settings_that_cannot_be_meant_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="the least area of roi-monai is 0"):
        RoiMonai(model="m", min_area=0)
    with pytest.raises(UsageError, match="the overlap of roi-monai is 1"):
        RoiMonai(model="m", overlap=1.0)
    with pytest.raises(UsageError, match="roi-monai needs a model; give it with --model ID"):
        make("roi-monai", {})


@pytest.fixture
def fetched(bundled: Bundled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundled:
    """Makes a bundle that lies in the cache of the hub, as one of the model zoo."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")

    def made(config: Config) -> Path:
        repository = tmp_path / "cache/models--MONAI--bright_segmentation"
        (repository / "snapshots").mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs/main").write_text("a" * 40)
        return bundled(config).rename(repository / "snapshots" / ("a" * 40))

    return made


def test_a_bundle_of_the_model_zoo_without_code_is_run(fetched: Bundled) -> None:
    fetched(WHOLE)
    pixels = drawn(40, 60)
    generator = RoiMonai(model="bright_segmentation")
    assert generator.identity().startswith("bright_segmentation@0.1.3+")
    assert (mask_of(found(generator, pixels)[0]) == (pixels > 127)).all()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"imports": ["$import os"]}, "$import os"),
        ({"inferer": {"_target_": "os.system", "command": "touch ran"}}, "os.system"),
        (
            {"inferer": {"_target_": "monai.networks.nets.unet.torch.hub.load"}},
            "monai.networks.nets.unet.torch.hub.load",
        ),
        ({"inferer": {"_target_": "monai.bundle.run"}}, "monai.bundle.run"),
        ({"preprocessing": chain({**LOAD, "reader": "exec", "args": "open('ran', 'w')"})}, "reader=exec"),
        ({"inferer": {**WINDOW, "_mode_": "debug"}}, "_mode_=debug"),
        ({"network_def": {**POINTWISE, "url": "https://example.org/w.pt"}}, "https://example.org/w.pt"),
        ({"inferer": "%/etc/other.json::inferer"}, "%/etc/other.json::inferer"),
        ({"network_def": {**POINTWISE, "bias": ["$print(1)"]}}, "$print(1)"),
    ],
)
def test_a_bundle_of_the_hub_that_runs_code_is_refused(fetched: Bundled, part: Config, said: str) -> None:
    fetched({**WHOLE, **part})
    with pytest.raises(TriptychError) as told:
        RoiMonai(model="bright_segmentation").identity()
    assert f"runs code of its own ({said!r}); look at it in" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_bundle_that_is_trusted_may_run_code(fetched: Bundled, bundled: Bundled) -> None:
    fetched({**WHOLE, "imports": ["$import math"], "inferer": {**WINDOW, "overlap": "$math.sqrt(0.25)"}})
    pixels = drawn(40, 60)
    regions = found(RoiMonai(model="bright_segmentation", trust=True), pixels)[0]
    assert (mask_of(regions) == (pixels > 127)).all()


def test_a_folder_may_run_code_and_import_its_own_modules(bundled: Bundled) -> None:
    folder = bundled({**WHOLE, "inferer": {"_target_": "bright_window.Window", "roi_size": "$[16 * 2] * 2"}})
    code = "from monai.inferers import SlidingWindowInferer\nclass Window(SlidingWindowInferer): ...\n"
    (folder / "bright_window.py").write_text(code)
    pixels = drawn(40, 60)
    assert (mask_of(found(RoiMonai(model=str(folder)), pixels)[0]) == (pixels > 127)).all()


def test_a_bundle_that_is_not_at_hand_is_told_when_there_is_no_network(fetched: Bundled) -> None:
    with pytest.raises(TriptychError, match=r"'MONAI/no_such_bundle' is no folder, .* cannot be fetched from"):
        RoiMonai(model="no_such_bundle").identity()
