"""The generators that are installed, and the settings of one that a person typed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import TriptychError, UsageError
from tui.browser.said import flags
from tui.commands.generators import described
from tui.generate_flags import GenerateFlags

_NUMBERS = ("limit", "batch_size", "workers")


@dataclass(frozen=True, slots=True)
class Known:
    """A generator that can be chosen."""

    name: str
    makes: str
    """A layer from what it reads; empty where it cannot be loaded."""
    about: str
    settings: Mapping[str, Any]
    lacking: tuple[str, ...] = ()
    """Packages of its extra that are not installed."""
    extra: str = ""

    @property
    def told(self) -> str:
        """All of it, for people."""
        said = [f"{self.name}: {self.makes}" if self.makes else self.name, self.about]
        if self.settings:
            said.append("settings: " + ", ".join(f"{name}={value}" for name, value in self.settings.items()))
        if self.lacking:
            said.append(f"lacks {', '.join(self.lacking)}: pip install 'triptych[{self.extra}]'")
        return "\n".join(said)


def known() -> list[Known]:
    """The generators that are installed."""
    from generators import registry

    return [_known(name) for name in registry.names()]


def _known(name: str) -> Known:
    from generators import extras, registry

    said = described(name)
    makes = f"{said['layer']} from {said['reads']}" if said["layer"] else ""
    try:
        kind = registry.find(name)
    except TriptychError:
        return Known(name, makes, said["about"], said["settings"])
    return Known(name, makes, said["about"], said["settings"], tuple(extras.lacking(kind)), kind.extra)


def words(generator: str, said: Mapping[str, Any], typed: Mapping[str, str], *, retry_failed: bool) -> list[str]:
    """The command line that annotates a slice.

    Args:
        generator: Its name.
        said: The slice, as keywords of ``Lake.slice``.
        typed: Field of ``GenerateFlags`` -> what was typed; empty means as by default.
        retry_failed: Whether images are tried again on which the last try failed.

    Raises:
        UsageError: A number that is none or too small, a ``NAME=VALUE`` that is no pair, or a quote without its end.
    """
    given: dict[str, Any] = {name: text.strip() for name, text in typed.items() if text.strip()}
    given |= {name: _number(name, given[name]) for name in _NUMBERS if name in given}
    if "said" in given:
        given["said"] = tuple(_split(given["said"]))
    chosen = GenerateFlags(**given, retry_failed=retry_failed)
    chosen.options()
    chosen.settings()
    return ["generate", generator, *shlex.split(flags(said)), *chosen.words()]


def _number(name: str, text: str) -> int:
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError as error:
        raise UsageError(f"{name.replace('_', ' ')}: '{text}' is no whole number") from error


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"a quote is not closed in: {text}; write NAME='some words'") from error
