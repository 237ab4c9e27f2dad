"""``roi-hf``: what transformers models find, in pixels of the image, and what is said of those that cannot be used."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import catalog
from catalog.errors import MissingExtraError, TriptychError, UsageError
from generators.contract import Region
from generators.device import Place
from generators.registry import make
from generators.rois import hf_masks
from generators.rois.hf import RoiHf
from generators.rois.hf_masks import Found, apart, grid
from tests.generators import tiny_models
from tests.generators.conftest import PICTURES, rows, run
from tests.generators.making import Shown

pytest.importorskip("transformers")
PLACE = Place("cpu", uses_torch=True)
PIXELS = np.random.default_rng(0).integers(0, 255, (50, 90, 3), dtype=np.uint8)
Models = Callable[[str], Path]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Folders of tiny models by name, each made once."""
    root = tmp_path_factory.mktemp("models")

    def folder(name: str) -> Path:
        there = root / name
        return there if there.exists() else Path(getattr(tiny_models, name)(there))

    return folder


@pytest.fixture
def damaged(models: Models, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """A detector whose weights were changed."""

    def made(change: Callable[[dict[str, Any]], None]) -> Path:
        from safetensors.torch import load_file, save_file

        folder = Path(shutil.copytree(models("yolos"), tmp_path / "damaged"))
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return folder

    return made


def found(generator: RoiHf, *pixels: NDArray[np.uint8]) -> list[list[Region]]:
    generator.load(PLACE)
    prepared = [generator.prepare(Shown(image)) for image in pixels]
    with PLACE.inference():
        return generator.generate(prepared)


def pipeline(task: str, folder: Path) -> Any:
    """The pipeline of transformers for the same model."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    return transformers.pipeline(task, model=str(folder), image_processor=processor)


def picture() -> Any:
    from PIL import Image

    return Image.fromarray(PIXELS)


def test_boxes_labels_and_scores_are_those_of_the_pipeline(models: Models) -> None:
    said = pipeline("object-detection", models("yolos"))(picture(), threshold=0.5)
    expected = [part for part in said if part["label"] != "background"]
    (regions,) = found(RoiHf(model=str(models("yolos"))), PIXELS)
    assert len(regions) == len(expected) > 3
    assert len({(region.x0, region.y0, region.x1, region.y1) for region in regions}) == len(regions)
    for region, said in zip(regions, expected, strict=True):
        assert (region.label, region.mask) == (said["label"], None)
        assert region.score == pytest.approx(said["score"], abs=1e-4)
        box = [said["box"][edge] for edge in ("xmin", "ymin", "xmax", "ymax")]
        assert [int(region.x0), int(region.y0), int(region.x1), int(region.y1)] == box


def test_boxes_are_in_pixels_of_the_image_not_of_the_model(models: Models) -> None:
    large = PIXELS.repeat(3, axis=0).repeat(3, axis=1)
    detector = RoiHf(model=str(models("yolos")))
    (small_found,), (large_found,) = found(detector, PIXELS), found(detector, large)
    widest = [max(region.x1 - region.x0 for region in regions) for regions in (small_found, large_found)]
    assert widest[1] == pytest.approx(3 * widest[0], rel=0.2)


def test_a_batch_finds_what_each_image_alone_gives(models: Models) -> None:
    for name in ("yolos", "segformer", "mask2former", "sam"):
        generator = RoiHf(model=str(models(name)), threshold=0.1, points=3)
        together = found(generator, PIXELS, PIXELS[::-1].copy())
        alone = [found(generator, PIXELS)[0], found(generator, PIXELS[::-1].copy())[0]]
        assert [[region.label for region in regions] for regions in together] == [
            [region.label for region in regions] for regions in alone
        ]
        for region, other in zip(together[1], alone[1], strict=True):
            assert region.mask is None or (region.mask != other.mask).mean() < 0.01


def test_classes_are_masks_of_the_image_and_background_is_none(models: Models) -> None:
    said = pipeline("image-segmentation", models("segformer"))(picture())
    expected = {part["label"]: np.asarray(part["mask"]) > 0 for part in said if part["label"] != "background"}
    (regions,) = found(RoiHf(model=str(models("segformer"))), PIXELS)
    assert [region.label for region in regions] == list(expected)
    assert regions
    for region in regions:
        assert region.mask is not None
        assert region.mask.shape == (50, 90)
        assert (region.mask == expected[str(region.label)]).all()


@pytest.mark.parametrize("name", ["mask2former", "maskformer"])
def test_instances_are_those_that_the_processor_of_the_model_finds(models: Models, name: str) -> None:
    import torch

    generator = RoiHf(model=str(models(name)), threshold=0.1)
    (regions,) = found(generator, PIXELS)
    inputs = generator._processor(images=PIXELS, return_tensors="pt")
    with torch.inference_mode():
        said = generator._finder.network(**inputs)  # type: ignore[attr-defined]
    process = generator._processor.post_process_instance_segmentation
    (expected,) = process(said, threshold=0.1, target_sizes=[(50, 90)], return_binary_maps=True)
    kept = [part for part in expected["segments_info"] if tiny_models.LABELS[part["label_id"]] != "background"]
    assert [region.label for region in regions] == [tiny_models.LABELS[part["label_id"]] for part in kept]
    assert regions
    for region, part in zip(regions, kept, strict=True):
        assert region.score == pytest.approx(part["score"], abs=1e-4)
        assert region.mask is not None
        assert (region.mask == (expected["segmentation"][part["id"]] != 0).numpy()).mean() > 0.999


def test_segments_do_not_overlap(models: Models) -> None:
    for task in ("panoptic-segmentation", "universal-segmentation"):
        (regions,) = found(RoiHf(model=str(models("mask2former")), task=task, threshold=0.0), PIXELS)
        total = np.sum([region.mask for region in regions if region.mask is not None], axis=0)
        assert regions
        assert (np.max(total) > 1) == (task == "universal-segmentation")


@pytest.mark.parametrize(("task", "word"), [("universal-segmentation", 4), ("panoptic-segmentation", 5)])
def test_a_model_that_is_told_its_task_in_words_is_told_it(models: Models, task: str, word: int) -> None:
    generator = RoiHf(model=str(models("oneformer")), task=task, threshold=0.0)
    prepared = generator.prepare(Shown(PIXELS))
    assert prepared.arrays["task_inputs"][:5].tolist() == [1, 2, 3, word, 0]
    (regions,) = found(generator, PIXELS)
    assert {region.label for region in regions} <= {"cyst", "mass", "scar"}
    assert all(region.mask is not None and region.mask.shape == (50, 90) for region in regions)
    assert regions or task == "panoptic-segmentation"


def test_intermediate_embeddings_go_to_the_decoder(models: Models) -> None:
    together = found(RoiHf(model=str(models("sam_hq")), points=4, threshold=0.0), PIXELS, PIXELS)
    assert [len(regions) for regions in together] == [1, 1]
    assert {region.score for regions in together for region in regions} == {1.0}  # an estimate of the IoU may be above


def test_masks_are_those_of_the_pipeline_before_its_last_step(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.sam.image_processing_pil_sam import _rle_to_mask

    steps = pipeline("mask-generation", models("sam"))
    parts = [steps._forward(part, pred_iou_thresh=0.69) for part in steps.preprocess(picture(), points_per_crop=4)]
    expected = [_rle_to_mask(mask) for part in parts for mask in part["masks"]]
    monkeypatch.setattr(hf_masks, "_SAME", 1.0)
    (regions,) = found(RoiHf(model=str(models("sam")), threshold=0.69, points=4), PIXELS)
    assert len(regions) == len(expected) > 5
    assert [region.label for region in regions] == [None] * len(regions)
    scores = [region.score for region in regions]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    order = np.argsort([-score for part in parts for score in part["iou_scores"].tolist()], kind="stable")
    for region, place in zip(regions, order, strict=True):
        assert region.mask is not None
        assert (region.mask == expected[place]).mean() > 0.999


def test_of_masks_with_the_same_box_the_best_is_kept() -> None:
    def mask(score: float, *box: int) -> Found:
        return Found(score, (box[0], box[1], box[2], box[3]), np.ones((box[3] - box[1], box[2] - box[0]), dtype=bool))

    first, same, other, half = (
        mask(0.9, 0, 0, 10, 10),
        mask(0.95, 0, 0, 10, 9),
        mask(0.5, 20, 20, 30, 30),
        mask(0.7, 0, 0, 10, 5),
    )
    assert [kept.score for kept in apart([first, same, other, half])] == [0.95, 0.7, 0.5]
    assert apart([]) == []


def test_the_points_of_a_grid_lie_in_the_middle_of_its_squares() -> None:
    assert grid(2, width=8, height=4).tolist() == [[2, 1], [6, 1], [2, 3], [6, 3]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3, 3)])
@pytest.mark.parametrize("name", ["segformer", "mask2former", "sam"])
def test_the_smallest_images_are_no_trouble(models: Models, name: str, shape: tuple[int, ...]) -> None:
    (regions,) = found(RoiHf(model=str(models(name)), threshold=0.1, points=2), np.zeros(shape, dtype=np.uint8))
    assert all(region.mask is not None and region.mask.shape == shape[:2] for region in regions)


def test_rows_of_regions_arrive_in_a_lake_by_worker_processes(pictures: catalog.Lake, models: Models) -> None:
    report = run(pictures, make("roi-hf", {"model": str(models("yolos"))}), workers=1)
    assert (report.tally.done, report.tally.failed) == (PICTURES, 0)
    query = "SELECT DISTINCT generator, model, origin, label IN ('nodule', 'mass') FROM rois"
    identity = RoiHf(model=str(models("yolos"))).identity()
    assert rows(pictures, query) == [("roi-hf", identity, "expert_model", True)]
    outside = (
        "SELECT count(*) FROM rois JOIN images USING (image_id) WHERE x0 < 0 OR y0 < 0 OR x1 > width OR y1 > height"
    )
    assert rows(pictures, outside) == [(0,)]


@pytest.mark.parametrize(("name", "labels"), [("segformer", True), ("sam", False)])
def test_masks_arrive_in_a_lake_with_a_label_or_without(
    pictures: catalog.Lake, models: Models, name: str, labels: bool
) -> None:
    generator = make("roi-hf", {"model": str(models(name)), "points": "2", "threshold": "0.1"})
    assert run(pictures, generator, limit=3).tally.failed == 0
    query = "SELECT count(*) > 0, count(*) = count(mask), count(label) > 0, count(score) > 0 FROM rois"
    assert rows(pictures, query) == [(True, True, labels, not labels)]


def test_the_identity_of_a_folder_changes_with_its_weights_and_reads_no_model(
    models: Models, damaged: Callable[[Callable[[dict[str, Any]], None]], Path]
) -> None:
    def doubled(weights: dict[str, Any]) -> None:
        weights["class_labels_classifier.layers.2.bias"] *= 2
        weights["class_labels_classifier.layers.2.bias"] += 1

    before = RoiHf(model=str(models("yolos"))).identity()
    after = RoiHf(model=str(damaged(doubled))).identity()
    assert before.partition("@")[0] == "yolos"
    assert before.partition("@")[2] != after.partition("@")[2]


def test_weights_of_the_wrong_shape_are_told_in_one_line(
    damaged: Callable[[Callable[[dict[str, Any]], None]], Path],
) -> None:
    import torch

    folder = damaged(lambda weights: weights.update({"class_labels_classifier.layers.2.weight": torch.zeros(7, 32)}))
    with pytest.raises(
        TriptychError, match=r"class_labels_classifier.layers.2.weight is 7x32, not 4x32 \(1 such\)"
    ) as told:
        RoiHf(model=str(folder)).load(PLACE)
    assert "\n" not in str(told.value)


def test_weights_that_are_lacking_are_not_made_up(damaged: Callable[[Callable[[dict[str, Any]], None]], Path]) -> None:
    folder = damaged(lambda weights: weights.pop("class_labels_classifier.layers.2.weight"))
    with pytest.raises(TriptychError, match=r"lack 1 tensors, such as class_labels_classifier.layers.2.weight"):
        RoiHf(model=str(folder)).load(PLACE)


def test_a_pickle_is_refused(models: Models, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models("yolos"), tmp_path / "pickled"))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    for refused in (RoiHf(model=str(folder)).identity, lambda: RoiHf(model=str(folder)).load(PLACE)):
        with pytest.raises(TriptychError, match=r"'pytorch_model.bin', which can run code when it is loaded"):
            refused()


def test_damaged_weights_are_told(models: Models, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models("yolos"), tmp_path / "cut"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(TriptychError, match="the network of the model 'cut' cannot be loaded"):
        RoiHf(model=str(folder)).load(PLACE)


def test_code_of_a_repository_is_not_run(models: Models, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models("yolos"), tmp_path / "own"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForObjectDetection": "own.Net"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(TriptychError, match="the configuration of the model 'own' cannot be loaded"):
        RoiHf(model=str(folder)).load(PLACE)
    assert not (tmp_path / "ran").exists()


def test_a_package_that_is_not_there_is_named_with_its_extra(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = models("yolos")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"transformers is not installed; run: pip install 'triptych\[torch\]'"):
        RoiHf(model=str(folder)).load(PLACE)


def test_a_model_that_finds_no_regions_is_told(models: Models) -> None:
    with pytest.raises(TriptychError, match="'classifier' is a ViTForImageClassification, which finds no regions"):
        RoiHf(model=str(models("classifier"))).load(PLACE)
    with pytest.raises(TriptychError, match="a YolosForObjectDetection, which is not made for mask-generation"):
        RoiHf(model=str(models("yolos")), task="mask-generation").load(PLACE)


def test_settings_that_cannot_be_meant_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="no task 'object-detektion'; did you mean 'object-detection'"):
        RoiHf(model="m", task="object-detektion")
    with pytest.raises(UsageError, match="the threshold of roi-hf is 5"):
        RoiHf(model="m", threshold=5)
    with pytest.raises(UsageError, match="0 points a side"):
        RoiHf(model="m", points=0)
    with pytest.raises(UsageError, match="roi-hf needs a model; give it with --model ID"):
        make("roi-hf", {})
