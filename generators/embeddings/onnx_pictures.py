"""Pictures through any ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.errors import TriptychError
from generators.embeddings import onnx_files
from generators.embeddings.encoder import Loadable
from generators.embeddings.pictures import Pixels, fitted

if TYPE_CHECKING:
    from generators.contract import Device

SIDE = 224
"""Of pictures, for a model that takes them at any size."""
_IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
_BESIDE = "preprocessor_config.json"
_PREFERRED = ("image_embeds", "pooler_output", "embedding")


class _Takes(NamedTuple):
    """What an ONNX file takes."""

    name: str
    batch: int | None
    """Pictures at once; any number when None."""
    height: int
    width: int
    channels_last: bool


class OnnxPictures(Loadable):
    """Pictures stretched to the size that the file takes, as shares of white less mean over deviation.

    Mean and deviation are those of ``preprocessor_config.json`` beside the file, else those of ImageNet. A map of
    features or a row of tokens that comes out is averaged.
    """

    torch = False

    def __init__(self, path: str) -> None:
        self._file = onnx_files.named(path)

    def __getstate__(self) -> dict[str, Any]:
        _ = self._takes  # workers need it, and would each have to open the model for it
        return super().__getstate__()

    def identity(self) -> str:
        """Name and digest of the file."""
        return onnx_files.identity(self._file, _BESIDE)

    def load(self, device: Device) -> None:
        """Open the file."""
        del device
        self._model = onnx_files.session(self._file)
        _ = self._takes

    def prepare(self, seen: Pixels) -> Pixels:
        """The whole picture at the file's size."""
        return fitted(seen, self._takes.height, self._takes.width)

    def encode(self, batch: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """(batch, dimension)."""
        mean, deviation = self._scale
        pixels = ((np.stack(batch).astype(np.float32) / 255 - mean) / deviation).astype(np.float32)
        if not self._takes.channels_last:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        step = self._takes.batch or len(batch)
        return np.concatenate([self._run(pixels[start : start + step]) for start in range(0, len(batch), step)])

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        name = onnx_files.output(self._model, *_PREFERRED)
        (made,) = self._model.run([name], {self._takes.name: pixels})
        rows = np.asarray(made, dtype=np.float32)
        if rows.ndim == 4:
            rows = rows.mean((1, 2) if self._takes.channels_last else (2, 3))
        elif rows.ndim == 3:
            rows = rows.mean(1)
        return rows.reshape(len(pixels), -1)

    @cached_property
    def _scale(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        said = onnx_files.said(self._file, _BESIDE)
        mean, deviation = said.get("image_mean", _IMAGENET[0]), said.get("image_std", _IMAGENET[1])
        return np.asarray(mean, dtype=np.float32), np.asarray(deviation, dtype=np.float32)

    @cached_property
    def _takes(self) -> _Takes:
        model = self._model or onnx_files.session(self._file)
        taken = model.get_inputs()
        shape = taken[0].shape
        if len(taken) != 1 or len(shape) != 4 or 3 not in (shape[1], shape[3]) or taken[0].type != "tensor(float)":
            described = ", ".join(f"{item.name} {item.type} {item.shape}" for item in taken)
            raise TriptychError(
                f"'{self._file}' takes {described}; to embed pictures it must take one float input of (batch, 3, "
                "height, width) or (batch, height, width, 3)"
            )
        batch, last = shape[0], shape[1] != 3
        if isinstance(batch, int) and batch > 1:
            raise TriptychError(f"'{self._file}' takes exactly {batch} pictures at once; export it for any number")
        height, width = (shape[1], shape[2]) if last else (shape[2], shape[3])
        return _Takes(taken[0].name, batch if isinstance(batch, int) else None, _side(height), _side(width), last)


def _side(extent: Any) -> int:
    return extent if isinstance(extent, int) else SIDE
