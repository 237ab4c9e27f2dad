"""Weights of torch networks without running code: safetensors, or pickles that hold nothing but tensors."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from catalog.errors import TriptychError

_WRAPPED = ("state_dict", "model", "network", "net", "model_state_dict")
"""Where training scripts put the weights in a checkpoint."""


def state_of(path: Path, *, model: str) -> dict[str, Any]:
    """Tensors by name, on the CPU.

    Raises:
        TriptychError: TorchScript, a pickle with more than tensors, or a damaged file.
    """
    if _is_torchscript(path):
        raise TriptychError(
            f"the weights of the model '{model}' are TorchScript ({path.name}), which is code; save its state_dict, "
            "best as safetensors"
        )
    held = _safetensors(path, model) if path.suffix == ".safetensors" else _pickled(path, model)
    for name in _WRAPPED:
        if isinstance(held, dict) and isinstance(held.get(name), dict):
            held = held[name]
    if not isinstance(held, dict) or not all(hasattr(value, "shape") for value in held.values()):
        raise TriptychError(f"the weights of the model '{model}' ({path.name}) are no state_dict; save that alone")
    return {name.removeprefix("module."): value for name, value in held.items()}


def fill(network: Any, state: dict[str, Any], *, model: str) -> None:
    """Load weights into a network.

    Raises:
        TriptychError: Tensors are lacking or of another shape; the first is named.
    """
    wanted = network.state_dict()
    lacking = [name for name in wanted if name not in state]
    wrong = [name for name in wanted if name in state and state[name].shape != wanted[name].shape]
    if wrong:
        name = wrong[0]
        raise TriptychError(
            f"the weights of the model '{model}' are not of the shapes of its network: {name} is "
            f"{_shape(state[name])}, not {_shape(wanted[name])} ({len(wrong)} such); take both of one version"
        )
    if lacking:
        raise TriptychError(
            f"the weights of the model '{model}' lack {len(lacking)} of {len(wanted)} tensors, such as {lacking[0]}; "
            "take weights and network of one version"
        )
    network.load_state_dict(state, strict=False)


def _safetensors(path: Path, model: str) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise TriptychError(f"the weights of the model '{model}' ({path.name}) cannot be read: {error}") from error


def _pickled(path: Path, model: str) -> Any:
    import pickle

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise TriptychError(
            f"the weights of the model '{model}' are a pickle ({path.name}) that holds more than tensors, which could "
            "run code when it is loaded; save its state_dict alone, best as safetensors"
        ) from error
    except (RuntimeError, OSError, EOFError) as error:
        line = str(error).partition("\n")[0]
        raise TriptychError(f"the weights of the model '{model}' ({path.name}) cannot be read: {line}") from error


def _is_torchscript(path: Path) -> bool:
    if path.suffix == ".ts":
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _shape(tensor: Any) -> str:
    return "x".join(str(edge) for edge in tensor.shape) or "a number"
