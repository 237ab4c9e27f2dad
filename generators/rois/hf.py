"""Regions from any detector, segmenter or mask generator of transformers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError, did_you_mean
from generators.contract import Device, Generator, Item, Region
from generators.models import hub, pretrained
from generators.rois import hf_tasks
from generators.rois.hf_tasks import Finder

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(slots=True)
class Input:
    """What a model takes of one image."""

    size: tuple[int, int]
    """Height and width of the image."""
    arrays: dict[str, NDArray[Any]]
    """What the model's processor made of it, without a batch dimension."""


@dataclass
class RoiHf(Generator):
    """Regions from a transformers model by its id or folder: boxes of objects, masks of instances or of classes.

    Labels are the model's own (``id2label``). Object detection gives boxes; universal segmentation a mask for every
    instance, and panoptic segmentation for every segment, where no two overlap; semantic segmentation one mask for
    every class; mask generation (SAM) masks without labels, found from a grid of points. Background is no region.
    """

    name = "roi-hf"
    layer = "rois"
    torch = True
    batch_size = 8
    extra = "torch"

    model: str
    """A folder, or an id on the hub; safetensors only."""
    threshold: float | None = None
    """Least score of a region; 0.5 when None, for masks that are generated 0.88 of predicted overlap."""
    task: str = "auto"
    """auto, object-detection, universal-segmentation, panoptic-segmentation, semantic-segmentation, mask-generation."""
    revision: str | None = None
    """Branch, tag or commit on the hub."""
    points: int = 32
    """Points along each side of the grid that masks are generated from."""

    def __post_init__(self) -> None:
        if self.task != "auto" and self.task not in hf_tasks.TASKS:
            near = did_you_mean(self.task, hf_tasks.TASKS) or f"; choose auto, {', '.join(hf_tasks.TASKS)}"
            raise UsageError(f"roi-hf knows no task '{self.task}'{near}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"the threshold of roi-hf is {self.threshold}; give a score from 0 to 1")
        if not 1 <= self.points <= 256:
            raise UsageError(f"the grid of roi-hf has {self.points} points a side; give a number from 1 to 256")

    def identity(self) -> str:
        """Id and commit; name and digest of a folder.

        Raises:
            TriptychError: There is no such model, or it is not at hand.
        """
        located = hub.locate(self.model, revision=self.revision, weights=())
        if located.commit is None:
            hub.require_safetensors(located.folder)
        return located.said

    def load(self, device: Device) -> None:
        """Load the model.

        Raises:
            TriptychError: It is not at hand, finds no regions, or its weights are not what its configuration says.
        """
        located = hub.locate(self.model, revision=self.revision)
        task = hf_tasks.task_of(located, self.task)
        made = pretrained.network(located, task.family(), device=device.name)
        threshold = task.threshold if self.threshold is None else self.threshold
        self._finder: Finder = task.finder(made, self._processor, threshold, self.points, device.name)

    @cached_property
    def _processor(self) -> Any:
        located = hub.locate(self.model, revision=self.revision, weights=())
        return pretrained.processor(located)

    def prepare(self, item: Item) -> Input:
        """Resize and normalise as the model's processor does."""
        pixels = item.pixels()
        colour = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels
        asked = hf_tasks.asked_in_words(self._processor, self.task)
        made = self._processor(images=colour, input_data_format="channels_last", return_tensors="np", **asked)
        size = (pixels.shape[0], pixels.shape[1])
        return Input(size, {name: np.asarray(values)[0] for name, values in made.items()})

    def bucket(self, prepared: Input) -> Hashable:
        """Images of one input shape, so that none is padded for another."""
        return prepared.arrays["pixel_values"].shape

    def generate(self, batch: Sequence[Input]) -> list[list[Region]]:
        """The regions of each image, in its own pixels."""
        stacked = {name: np.stack([item.arrays[name] for item in batch]) for name in batch[0].arrays}
        return self._finder.find(stacked, [item.size for item in batch])
