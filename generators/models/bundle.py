"""MONAI bundles: a folder with ``configs``, which say what to build, and ``models``, which hold the weights.

A configuration is a program: ``$`` expressions are evaluated, and ``_target_`` calls whatever it names. A folder that a
person names is taken as trusted, as a script would be. A bundle from the hub is not: it runs when it does no more than
build networks, transforms and inferers of MONAI and torch, and else only after ``--set trust=true``. Its metadata
are then data and no part of the program. Transforms that write files are left out of every bundle.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtraError, TriptychError
from generators.models import hub

WEIGHTS = ("models/model.safetensors", "models/model.pt")
"""Where the weights of a bundle lie, the best first."""
_DIGESTED = (".json", ".yaml", ".yml", ".py", ".safetensors", ".pt")
_SAFE = (
    "monai.networks.nets.",
    "monai.networks.blocks.",
    "monai.networks.layers.",
    "monai.transforms.",
    "monai.inferers.",
    "torch.nn.modules.",
)
_FILES = "monai.transforms.io."
"""Transforms that load and write files."""
_CALLED = ("reader", "writer", "merger_cls", "_mode_", "_debug_")
"""Arguments that name what is called, or how: MONAI looks readers up among all functions that Python has."""
_READERS = ("ITKReader", "NibabelReader", "NrrdReader", "NumpyReader", "PILReader", "PydicomReader")
_OWNER = "MONAI"
"""Owner of the model zoo on the hub."""


@dataclass
class Bundle:
    """A bundle that is at hand."""

    name: str
    folder: Path
    metadata: dict[str, Any]
    config: dict[str, Any]
    """What configs/inference.json says, unparsed, but for what writes files."""
    trusted: bool = True
    """Whether it may run code of its own."""

    @property
    def said(self) -> str:
        """Name, version, and a digest of all that makes it what it is."""
        version = self.metadata.get("version", "0")
        return f"{self.name}@{version}+{hub.digest_of(self.folder, suffixes=_DIGESTED)}"

    @property
    def weights(self) -> Path:
        """The file of weights.

        Raises:
            TriptychError: There is none but TorchScript, or none at all.
        """
        for name in WEIGHTS:
            if (self.folder / name).is_file():
                return self.folder / name
        scripts = sorted((self.folder / "models").glob("*.ts"))
        if scripts:
            raise TriptychError(
                f"the bundle '{self.name}' has its weights as TorchScript alone ({scripts[0].name}), which is code; "
                f"give it {WEIGHTS[0]}"
            )
        raise TriptychError(f"the bundle '{self.name}' has no weights; give it {' or '.join(WEIGHTS)}")

    def parser(self, *, device: str = "cpu") -> Any:
        """A parser of the bundle's configuration; nothing of it is built or run yet."""
        import torch
        from monai.bundle import ConfigParser

        parser = ConfigParser()
        parser.read_config(dict(self.config))
        if self.trusted:
            parser.read_meta(dict(self.metadata))
        parser["bundle_root"] = str(self.folder)
        parser["device"] = torch.device(device)
        return parser

    def built(self, parser: Any, part: str) -> Any:
        """One part of the configuration, and what it refers to, built.

        Raises:
            TriptychError: The part cannot be built.
        """
        with _importing(self.folder) if self.trusted else nullcontext(), _quiet():
            try:
                return parser.get_parsed_content(part)
            except ModuleNotFoundError as error:
                raise MissingExtraError(str(error.name), extra="monai") from error
            except Exception as error:
                raise TriptychError(
                    f"the bundle '{self.name}' cannot be used: its {part} fails with {_innermost(error)}"
                ) from error


