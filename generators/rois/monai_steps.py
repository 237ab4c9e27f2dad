"""What a MONAI bundle does before and after its network, from pixels in memory and back to them.

MONAI's readers give pictures as (width, height), and the transforms of bundles are written for that: pixels are handed
to them so, unless the bundle's reader says otherwise, and masks come back turned.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import InputError
from generators.models.bundle import Bundle

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PRED = "pred"
"""What MONAI calls the output of a network."""
_GREY = (0.299, 0.587, 0.114)
"""Luminance of red, green and blue: ITU-R BT.601."""


@dataclass(slots=True)
class Input:
    """What the network takes of one image."""

    size: tuple[int, int]
    """Height and width of the image."""
    shape: tuple[int, ...]
    """Of the tensor."""
    data: bytes
    """The dictionary that preprocessing gave, pickled: what was done to an image is known to its tensor alone."""


@dataclass
class Steps:
    """The transforms of a bundle, without those that load or save files."""

    key: str
    """What the bundle calls the image."""
    channels: int
    """That the network takes."""
    turned: bool
    """Whether transforms see (width, height)."""
    first: bool
    """Whether transforms see the channels first."""
    preprocessing: Any
    postprocessing: Any
    inverts: bool
    """Whether postprocessing itself undoes what preprocessing did to the size."""

    @classmethod
    def of(cls, bundle: Bundle, *, channels: int) -> Steps:
        """Those of a bundle.

        Raises:
            TriptychError: They cannot be built.
        """
        parser = bundle.parser()
        before = bundle.built(parser, "preprocessing") if "preprocessing" in bundle.config else None
        after = bundle.built(parser, "postprocessing") if "postprocessing" in bundle.config else None
        loaders = _taken_out(before, "Load")
        loader = loaders[0] if loaders else None
        return cls(
            key=str(getattr(loader, "keys", ("image",))[0]),
            channels=channels,
            turned=not _is_natural(loader),
            first=bool(getattr(getattr(loader, "_loader", None), "ensure_channel_first", False)),
            preprocessing=before,
            postprocessing=after,
            inverts=any(type(step).__name__ == "Invertd" for step in _steps(after)),
        )

    def before(self, pixels: NDArray[np.uint8]) -> Input:
        """Preprocess one image, (height, width) or (height, width, 3).

        Raises:
            InputError: The bundle's preprocessing fails on it.
        """
        from monai.transforms.utils import reset_ops_id

        size = (pixels.shape[0], pixels.shape[1])
        data = {self.key: self._read(pixels)}
        try:
            data = self._plain(data) if self.preprocessing is None else self.preprocessing(data)
        except Exception as error:
            cause: BaseException = error.__cause__ or error
            raise InputError(f"the bundle's preprocessing fails on it: {cause}", kind="preprocessing") from error
        kept = reset_ops_id({self.key: data[self.key]})  # transforms of another process undo what these have done
        return Input(size, tuple(data[self.key].shape), pickle.dumps(kept))

    def opened(self, prepared: Input) -> dict[str, Any]:
        """What ``before`` has packed."""
        data: dict[str, Any] = pickle.loads(prepared.data)  # noqa: S301 - our own, of ``before``
        return data

    def tensor(self, data: dict[str, Any]) -> Any:
        """The network's input of one image, (channels, ...)."""
        image = data[self.key]
        return getattr(image, "as_tensor", lambda: image)().float()

    def after(self, data: dict[str, Any], said: Any, prepared: Input) -> NDArray[np.float32]:
        """Postprocess what the network said of one image, (channels, ...).

        Returns:
            Of shape (channels, height, width) in the image's own pixels: classes by number in one channel, or a mask in
            each.
        """
        from monai.data import MetaTensor

        data = {**data, _PRED: MetaTensor(said, meta=getattr(data[self.key], "meta", None))}
        data = _decided(data) if self.postprocessing is None else self.postprocessing(data)
        if not self.inverts:
            data = self._inverted(data)
        found = np.asarray(data[_PRED], dtype=np.float32)
        found = found[None] if found.ndim == 2 else found
        return _fitted(found.swapaxes(1, 2) if self.turned else found, prepared.size)

    def _read(self, pixels: NDArray[np.uint8]) -> Any:
        """Pixels as MONAI's readers would give them."""
        import torch
        from monai.data import MetaTensor

        seen = _recoloured(pixels, self.channels).astype(np.float32)
        seen = seen.swapaxes(0, 1) if self.turned else seen
        where: float | str = -1 if seen.ndim == 3 else float("nan")
        if self.first:
            seen, where = (seen[None] if seen.ndim == 2 else np.moveaxis(seen, -1, 0)), 0
        meta = {"original_channel_dim": where, "spatial_shape": np.array(pixels.shape[:2][:: -1 if self.turned else 1])}
        return MetaTensor(
            torch.from_numpy(np.ascontiguousarray(seen)), affine=torch.eye(3, dtype=torch.float64), meta=meta
        )

    def _plain(self, data: dict[str, Any]) -> dict[str, Any]:
        """Without a bundle's own: channels first, from 0 to 1."""
        from monai.transforms import EnsureChannelFirstd

        if not self.first:
            data = dict(EnsureChannelFirstd(keys=self.key)(data))
        return {self.key: data[self.key] / 255.0}

    def _inverted(self, data: dict[str, Any]) -> dict[str, Any]:
        """Undo what preprocessing did to the size of the image, on the classes."""
        from monai.transforms import Compose, Invertd

        if not isinstance(self.preprocessing, Compose) or not getattr(data[self.key], "applied_operations", None):
            return data
        undo = Invertd(keys=_PRED, transform=self.preprocessing, orig_keys=self.key, nearest_interp=True)
        return dict(undo(data))


def _steps(compose: Any) -> Iterator[Any]:
    yield from getattr(compose, "transforms", ())


def _taken_out(compose: Any, what: str) -> list[Any]:
    """The steps whose class begins with a word, which are taken out of their chain and the chains in it."""
    out = [step for step in _steps(compose) if type(step).__name__.startswith(what)]
    if out:
        compose.transforms = [step for step in _steps(compose) if step not in out]
    return [*out, *(found for step in _steps(compose) for found in _taken_out(step, what))]


def _is_natural(loader: Any) -> bool:
    """Whether a bundle's reader of its own gives pictures as (height, width)."""
    readers = getattr(getattr(loader, "_loader", None), "readers", None) or [None]
    return type(readers[-1]).__name__ == "PILReader" and not getattr(readers[-1], "reverse_indexing", True)


def _recoloured(pixels: NDArray[np.uint8], channels: int) -> NDArray[Any]:
    """Grey or colour, as the network takes it."""
    if pixels.ndim == 2:
        return pixels if channels == 1 else np.repeat(pixels[:, :, None], 3, axis=2)
    return pixels if channels == 3 else pixels @ np.array(_GREY, dtype=np.float32)


def _decided(data: dict[str, Any]) -> dict[str, Any]:
    """Without a bundle's own: the class with the highest score, or where the only one is likelier than not."""
    said = data[_PRED]
    found = (said > 0) if len(said) == 1 else said.argmax(dim=0, keepdim=True)
    return {**data, _PRED: found.float()}


def _fitted(found: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Maps as large as the image, each pixel that of the nearest: what undoing has left is scale alone."""
    if found.shape[1:] == size:
        return found
    rows = (np.arange(size[0]) + 0.5) * found.shape[1] / size[0]
    columns = (np.arange(size[1]) + 0.5) * found.shape[2] / size[1]
    return found[:, rows.astype(np.intp)[:, None], columns.astype(np.intp)]
