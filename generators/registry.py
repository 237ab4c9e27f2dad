"""Finds generators by name: classes that packages name as entry points of the group ``triptych.generators``."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, get_args, get_type_hints

from catalog.errors import MissingExtraError, TriptychError, UsageError, did_you_mean
from generators.contract import Generator, Layer, Reads

_KINDS = {bool: "true or false", int: "a whole number", float: "a number"}
GROUP = "triptych.generators"


def names() -> list[str]:
    """The names of all generators that are installed, in order."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def find(name: str) -> type[Generator]:
    """The class of a generator.

    Raises:
        UsageError: There is none of this name.
        MissingExtraError: A package that it needs is not installed.
        TriptychError: Its class cannot be loaded, or is none.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = did_you_mean(name, points) or f"; known are {', '.join(sorted(points))}"
        raise UsageError(f"no generator '{name}'{known}")
    return _loaded(points[name])


def make(name: str, settings: dict[str, Any]) -> Generator:
    """A generator with its settings; texts become the types of its fields.

    Raises:
        UsageError: There is no such generator or setting, or a value that the setting cannot be.
    """
    kind = find(name)
    known: dict[str, Field[Any]] = {item.name: item for item in settings_of(kind)}
    for setting in settings:
        if setting not in known:
            near = did_you_mean(setting, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
            raise UsageError(f"{name} has no setting '{setting}'{near}")
    hints = get_type_hints(kind)
    values = {key: _value(name, known[key], hints[key], value) for key, value in settings.items()}
    lacking = [key for key, item in known.items() if _required(item) and key not in values]
    if lacking:
        flag = "--model ID" if lacking[0] == "model" else f"--set {lacking[0]}=VALUE"
        raise UsageError(f"{name} needs a {lacking[0]}; give it with {flag}")
    return kind(**values)


def settings_of(kind: type[Generator]) -> tuple[Field[Any], ...]:
    """The fields of a generator's class."""
    return fields(kind) if is_dataclass(kind) else ()


def _loaded(point: EntryPoint) -> type[Generator]:
    named = f"the generator '{point.name}' ({point.value})"
    try:
        kind = point.load()
    except ModuleNotFoundError as error:
        if point.dist is None or point.dist.name == "triptych":
            raise MissingExtraError(error.name or point.value, extra="generators") from error
        raise TriptychError(f"{named} of {point.dist.name} needs {error.name}, which is not installed") from error
    except (Exception, SystemExit) as error:  # whatever the module of another package raises
        raise TriptychError(f"{named} cannot be loaded: {type(error).__name__}: {error}") from error
    if not (isinstance(kind, type) and issubclass(kind, Generator)):
        raise TriptychError(f"{named} is no subclass of generators.Generator")
    for name, known in (("name", ()), ("layer", get_args(Layer)), ("reads", get_args(Reads))):
        said = getattr(kind, name, None)
        if said is None:
            raise TriptychError(f"{named} has no {name}; give its class one")
        if known and isinstance(said, str) and said not in known:
            raise TriptychError(f"{named} cannot have the {name} '{said}'; it is one of {', '.join(known)}")
    return kind


def _required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _value(name: str, item: Field[Any], hint: Any, value: Any) -> Any:
    """A setting from its text, by what its field may be."""
    if not isinstance(value, str):
        return value
    kinds = [kind for kind in (bool, int, float) if kind is hint or kind in getattr(hint, "__args__", ())]
    for kind in kinds:
        try:
            return _flag(value) if kind is bool else kind(value)
        except ValueError:
            continue
    if kinds and str is not hint and str not in getattr(hint, "__args__", ()):
        raise UsageError(f"{name}: the setting {item.name} cannot be '{value}'; it is {_KINDS[kinds[0]]}")
    return value


def _flag(text: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.casefold() not in known:
        raise ValueError(text)
    return known[text.casefold()]
