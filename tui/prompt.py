"""The SQL prompt: history, colours, completion, and queries of several lines that end with ``;``."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from catalog import sqlfiles
from catalog.errors import TriptychError, UsageError, did_you_mean
from tui import state
from tui.commands.sql import run
from tui.diagnostics import one_line, without_settings
from tui.interrupt import interruptible
from tui.output import OutputFlags
from tui.recipes import listing
from tui.session import Session
from tui.statement import is_whole

if TYPE_CHECKING:
    from catalog.api import Lake

_HELP = """\
SELECT ...;            run SQL; it ends with ; and may take several lines
@RECIPE NAME=VALUE ... run a recipe
.recipes               list the recipes
.tables                list tables and views
.quit                  leave (so does Ctrl-D); Ctrl-C stops the running query"""
_COMMANDS = (".help", ".quit", ".recipes", ".tables")


def converse(lake: Lake, flags: OutputFlags, session: Session) -> int:
    """Ask, answer, and ask again until the person leaves."""
    asking: PromptSession[str] = PromptSession(
        history=_history(),
        lexer=PygmentsLexer(SqlLexer),
        completer=SqlCompleter(_words(lake), [file.name for file in sqlfiles.listing("recipes")]),
        complete_while_typing=False,
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation="     ... ",
    )
    session.say(f"{lake.layout.root}, read-only; .help says more, .quit leaves")
    while True:
        try:
            said = asking.prompt("triptych> ").strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return 0
        if said.rstrip(";").strip() in (".quit", ".exit"):
            return 0
        if said:
            _answer(lake, said, flags, session)


class SqlCompleter(Completer):
    """Completes tables, columns, keywords and functions, and recipes after ``@``."""

    def __init__(self, words: Iterable[str], recipes: Iterable[str]) -> None:
        self._words = sorted({*words}, key=str.lower)
        self._starters = [*(f"@{name}" for name in recipes), *_COMMANDS]

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The words that begin as the one before the cursor does."""
        begun = document.text_before_cursor
        if begun.startswith(("@", ".")) and " " not in begun:
            yield from (Completion(word, -len(begun)) for word in self._starters if word.startswith(begun))
            return
        word = document.get_word_before_cursor()
        if word:
            folded = word.lower()
            yield from (Completion(known, -len(word)) for known in self._words if known.lower().startswith(folded))


def _answer(lake: Lake, said: str, flags: OutputFlags, session: Session) -> None:
    started = time.monotonic()
    try:
        with interruptible(lake.interrupt):
            _obey(lake, said, flags, session)
    except KeyboardInterrupt:
        session.warn("stopped")
    except TriptychError as error:
        session.warn(f"error: {one_line(without_settings(str(error)))}")
    else:
        session.say(f"{time.monotonic() - started:.2f} s")


def _obey(lake: Lake, said: str, flags: OutputFlags, session: Session) -> None:
    word = said.rstrip(";").strip()
    if word == ".help":
        print(_HELP)
    elif word == ".recipes":
        print("\n".join(recipe.text() for recipe in listing()))
    elif word == ".tables":
        run(lake, sqlfiles.statement("reports/tables"), (), flags, session)
    elif said.startswith("."):
        raise UsageError(f"no command '{word}'{did_you_mean(word, _COMMANDS)}; there are {', '.join(_COMMANDS)}")
    elif said.startswith("@"):
        name, *given = _split(word)
        run(lake, name, tuple(given), flags, session)
    else:
        run(lake, said, (), flags, session)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"a quote is not closed in: {text}; write NAME='some words'") from error


def _words(lake: Lake) -> set[str]:
    queries = (
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE database_name = 'lake'",
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE database_name = 'lake'",
        "SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved'",
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE regexp_matches(function_name, '^[a-z][a-z_]+$')",
    )
    return {str(name) for query in queries for (name,) in lake.reader().execute(query).fetchall()}


def _history() -> History:
    """Kept in the person's state folder; in memory where that cannot be written."""
    place = state.folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / "history").touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(place / "history"))


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @Condition
    def whole() -> bool:
        from prompt_toolkit.application import get_app

        text = get_app().current_buffer.text.strip()
        return not text or text[0] in ".@" or is_whole(text)

    @keys.add("enter", filter=whole & ~has_completions)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys
