"""Transformers models at hand: their configuration, processor and network, with one line when one cannot be had.

Weights are safetensors, code is that of the installed package alone, and nothing is fetched here: that is ``hub``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from catalog.errors import MissingExtraError, TriptychError
from generators.models.hub import Located, require_safetensors

_EXTRA = ("torch", "transformers", "safetensors", "tokenizers")
_ADVICE = {"image processor": "take a model of images", "tokenizer": "take a model of texts"}
_OURS: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def config_of(located: Located) -> Any:
    """What a model's config.json says.

    Raises:
        TriptychError: There is none, or of a kind that transformers does not know without code of the model's own.
        MissingExtraError: transformers is not installed.
    """
    if not (located.folder / "config.json").is_file():
        raise TriptychError(f"the model '{located.model}' has no config.json; give one in the format of transformers")
    with _told(located, "configuration"):
        from transformers import AutoConfig

        return AutoConfig.from_pretrained(located.folder, **_OURS)


def image_processor(located: Located) -> Any:
    """The processor that makes a model's input of pixels, in NumPy and Pillow.

    Raises:
        TriptychError: The model has none, or none that does without torchvision.
        MissingExtraError: transformers is not installed.
    """
    with _told(located, "image processor"):
        from transformers import AutoImageProcessor

        return AutoImageProcessor.from_pretrained(located.folder, backend="pil", **_OURS)


def tokenizer(located: Located) -> Any:
    """What makes a model's tokens of texts.

    Raises:
        TriptychError: The model has none.
        MissingExtraError: transformers is not installed.
    """
    with _told(located, "tokenizer"):
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(located.folder, **_OURS)


def processor(located: Located) -> Any:
    """What makes a model's whole input: its image processor, with its tokenizer where it is asked in words.

    Raises:
        TriptychError: As ``image_processor``.
        MissingExtraError: transformers is not installed.
    """
    if config_of(located).model_type != "oneformer":
        return image_processor(located)
    with _told(located, "processor"):
        from transformers import OneFormerProcessor

        return OneFormerProcessor(image_processor=image_processor(located), tokenizer=tokenizer(located))


def network(located: Located, kind: Any, *, device: str, spare: str | None = None) -> Any:
    """A model in single precision on a device, ready to infer.

    Args:
        located: Where it is.
        kind: A class of transformers, such as AutoModel.
        device: What torch calls the device.
        spare: Name of a part that the model does without where its weights lack it.

    Raises:
        TriptychError: Its weights are no safetensors, damaged, of other shapes than its configuration says, or lack
            some of them.
    """
    require_safetensors(located.folder, model=located.model)
    with _told(located, "network"):
        import torch

        made, info = kind.from_pretrained(
            located.folder,
            use_safetensors=True,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # told below, in one line
            output_loading_info=True,
            **_OURS,
        )
    if spare and any(name.startswith(f"{spare}.") for name in info["missing_keys"]):
        setattr(made, spare, None)
        info["missing_keys"] = {name for name in info["missing_keys"] if not name.startswith(f"{spare}.")}
    _check(located, info)
    return made.to(device).eval()


def _check(located: Located, info: dict[str, Any]) -> None:
    """Refuse a network of which a part would be random."""
    if wrong := sorted(info["mismatched_keys"]):
        name, found, expected = wrong[0]
        raise TriptychError(
            f"the weights of the model '{located.model}' are not of the shapes of its config.json: {name} is "
            f"{_shape(found)}, not {_shape(expected)} ({len(wrong)} such); take weights and config.json of one revision"
        )
    if lacking := sorted(info["missing_keys"]):
        raise TriptychError(
            f"the weights of the model '{located.model}' lack {len(lacking)} tensors, such as {lacking[0]}; take a "
            "model that was trained for this task"
        )


def _shape(size: Any) -> str:
    return "x".join(str(edge) for edge in size) or "a number"


@contextmanager
def _told(located: Located, part: str) -> Iterator[None]:
    """Turn what goes wrong with a part of a model into one line; transformers says nothing of its own meanwhile."""
    try:
        with _quiet():
            yield
    except ModuleNotFoundError as error:
        package = (error.name or "transformers").partition(".")[0]
        if package in _EXTRA:
            raise MissingExtraError(package, extra="torch") from error
        raise TriptychError(f"the {part} of the model '{located.model}' needs {package}, which is not here") from error
    except Exception as error:
        advice = _ADVICE.get(part, "fetch its files anew, or take another model")
        why = _line(error).rstrip(".")
        raise TriptychError(f"the {part} of the model '{located.model}' cannot be loaded: {why}; {advice}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _line(error: Exception) -> str:
    """The first sentence of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    whole = " ".join(lines[:2]) if lines and lines[0].endswith(":") else "".join(lines[:1])
    return whole.partition(". ")[0][:300] or type(error).__name__
