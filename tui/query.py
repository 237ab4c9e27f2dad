"""What is asked in SQL or by the name of a recipe, understood and run: the same for commands, prompt and editor."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import QueryError, UsageError
from catalog.lake import guard
from catalog.sqlfiles import written
from tui.recipes import bind, bind_freely, pairs, recipe

if TYPE_CHECKING:
    import duckdb

    from catalog.api import Lake


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement and the values that its ``$names`` stand for."""

    statement: str
    values: dict[str, Any]

    @property
    def sql(self) -> str:
        """The statement with its values written out, without the ``;`` at its end."""
        return written(guard.bare(self.statement), self.values)

    @property
    def is_select(self) -> bool:
        """Whether it can stand in brackets within another: everything that reads but EXPLAIN."""
        return not guard.explains(self.statement)


def asked(lake: Lake, text: str, given: Sequence[str] | None = None) -> Asked:
    """Understand SQL, or ``@recipe NAME=VALUE ...``, and NAME=VALUE texts given beside it, where they can be.

    Raises:
        UsageError: An unknown recipe or parameter.
        QueryError: The SQL does not parse, or is not read-only.
    """
    if text.strip().startswith("@"):
        name, *more = _split(text.strip().rstrip(";"))
        file = recipe(name)
        return Asked(file.statement, bind(file, pairs([*more, *(given or ())])))
    connection = lake.reader()
    guard.check(connection, text)
    named = {name for part in connection.extract_statements(text) for name in part.named_parameters}
    if given is None and named:
        raise QueryError(f"the query names ${min(named)}; write the value itself in its place")
    return Asked(text, bind_freely(sorted(named), pairs(given or ())))


def run(lake: Lake, question: Asked) -> duckdb.DuckDBPyConnection:
    """Run a statement on this thread's connection.

    Raises:
        QueryError: It does not bind or run, or it is not read-only.
    """
    return guard.run(lake.reader(), question.statement, question.values)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"a quote is not closed in: {text}; write NAME='some words'") from error
