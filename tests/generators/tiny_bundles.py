"""Small MONAI bundles, and what they find in pictures that are nothing but pixels."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.contract import Region
from generators.device import Place
from generators.rois.monai_bundle import RoiMonai
from tests.generators.making import Shown

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


def bundle(root: Path, config: Config = WHOLE, *, inputs: Config | None = None, names: Config | None = NAMES) -> Path:
    """A bundle whose network finds what is brighter than half, or has random weights."""
    import torch

    folder = root / "bright_segmentation"
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    shown = {"num_channels": 1, "spatial_shape": [32, 32], **(inputs or {})}
    data = {"inputs": {"image": shown}, "outputs": {"pred": {"channel_def": names}}}
    (folder / "configs/metadata.json").write_text(json.dumps({"version": "0.1.3", "network_data_format": data}))
    (folder / "configs/inference.json").write_text(json.dumps(config))
    torch.save(weights_of(config["network_def"]), folder / "models/model.pt")
    return folder


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


def found(generator: RoiMonai, *pixels: NDArray[np.uint8]) -> list[list[Region]]:
    """What is found; each image is prepared as in a worker."""
    generator.load(PLACE)
    worker = pickle.loads(pickle.dumps(generator))  # noqa: S301
    prepared = [worker.prepare(Shown(image)) for image in pixels]
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