def open_bundle(model: str, *, revision: str | None = None, trust: bool = False) -> Bundle:
    """A bundle by its folder, its name in MONAI's model zoo, or its id on the hub.

    Raises:
        TriptychError: There is no such bundle, it cannot be fetched, is damaged, or runs code and is not trusted.
        MissingExtraError: monai is not installed.
    """
    try:
        import monai.bundle  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("monai", extra="monai") from error
    is_local = Path(model).expanduser().is_dir()
    in_zoo = model if is_local or "/" in model or model.startswith((".", "~")) else f"{_OWNER}/{model}"
    located = hub.locate(in_zoo, revision=revision, weights=WEIGHTS, also=("*.py",) if trust else ())
    name = located.model.rpartition("/")[2]
    config = _without_writers(_read(located.folder, name, "inference"))
    bundle = Bundle(name, located.folder, _read(located.folder, name, "metadata"), config, trusted=is_local or trust)
    if not bundle.trusted and (code := next(_code(config), None)):
        raise TriptychError(
            f"the bundle '{name}' runs code of its own ({code!r}); look at it in {located.folder}, and then say "
            "--set trust=true"
        )
    return bundle


def _read(folder: Path, name: str, what: str) -> dict[str, Any]:
    from monai.bundle import ConfigParser

    for suffix in (".json", ".yaml", ".yml"):
        path = folder / "configs" / f"{what}{suffix}"
        if path.is_file():
            try:
                return dict(ConfigParser.load_config_file(str(path)))
            except Exception as error:  # the readers of JSON and YAML raise errors of their own
                line = str(error).partition("\n")[0]
                raise TriptychError(f"the bundle '{name}' cannot be used: configs/{path.name}: {line}") from error
    raise TriptychError(f"the bundle '{name}' has no configs/{what}.json; give the folder of a MONAI bundle")


def _without_writers(config: Any) -> Any:
    """A configuration whose lists hold no transforms that write files; elsewhere they stay, and are code."""
    if isinstance(config, dict):
        return {name: _without_writers(value) for name, value in config.items()}
    if isinstance(config, list):
        return [_without_writers(value) for value in config if not _writes(value)]
    return config


def _writes(config: Any) -> bool:
    found = _located(config.get("_target_")) if isinstance(config, dict) else None
    return found is not None and _is_writer(found)


def _is_writer(found: type) -> bool:
    return f"{found.__module__}.".startswith(_FILES) and not found.__name__.startswith("Load")


def _code(config: Any) -> Iterator[str]:
    """What of a configuration runs code or reaches for other files: expressions, foreign targets, addresses."""
    if isinstance(config, dict):
        target = config.get("_target_")
        if target is not None and not _is_safe(target):
            yield str(target)
        yield from (f"{name}={config[name]}" for name in _CALLED if config.get(name, "PILReader") not in _READERS)
        for value in config.values():
            yield from _code(value)
    elif isinstance(config, list):
        for value in config:
            yield from _code(value)
    elif isinstance(config, str) and _runs(config):
        yield config[:60]


def _runs(text: str) -> bool:
    """Whether a text is an expression, an address, or takes its place from another file."""
    within = text[1:].replace("::", "").replace("#", "").isidentifier() and "_meta_" not in text
    return text.startswith("$") or "://" in text or (text.startswith(("%", "@")) and not within)


def _is_safe(target: Any) -> bool:
    """Whether it is a class that only builds what networks, transforms and inferers are."""
    found = _located(target)
    return found is not None and f"{found.__module__}.".startswith(_SAFE) and not _is_writer(found)


def _located(target: Any) -> type | None:
    """The class of MONAI or torch that a configuration names.

    The class itself is looked at: a dotted name may lead through a module of MONAI to what that module imported.
    """
    from pydoc import locate

    from monai.bundle.config_item import ComponentLocator

    if not isinstance(target, str):
        return None
    name = target
    if "." not in target:
        modules = ComponentLocator().get_component_module_name(target)
        name = f"{modules if isinstance(modules, str) else (modules or [''])[0]}.{target}"
    found = locate(name) if name.startswith(("monai.", "torch.nn.")) else None
    return found if isinstance(found, type) else None


@contextmanager
def _importing(folder: Path) -> Iterator[None]:
    """Modules of a bundle, such as its ``scripts``, can be imported meanwhile."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _quiet() -> Iterator[None]:
    """MONAI says nothing of readers of other formats, whose packages are not there."""
    logger = logging.getLogger("monai")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="monai")
            yield
    finally:
        logger.setLevel(level)


def _innermost(error: BaseException) -> str:
    """The first line of the error that all began with."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
