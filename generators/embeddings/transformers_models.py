"""Loads models of transformers: from safetensors alone, without code of their repositories, and only when whole."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

from catalog.errors import MissingExtraError, TriptychError
from generators.models.hub import Located, locate, require_safetensors

_POOLING = "pooler"
LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def at(model: str) -> Located:
    """Where a model is; see ``hub.locate``.

    Raises:
        TriptychError: There is no such model, or it is not at hand.
        MissingExtraError: transformers or torch is not installed.
    """
    for package in ("transformers", "torch"):
        if find_spec(package) is None:
            raise MissingExtraError(package, extra="torch")
    return locate(model)


def load(found: Located, device: str) -> tuple[Any, bool]:
    """The model on a device, and whether it has a pooling layer that was trained.

    Raises:
        TriptychError: Its weights are no safetensors, do not fit its configuration, or lack some.
    """
    from transformers import AutoModel
    from transformers.utils import logging

    require_safetensors(found.folder, model=found.model)
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what it says of weights is looked at below
    try:
        model, told = AutoModel.from_pretrained(
            found.folder, use_safetensors=True, output_loading_info=True, dtype="float32", **LOCAL
        )
    except Exception as error:  # a configuration or a file may be wrong in any way
        raise refused(found, error) from error
    lacking = sorted(told["missing_keys"])
    if needed := [name for name in lacking if _POOLING not in name]:
        raise TriptychError(
            f"the weights of '{found.model}' lack {len(needed)} of its tensors, such as {needed[0]}; "
            "take a model whose config.json and weights belong together"
        )
    return model.eval().requires_grad_(False).to(device), not lacking


def refused(found: Located, error: Exception) -> TriptychError:
    """Why transformers does not take a model, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = lines[0] if lines else type(error).__name__
    return TriptychError(f"transformers cannot load '{found.model}' from '{found.folder}': {why}; take another model")


def said(found: Located, name: str) -> dict[str, Any]:
    """A JSON file of the model; nothing where there is none."""
    path = found.folder / name
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
