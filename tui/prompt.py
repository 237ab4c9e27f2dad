"""The SQL prompt: history, colours, completion, and queries of several lines that end with ``;``."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from catalog import sqlfiles
from catalog.errors import TriptychError, UsageError, did_you_mean
from tui.commands.sql import run
from tui.completion import Vocabulary, vocabulary
from tui.diagnostics import one_line, without_settings
from tui.history import history
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
        history=history(),
        lexer=PygmentsLexer(SqlLexer),
        completer=SqlCompleter(vocabulary(lake)),
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
    """Completes tables, columns, keywords, functions and recipes, and the commands of the prompt."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The words that begin as the one before the cursor does."""
        text = document.text_before_cursor
        if text.startswith("."):
            yield from (Completion(word, -len(text)) for word in _COMMANDS if word.startswith(text))
            return
        found = self._vocabulary.before(text)
        yield from (Completion(word.text, -len(found.begun), display_meta=word.kind) for word in found.words)


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
    else:
        run(lake, said, (), flags, session)


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
