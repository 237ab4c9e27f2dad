"""Pictures through any vision model or CLIP-type model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generators.embeddings.pictures import Pixels, colour
from generators.embeddings.transformers_models import TransformersModel
from generators.models import pretrained

if TYPE_CHECKING:
    from generators.contract import Device


class TransformersPictures(TransformersModel):
    """Resized and cropped as the model's own image processor does.

    A CLIP-type model gives its projection, in one space with its texts; another one the output of its pooling layer
    if that was trained, else its tokens or its map of features, averaged.
    """

    def load(self, device: Device) -> None:
        """Load the weights, and what makes pictures ready."""
        super().load(device)
        _ = self._processor

    def prepare(self, seen: Pixels) -> Pixels:
        """(3, height, width)."""
        made = self._processor(
            images=colour(seen),
            do_rescale=False,
            do_normalize=False,
            return_tensors="np",
            input_data_format="channels_last",
        )
        pixels: Pixels = made["pixel_values"][0]
        return pixels

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """(batch, dimension)."""
        pixels = self._scaled(np.stack(batch))
        if hasattr(self._model, "get_image_features"):
            made = self._model.get_image_features(pixel_values=pixels).pooler_output
        else:
            made = self._pooled(self._model(pixel_values=pixels))
        rows: NDArray[np.float32] = made.float().reshape(len(batch), -1).cpu().numpy()
        return rows

    @cached_property
    def _processor(self) -> Any:
        return pretrained.image_processor(self._at)

    def _scaled(self, pixels: Pixels) -> Any:
        """What the image processor would make of them, made on the device."""
        import torch

        processor = self._processor
        scaled = torch.from_numpy(pixels).to(self._device).float()
        if getattr(processor, "do_rescale", True):
            scaled = scaled * (processor.rescale_factor or 1 / 255)
        if not getattr(processor, "do_normalize", True):
            return scaled
        mean, deviation = (
            torch.tensor(values, device=self._device).reshape(1, -1, 1, 1)
            for values in (processor.image_mean, processor.image_std)
        )
        return (scaled - mean) / deviation

    def _pooled(self, made: Any) -> Any:
        pooled = getattr(made, "pooler_output", None)
        if pooled is not None:
            return pooled
        last = made.last_hidden_state
        return last.mean((2, 3)) if last.ndim == 4 else last.mean(1)
