"""MONAI bundles that cannot be used, or may not be: each is told in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import MissingExtraError, TriptychError, UsageError
from generators.registry import make
from generators.rois.monai_bundle import RoiMonai
from tests.generators.tiny_bundles import (
    LOAD,
    PLACE,
    POINTWISE,
    WHOLE,
    WINDOW,
    Config,
    bundle,
    chain,
    drawn,
    found,
    mask_of,
    weights_of,
)

pytest.importorskip("monai")
WRITER = "monai.transforms.WriteFileMapping"
Bundled = Callable[..., Path]


@pytest.fixture
def bundled(tmp_path: Path) -> Bundled:
    """Makes a bundle."""
    return partial(bundle, tmp_path)


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
        ({"inferer": "@_meta_::evil"}, "@_meta_::evil"),
        ({"inferer": "%_meta_::evil"}, "%_meta_::evil"),
        (
            {"inferer": {"_target_": "monai.inferers.PatchInferer", "merger_cls": "evil.Merger"}},
            "merger_cls=evil.Merger",
        ),
        ({"saver": {"_target_": "SaveImaged", "keys": "pred"}}, "SaveImaged"),
        ({"saver": {"_target_": "monai.transforms.WriteFileMapping", "mapping_file_path": "x"}}, WRITER),
        ({"network_def": {**POINTWISE, "bias": ["$print(1)"]}}, "$print(1)"),
    ],
)
def test_a_bundle_of_the_hub_that_runs_code_is_refused(fetched: Bundled, part: Config, said: str) -> None:
    fetched({**WHOLE, **part})
    with pytest.raises(TriptychError) as told:
        RoiMonai(model="bright_segmentation").identity()
    assert f"runs code of its own ({said!r}); look at it in" in str(told.value)
    assert "\n" not in str(told.value)


def test_what_the_metadata_of_a_bundle_of_the_hub_says_is_never_run(
    fetched: Bundled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = fetched({**WHOLE, "evil": "@meta", "meta": "%_meta_"})
    metadata = folder / "configs/metadata.json"
    said = {**json.loads(metadata.read_text()), "evil": "$__import__('os').system('touch ran')"}
    metadata.write_text(json.dumps(said))
    with pytest.raises(TriptychError, match="runs code of its own"):
        RoiMonai(model="bright_segmentation").identity()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("part", ["preprocessing", "postprocessing"])
@pytest.mark.parametrize("nested", [False, True])
def test_no_bundle_writes_files(bundled: Bundled, tmp_path: Path, part: str, nested: bool) -> None:
    key = "image" if part == "preprocessing" else "pred"
    step: Any = {"_target_": "SaveImaged", "keys": key, "output_dir": str(tmp_path / "out"), "output_ext": ".png"}
    step = chain(step) if nested else step
    config = {**WHOLE, part: {**WHOLE[part], "transforms": [*WHOLE[part]["transforms"], step]}}
    pixels = drawn(40, 60)
    assert (mask_of(found(RoiMonai(model=str(bundled(config))), pixels)[0]) == (pixels > 127)).all()
    assert not (tmp_path / "out").exists()


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
