"""Which words complete SQL: those of the lake, of DuckDB, and the recipes with their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import sqlfiles
from catalog.lake import guard
from catalog.sqlfiles import SqlFile

if TYPE_CHECKING:
    from catalog.api import Lake

_KINDS = ("parameter", "table", "column", "recipe", "keyword", "function")
"""The nearest first."""
_RECIPE = re.compile(r"\s*@(?P<name>\w*)(?P<rest>\s.*)?", re.DOTALL)
_BEGUN = re.compile(r"(?:(?P<table>\w+)\.)?(?P<word>\w*)$")
_LONGEST = 200
"""Characters before the cursor that are looked at."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that can be written."""

    kind: str
    """table, column, function, keyword, recipe or parameter."""
    text: str
    detail: str = ""
    """What it is, for people: the tables of a column, the title of a recipe, what a parameter means."""


@dataclass(frozen=True, slots=True)
class Completions:
    """What may stand instead of the word before the cursor."""

    begun: str = ""
    """What has been typed of it."""
    words: tuple[Word, ...] = ()


class Vocabulary:
    """The words of a lake. It is asked at every key, and answers from memory."""

    def __init__(self, words: Iterable[Word], recipes: Iterable[SqlFile]) -> None:
        self._words = sorted(words, key=_nearness)
        self._recipes = {file.name: file for file in recipes}

    def before(self, cursor: str) -> Completions:
        """The words that begin as the one that ends the text before the cursor does."""
        if recipe := _RECIPE.fullmatch(cursor):
            return self._of_recipe(recipe["name"], recipe["rest"])
        found = _BEGUN.search(cursor[-_LONGEST:])
        begun, table = (found["word"], found["table"]) if found else ("", None)
        if table is not None:
            columns = [word for word in self._words if word.kind == "column" and table in word.detail.split()]
            return Completions(begun, _beginning(columns or self._columns, begun))
        return Completions(begun, _beginning(self._words, begun) if begun else ())

    @property
    def _columns(self) -> list[Word]:
        return [word for word in self._words if word.kind == "column"]

    def _of_recipe(self, name: str, rest: str | None) -> Completions:
        if rest is None:
            words = [Word("recipe", f"@{file.name}", file.title) for file in self._recipes.values()]
            return Completions(f"@{name}", _beginning(words, f"@{name}"))
        file, begun = self._recipes.get(name), "" if rest[-1].isspace() else rest.split()[-1]
        given = {word.partition("=")[0] for word in rest.split() if "=" in word}
        params = [param for param in file.params if param.name not in given] if file else []
        return Completions(begun, _beginning([Word("parameter", f"{p.name}=", p.help) for p in params], begun))


def vocabulary(lake: Lake) -> Vocabulary:
    """Read the words of a lake.

    Raises:
        TriptychError: The lake cannot be read.
    """
    rows = lake.reader().execute(sqlfiles.statement("reports/words")).fetchall()
    words = (Word(kind, text, detail or "") for kind, text, detail in rows if not guard.is_refused(text))
    return Vocabulary(words, sqlfiles.listing("recipes"))


def _nearness(word: Word) -> tuple[int, int, str]:
    """Sorts the words that begin alike: of one kind, the one first that needs the fewest letters more."""
    return _KINDS.index(word.kind), len(word.text), word.text.lower()


def _beginning(words: Iterable[Word], begun: str) -> tuple[Word, ...]:
    folded = begun.lower()
    return tuple(word for word in words if word.text.lower().startswith(folded))
