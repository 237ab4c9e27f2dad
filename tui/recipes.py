"""SQL with parameters: the recipes that ship, and values given as NAME=VALUE text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from catalog import sqlfiles
from catalog.errors import UsageError, did_you_mean
from catalog.sqlfiles import Param, SqlFile

_NUMBER = re.compile(r"-?(0|[1-9]\d*)")
_REAL = re.compile(r"-?\d+\.\d*(e[+-]?\d+)?|-?\d+e[+-]?\d+", re.IGNORECASE)
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, for people."""

    file: SqlFile

    def described(self) -> dict[str, Any]:
        """Name, title, parameters and what it returns."""
        params = [asdict(param) for param in self.file.params]
        return {"name": self.file.name, "title": self.file.title, "params": params, "returns": self.file.returns}

    def text(self) -> str:
        """The same on a few lines."""
        lines = [f"@{self.file.name}", *textwrap.wrap(self.file.title, 76)]
        lines += [f"  -p {_given(param):<22} {param.help}".rstrip() for param in self.file.params]
        return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])])


def listing() -> list[Recipe]:
    """Every recipe, by name."""
    return [Recipe(file) for file in sqlfiles.listing("recipes")]


def recipe(name: str) -> SqlFile:
    """A recipe by its name, with or without the ``@``.

    Raises:
        UsageError: There is no such recipe.
    """
    known = [file.name for file in sqlfiles.listing("recipes")]
    wanted = name.removeprefix("@")
    if wanted not in known:
        raise UsageError(f"no recipe '{name}'{did_you_mean(wanted, known) or '; triptych recipes lists them'}")
    return sqlfiles.read(f"recipes/{wanted}")


def pairs(given: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE texts as a mapping.

    Raises:
        UsageError: One has no name, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"-p '{text}' is no parameter; write -p NAME=VALUE")
        if name in found:
            raise UsageError(f"-p {name} is given twice; give it once")
        found[name] = value
    return found


def bind(file: SqlFile, given: Mapping[str, str]) -> dict[str, Any]:
    """The values of a recipe's parameters, typed as its header says.

    Raises:
        UsageError: An unknown parameter, one that is missing, or a value of another type.
    """
    known = {param.name: param for param in file.params}
    for name in given:
        if name not in known:
            all_known = f"; it takes {', '.join(known)}" if known else "; it takes none"
            raise UsageError(f"recipe '{file.name}' has no parameter '{name}'{did_you_mean(name, known) or all_known}")
    return {param.name: _value(file, param, given) for param in file.params}


def bind_freely(names: Sequence[str], given: Mapping[str, str]) -> dict[str, Any]:
    """Values for the ``$name`` parameters of a query: numbers, true, false and null as such, the rest as text.

    Raises:
        UsageError: A parameter without a value, or a value without a parameter.
    """
    for name in names:
        if name not in given:
            raise UsageError(f"the query names ${name}; give it a value with -p {name}=VALUE")
    for name in given:
        if name not in names:
            raise UsageError(f"the query has no ${name}{did_you_mean(name, names)}; write ${name} where it belongs")
    return {name: guessed(text) for name, text in given.items()}


def guessed(text: str) -> Any:
    """A value as its text suggests; in quotes it is text whatever it looks like.

    >>> guessed("512"), guessed("'512'"), guessed("CT")
    (512, '512', 'CT')
    """
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text


def _value(file: SqlFile, param: Param, given: Mapping[str, str]) -> Any:
    text = given.get(param.name, param.default)
    if text is None:
        raise UsageError(f"recipe '{file.name}' needs {param.name} ({param.help}); give it with -p {param.name}=VALUE")
    if text == "NULL" and param.name not in given:
        return None
    try:
        return _typed(text, param.type)
    except ValueError as error:
        raise UsageError(f"-p {param.name}={text}: '{text}' is no {param.type}; {param.help}") from error


def _typed(text: str, kind: str) -> Any:
    if kind.endswith("[]"):
        return [_typed(part.strip(), kind.removesuffix("[]")) for part in text.split(",") if part.strip()]
    if kind in ("INTEGER", "BIGINT"):
        return int(text)
    if kind in ("DOUBLE", "FLOAT"):
        return float(text)
    if kind == "BOOLEAN":
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    return text


def _given(param: Param) -> str:
    """``name=default``; ``name=TYPE`` where a value must be given, in brackets where it may."""
    if param.default is None:
        return f"{param.name}={param.type}"
    return f"[{param.name}={param.type}]" if param.default == "NULL" else f"{param.name}={param.default}"
