"""Regions from a MONAI bundle: its network, its inferer, its pre- and post-processing, on 2D images.

What is kept of a bundle: ``network_def``, ``inferer``, ``preprocessing`` but for what loads files, ``postprocessing``
but for what saves them, and the names of classes in metadata.json. What is not: data sets, handlers, evaluators.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.errors import TriptychError, UsageError
from generators.contract import Device, Generator, Item, Region
from generators.models import weights
from generators.models.bundle import Bundle, open_bundle
from generators.rois.monai_classes import Classes
from generators.rois.monai_steps import Input, Steps

_ROI = 256
"""Edge of the window where a bundle does not say what its network takes."""
_WINDOWS = 4
"""Windows that the network takes at once."""


@dataclass
class RoiMonai(Generator):
    """One mask for every class that a MONAI bundle segments, but the background.

    The bundle is a folder, a name of MONAI's model zoo, or an id on the hub. A folder may run code, as MONAI's
    configurations do; a bundle from the hub that does is refused unless ``trust`` is true.
    """

    name = "roi-monai"
    layer = "rois"
    torch = True
    batch_size = 8
    extra = "monai"

    model: str
    """A folder, or a bundle's name."""
    min_area: int = 1
    """Least pixels of a part of a mask; smaller ones are left out."""
    overlap: float = 0.25
    """Share that windows overlap by, where the bundle has no inferer."""
    trust: bool = False
    """Whether a bundle from the hub may run code of its own."""
    revision: str | None = None
    """Branch, tag or commit on the hub."""

    def __post_init__(self) -> None:
        if self.min_area < 1:
            raise UsageError(f"the least area of roi-monai is {self.min_area}; give 1 pixel or more")
        if not 0 <= self.overlap < 1:
            raise UsageError(f"the overlap of roi-monai is {self.overlap}; give a share from 0 to below 1")

    def identity(self) -> str:
        """The bundle's name, version and digest.

        Raises:
            TriptychError: There is no such bundle, it is not at hand or not for images.
        """
        bundle = self._bundle
        _channels(bundle)
        return bundle.said

    def load(self, device: Device) -> None:
        """Build the network, fill it with its weights, and get its inferer.

        Raises:
            TriptychError: The bundle cannot be used; the message says why.
        """
        bundle, self._device = self._bundle, device.name
        _channels(bundle)
        state = weights.state_of(bundle.weights, model=bundle.name)
        parser = bundle.parser(device=device.name)
        part = next((name for name in ("network_def", "net", "network") if name in bundle.config), "network_def")
        network = bundle.built(parser, part)
        weights.fill(network, state, model=bundle.name)
        self._network = network.to(device.name).eval()
        self._inferer = bundle.built(parser, "inferer") if "inferer" in bundle.config else self._sliding(bundle)
        self._classes = Classes.of(bundle.metadata, min_area=self.min_area)

    @cached_property
    def _bundle(self) -> Bundle:
        return open_bundle(self.model, revision=self.revision, trust=self.trust)

    @cached_property
    def _steps(self) -> Steps:
        """What the bundle does before and after its network; on the CPU, here and in workers."""
        return Steps.of(self._bundle, channels=_channels(self._bundle))

    def __getstate__(self) -> dict[str, Any]:
        """Settings alone: workers build what they need of a bundle, which may hold what cannot be sent."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def prepare(self, item: Item) -> Input:
        """The bundle's own preprocessing."""
        return self._steps.before(item.pixels())

    def bucket(self, prepared: Input) -> Hashable:
        """Images of one shape after preprocessing."""
        return prepared.shape

    def generate(self, batch: Sequence[Input]) -> list[list[Region]]:
        """The regions of each image, one a class."""
        import torch

        images = [self._steps.opened(item) for item in batch]
        stacked = torch.stack([self._steps.tensor(image) for image in images]).to(self._device)
        said = self._inferer(inputs=stacked, network=self._network)
        said = said[0] if isinstance(said, list | tuple) else said
        if not isinstance(said, torch.Tensor) or said.ndim != 4:
            raise TriptychError(
                f"the network of the bundle '{self._bundle.name}' gives no map of classes for each image; take a "
                "bundle that segments"
            )
        answers = zip(images, said.float().cpu(), batch, strict=True)
        return [self._classes.regions(self._steps.after(image, one, item), len(one)) for image, one, item in answers]

    def _sliding(self, bundle: Bundle) -> Any:
        """A window of the size that the network was trained with, slid over the image."""
        from monai.inferers import SlidingWindowInferer

        shape = _taken(bundle).get("spatial_shape", [])
        roi = [edge if isinstance(edge, int) else _ROI for edge in shape] or [_ROI, _ROI]
        return SlidingWindowInferer(roi_size=roi, sw_batch_size=_WINDOWS, overlap=self.overlap)


def _taken(bundle: Bundle) -> dict[str, Any]:
    """What metadata.json says of the image that the network takes."""
    inputs = _table(_table(bundle.metadata.get("network_data_format")).get("inputs"))
    return _table(inputs.get("image") or next(iter(inputs.values()), None))


def _table(said: Any) -> dict[str, Any]:
    """A table of a configuration; nothing where another thing stands."""
    return dict(said) if isinstance(said, dict) else {}


def _channels(bundle: Bundle) -> int:
    """Channels that the network takes: 1 or 3.

    Raises:
        TriptychError: It takes others, or volumes.
    """
    taken, said = _taken(bundle), bundle.config.get("network_def", {})
    said = said if isinstance(said, dict) else {}
    shape, dims = taken.get("spatial_shape", []), said.get("spatial_dims", said.get("dimensions", 2))
    if len(shape) > 2 or (isinstance(dims, int) and dims != 2):
        raise TriptychError(
            f"the bundle '{bundle.name}' is for {max(len(shape), 3)}D volumes, and images of the catalog are 2D; take "
            "a 2D bundle"
        )
    channels = taken.get("num_channels", said.get("in_channels", 1))
    if channels not in (1, 3):
        raise TriptychError(
            f"the bundle '{bundle.name}' takes images of {channels} channels; images of the catalog have 1 or 3"
        )
    return int(channels)
