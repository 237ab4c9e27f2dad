"""Questions to the lake, each answered in a thread: the screen never waits, and stale answers are dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.errors import TriptychError
from tui.diagnostics import one_line

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.worker import Worker

    from catalog.api import Lake

Answer = TypeVar("Answer")
Refused = Callable[[str], object]


@dataclass(eq=False, slots=True)
class Question:
    """One question that is being answered."""

    what: str
    """What it does, for people: "counting"."""
    began: float = field(default_factory=time.monotonic)
    quiet: bool = False
    """Whether nobody waits for the answer."""
    worker: Worker[None] | None = None
    cancelled: bool = False
    thread: int = 0
    """The thread that is at it; 0 before and after."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held while ``thread`` changes, so that an interruption never hits the next question of the same thread."""


class Asking:
    """Asks on behalf of an app. Everything but the questions themselves happens in the app's own thread."""

    def __init__(self, app: App[Any], lake: Callable[[], Lake | None]) -> None:
        self._app, self._lake = app, lake
        self._open: dict[tuple[object, str], list[Question]] = {}

    def ask(
        self,
        by: DOMNode,
        what: str,
        question: Callable[[], Answer],
        answer: Callable[[Answer], object],
        *,
        refused: Refused | None = None,
        dropped: Callable[[Answer], object] | None = None,
        exclusive: bool = True,
        quiet: bool = False,
    ) -> None:
        """Answer a question in a thread, then call ``answer`` with it, unless ``by`` is gone or asked anew meanwhile.

        Args:
            by: Screen or widget that asks; its questions end with it.
            what: For people, such as "counting"; with ``exclusive`` the same question of before is interrupted.
            question: Runs in a thread; reads the lake, touches no widget.
            answer: Runs in the app's thread.
            refused: Gets the message of an error; otherwise it is notified.
            dropped: Gets, in the app's thread, an answer that nobody waits for any more.
            exclusive: Whether a question of the same name by the same asker is outdated by this one.
            quiet: Whether nobody waits for the answer: it is not told as being waited for.
        """
        asked, group = Question(what, quiet=quiet), (by, what)
        if exclusive:
            self._stop(self._open.pop(group, []))
        self._open.setdefault(group, []).append(asked)

        def work() -> None:
            found, trouble = _tried(asked, question)
            self._app.call_later(done, found, trouble)

        def done(found: list[Answer], trouble: str) -> None:
            self._forget(group, asked)
            if asked.cancelled or not by.is_attached:
                if found and dropped is not None:
                    dropped(found[0])
                return
            if found:
                answer(found[0])
            elif refused is not None:
                refused(trouble)
            else:
                self._app.notify(trouble, severity="error", markup=False)

        asked.worker = by.run_worker(work, thread=True, group=what, exit_on_error=False)

    @property
    def longest(self) -> Question | None:
        """The question that has been waited for the longest time."""
        return min((asked for asked in self._all if not asked.quiet), key=lambda one: one.began, default=None)

    @property
    def idle(self) -> bool:
        """Whether no question is open."""
        return not self._all

    def cancel(self) -> bool:
        """Stop every question; whether somebody waited for one."""
        questions = self._all
        self._stop(questions)
        self._open.clear()
        return any(not asked.quiet for asked in questions)

    @property
    def _all(self) -> list[Question]:
        """What is still to be answered; a question that ended with its asker before it began never tells so."""
        ended = [
            (group, asked)
            for group, questions in self._open.items()
            for asked in questions
            if asked.worker is not None and asked.worker.is_cancelled
        ]
        for group, asked in ended:
            self._forget(group, asked)
        return [asked for questions in self._open.values() for asked in questions]

    def _stop(self, questions: Iterable[Question]) -> None:
        for asked in questions:
            asked.cancelled = True
            with asked.turn:
                if asked.thread and (lake := self._lake()) is not None:
                    lake.interrupt(of=asked.thread)

    def _forget(self, group: tuple[object, str], asked: Question) -> None:
        left = [other for other in self._open.get(group, []) if other is not asked]
        if left:
            self._open[group] = left
        else:
            self._open.pop(group, None)


def _tried(asked: Question, question: Callable[[], Answer]) -> tuple[list[Answer], str]:
    """The answer, or nothing and what is wrong."""
    with asked.turn:
        asked.thread = threading.get_ident()
    try:
        return ([] if asked.cancelled else [question()]), ""
    except TriptychError as error:
        return [], str(error)
    except Exception as error:  # a defect of ours, or of a library: the screen stays
        return [], f"unexpected {type(error).__name__}: {one_line(str(error))}"
    finally:
        with asked.turn:
            asked.thread = 0
