"""The tasks of transformers models that find regions, and how their output becomes regions."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from catalog.errors import TriptychError
from catalog.geometry import boxes
from generators.contract import Region
from generators.models.hub import Located
from generators.models.pretrained import config_of
from generators.rois.hf_masks import MaskFinder

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
Sizes = Sequence[tuple[int, int]]
BACKGROUND = frozenset({"background", "_background_", "__background__", "unlabeled", "unlabelled", "void"})
"""Names of the class that is no region."""
_QUERIES = 128
"""Masks that a segmenter finds in one image, about."""
_NUMBERS = 1 << 28
"""Scores that one image may be resized into: 1 GiB."""


class Finder(Protocol):
    """A model at its task."""

    def find(self, inputs: Arrays, sizes: Sizes) -> list[list[Region]]:
        """The regions of images of these heights and widths, from the arrays that the processor made of them."""


@dataclass(frozen=True)
class Task:
    """One task of transformers."""

    automatic: str
    """Name of the class that loads models for it."""
    finder: Callable[[Any, Any, float, int, str], Finder]
    """From network, processor, threshold, points a side, and device."""
    threshold: float = 0.5

    def family(self) -> Any:
        """The class that loads models for it."""
        import transformers

        return getattr(transformers, self.automatic)

    def knows(self, config: Any) -> bool:
        """Whether transformers has a model of this kind for it."""
        return type(config) in self.family()._model_mapping


@dataclass
class _Finder(ABC):
    """Runs a network on a whole batch; what it says is made regions on the CPU, in single precision."""

    network: Any
    processor: Any
    threshold: float
    points: int
    device: str

    def find(self, inputs: Arrays, sizes: Sizes) -> list[list[Region]]:
        """See ``Finder``."""
        import torch

        said = self.network(**{name: torch.from_numpy(values).to(self.device) for name, values in inputs.items()})
        kept = {name: _plain(value) for name, value in said.items() if _is_answer(name, value)}
        return self._regions(type(said)(**kept), sizes)

    @abstractmethod
    def _regions(self, said: Any, sizes: Sizes) -> list[list[Region]]:
        """What the network said as regions."""

    def _label(self, number: int) -> str:
        return str(self.network.config.id2label.get(number, f"LABEL_{number}"))


class Boxes(_Finder):
    """Object detection: a box, a label and a score for every object."""

    def _regions(self, said: Any, sizes: Sizes) -> list[list[Region]]:
        process = self.processor.post_process_object_detection
        found = process(said, threshold=self.threshold, target_sizes=list(sizes))
        return [list(self._boxes(image, size)) for image, size in zip(found, sizes, strict=True)]

    def _boxes(self, found: dict[str, Any], size: tuple[int, int]) -> Iterator[Region]:
        rows = zip(found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist(), strict=True)
        for box, label, score in rows:
            name = self._label(label)
            if name.casefold() in BACKGROUND:
                continue
            if np.isfinite(box).all() and boxes.clip(tuple(box), width=size[1], height=size[0]) is None:
                continue  # rounded to nothing, or beyond the edge
            yield Region(label=name, x0=box[0], y0=box[1], x1=box[2], y1=box[3], score=score)


class Instances(_Finder):
    """Universal segmentation: a mask, a label and a score for every instance."""

    process = "post_process_instance_segmentation"

    def _regions(self, said: Any, sizes: Sizes) -> list[list[Region]]:
        words = hasattr(self.processor, "tokenizer")
        process = getattr(self.processor.image_processor if words else self.processor, self.process)
        asked: dict[str, Any] = {"return_binary_maps": True, "label_ids_to_fuse": set()}
        asked = {name: value for name, value in asked.items() if name in inspect.signature(process).parameters}
        if "return_binary_maps" not in asked and not words:  # OneFormer's resizing needs torchvision
            asked["target_sizes"] = [_bounded(size, _QUERIES) for size in sizes]
        found = process(said, threshold=self.threshold, **asked)
        return [list(self._segments(image, size)) for image, size in zip(found, sizes, strict=True)]

    def _segments(self, found: dict[str, Any], size: tuple[int, int]) -> Iterator[Region]:
        maps = found["segmentation"]
        for segment in found["segments_info"]:
            place, label = segment["id"], self._label(segment["label_id"])
            mask = maps[place] != 0 if maps.ndim == 3 else maps == place
            if label.casefold() not in BACKGROUND:
                yield Region(label=label, mask=_resized(mask, size), score=segment["score"])


class Segments(Instances):
    """Panoptic segmentation: every pixel belongs to one segment at most."""

    process = "post_process_panoptic_segmentation"


class Classes(_Finder):
    """Semantic segmentation: one mask for every class that is seen, without a score."""

    def _regions(self, said: Any, sizes: Sizes) -> list[list[Region]]:
        classes = len(self.network.config.id2label)
        bounded = [_bounded(size, classes) for size in sizes]
        found = self.processor.post_process_semantic_segmentation(said, target_sizes=bounded)
        return [list(self._of_map(labels, size)) for labels, size in zip(found, sizes, strict=True)]

    def _of_map(self, labels: Any, size: tuple[int, int]) -> Iterator[Region]:
        for number in labels.unique().tolist():
            label = self._label(number)
            if label.casefold() not in BACKGROUND and number >= 0:
                yield Region(label=label, mask=_resized(labels == number, size))


TASKS = {
    "object-detection": Task("AutoModelForObjectDetection", Boxes),
    "universal-segmentation": Task("AutoModelForUniversalSegmentation", Instances),
    "panoptic-segmentation": Task("AutoModelForUniversalSegmentation", Segments),
    "semantic-segmentation": Task("AutoModelForSemanticSegmentation", Classes),
    "mask-generation": Task("AutoModelForMaskGeneration", MaskFinder, threshold=0.88),
}
_ENDINGS = {
    "ForObjectDetection": "object-detection",
    "ForUniversalSegmentation": "universal-segmentation",
    "ForInstanceSegmentation": "universal-segmentation",
    "ForSegmentation": "universal-segmentation",
    "ForSemanticSegmentation": "semantic-segmentation",
    "SamModel": "mask-generation",
    "SamHQModel": "mask-generation",
    "Sam2Model": "mask-generation",
}
"""Tasks by how the class of a model ends that its config.json names."""


def task_of(located: Located, said: str) -> Task:
    """The task that a person names, or that a model was made for when they say auto.

    Raises:
        TriptychError: It was made for another.
    """
    config = config_of(located)
    made_for = str((config.architectures or [config.model_type])[0])
    known = [name for ending, name in _ENDINGS.items() if made_for.endswith(ending)] if said == "auto" else [said]
    for name in known:
        if TASKS[name].knows(config):
            return TASKS[name]
    wanted = "finds no regions by itself" if said == "auto" else f"is not made for {said}"
    raise TriptychError(f"the model '{located.model}' is a {made_for}, which {wanted}; take one for {', '.join(TASKS)}")


def asked_in_words(processor: Any, task: str) -> dict[str, Any]:
    """What a processor with a tokenizer (OneFormer's) is told of the task."""
    if not hasattr(processor, "tokenizer"):
        return {}
    return {"task_inputs": ["panoptic" if task == "panoptic-segmentation" else "instance"]}


def _is_answer(name: str, value: Any) -> bool:
    """Whether it is a tensor that says something of the image, not what went on inside."""
    return hasattr(value, "is_floating_point") and "hidden_state" not in name


def _plain(tensor: Any) -> Any:
    """A tensor on the CPU, in single precision if it is no whole number."""
    return (tensor.float() if tensor.is_floating_point() else tensor).cpu()


def _bounded(size: tuple[int, int], classes: int) -> tuple[int, int]:
    """A size of the same shape at which the scores of all classes fit into memory."""
    shrink = min(1.0, (_NUMBERS / (size[0] * size[1] * classes)) ** 0.5)
    return max(1, int(size[0] * shrink)), max(1, int(size[1] * shrink))


def _resized(mask: Any, size: tuple[int, int]) -> NDArray[np.bool_]:
    """A mask as large as its image, each pixel that of the nearest."""
    import torch

    if tuple(mask.shape) != size:
        mask = torch.nn.functional.interpolate(mask[None, None].byte(), size=size, mode="nearest")[0, 0]
    return np.asarray(mask.numpy(), dtype=bool)
