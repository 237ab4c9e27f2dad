"""Mask generation: masks of whatever there is, from a grid of points (Segment Anything, arXiv 2304.02643, appendix B).

The image is encoded once; the decoder takes points by the batch. Masks are kept that the model itself thinks good, that
hardly change with the threshold they are cut at, and whose box no better mask has. It gives what the pipeline of
transformers gives, whose last step needs torchvision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from generators.contract import Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS = 64
"""Points that the decoder takes at once."""
_STABLE = 0.95
"""Least overlap of a mask cut one higher with one cut one lower."""
_SAME = 0.7
"""Overlap of two boxes from which on they are of one thing."""
_PIXELS = 1 << 26
"""Pixels of masks that are made as large as the image at once: 256 MiB."""


@dataclass(slots=True)
class Found:
    """A mask that may be kept."""

    score: float
    box: tuple[int, int, int, int]
    """Half-open pixels: x0, y0, x1, y1."""
    inside: NDArray[np.bool_]
    """The mask within its box."""


@dataclass
class MaskFinder:
    """A SAM at work; see ``hf_tasks.Finder``."""

    network: Any
    processor: Any
    threshold: float
    points: int
    device: str

    def find(self, inputs: dict[str, NDArray[Any]], sizes: Sequence[tuple[int, int]]) -> list[list[Region]]:
        """The masks of each image, the best first, without labels; an estimate of the IoU above 1 is told as 1."""
        import torch

        encoded = self.network.get_image_embeddings(torch.from_numpy(inputs["pixel_values"]).to(self.device))
        resized = inputs["reshaped_input_sizes"].tolist()
        regions = []
        for place, (size, shape) in enumerate(zip(sizes, resized, strict=True)):
            found = apart(list(self._masks(_of_image(encoded, place), size, shape)))
            regions.append([Region(label=None, mask=_whole(mask, size), score=min(mask.score, 1.0)) for mask in found])
        return regions

    def _masks(self, encoded: dict[str, Any], size: tuple[int, int], shape: list[int]) -> Iterator[Found]:
        """Masks that are good and stable, from a grid of points over an image of ``size`` that was made ``shape``."""
        import torch

        points = torch.from_numpy(grid(self.points, width=shape[1], height=shape[0])).to(self.device)
        for some in points.split(_POINTS):
            ones = torch.ones((1, len(some), 1), dtype=torch.int64, device=self.device)
            said = self.network(input_points=some[None, :, None, :], input_labels=ones, **encoded)
            scores, masks = said.iou_scores[0].flatten().float(), said.pred_masks[0].flatten(0, 1).float()
            good = scores > self.threshold
            yield from self._stable(masks[good], scores[good].tolist(), size, shape)

    def _stable(self, masks: Any, scores: list[float], size: tuple[int, int], shape: list[int]) -> Iterator[Found]:
        step = max(1, _PIXELS // (size[0] * size[1]))
        for start in range(0, len(scores), step):
            some = [masks[start : start + step, None]]
            (large,) = self.processor.post_process_masks(some, [size], reshaped_input_sizes=[shape], binarize=False)
            for mask, score in zip(large[:, 0], scores[start : start + step], strict=True):
                found = self._found(mask, score)
                if found is not None:
                    yield found

    def _found(self, mask: Any, score: float) -> Found | None:
        """A mask from its logits, unless it is empty or another threshold would change it."""
        higher, lower = int((mask > 1).sum()), int((mask > -1).sum())
        if lower == 0 or higher / lower <= _STABLE:
            return None
        cut = (mask > 0).cpu().numpy()
        rows, columns = np.flatnonzero(cut.any(axis=1)), np.flatnonzero(cut.any(axis=0))
        if rows.size == 0:
            return None
        y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        return Found(score, (x0, y0, x1, y1), cut[y0:y1, x0:x1].copy())


def grid(side: int, *, width: int, height: int) -> NDArray[np.float32]:
    """Points (x, y) in the middle of the squares of a grid over an image, (side * side, 2)."""
    middle = (np.arange(side) + 0.5) / side
    points = np.stack(np.meshgrid(middle * width, middle * height), axis=-1)
    return points.reshape(-1, 2).astype(np.float32)


def apart(found: list[Found]) -> list[Found]:
    """The best of those whose boxes are the same: non-maximum suppression."""
    ordered = sorted(found, key=lambda mask: -mask.score)
    if not ordered:
        return []
    boxes = np.array([mask.box for mask in ordered], dtype=np.float64)
    kept: list[int] = []
    left = np.arange(len(ordered))
    while left.size:
        kept.append(int(left[0]))
        left = left[1:][_overlap(boxes[left[0]], boxes[left[1:]]) <= _SAME]
    return [ordered[place] for place in kept]


def _overlap(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box with others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    overlap: NDArray[np.float64] = shared / ((box[2:] - box[:2]).prod() + areas - shared)
    return overlap


def _of_image(encoded: Any, place: int) -> dict[str, Any]:
    """The embeddings of one image of a batch; SAM-HQ gives intermediate ones beside them."""
    if isinstance(encoded, tuple):
        inner = [layer[place : place + 1] for layer in encoded[1]]
        return {"image_embeddings": encoded[0][place : place + 1], "intermediate_embeddings": inner}
    return {"image_embeddings": encoded[place : place + 1]}


def _whole(found: Found, size: tuple[int, int]) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = found.box
    mask = np.zeros(size, dtype=bool)
    mask[y0:y1, x0:x1] = found.inside
    return mask
