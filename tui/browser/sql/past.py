"""The queries of before, one after the other; the prompt keeps and shows the same."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tui.completion import Vocabulary, vocabulary

if TYPE_CHECKING:
    from prompt_toolkit.history import History

    from catalog.api import Lake


class Past:
    """Texts, the latest first, and where in them somebody is; before the first is what is being written."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._texts = list(history.load_history_strings())
        self._place = -1
        self._begun = ""

    def step(self, steps: int, text: str) -> str | None:
        """The text so many steps further back, when ``text`` is in the editor; None where there is none."""
        shown = self._texts[self._place] if self._place >= 0 else None
        if text != shown:
            self._begun, self._place = text, -1
        place = self._place + steps
        if not -1 <= place < len(self._texts) or place == self._place:
            return None
        self._place = place
        return self._texts[place] if place >= 0 else self._begun

    def remember(self, text: str) -> None:
        """Keep a text that was run, unless it is the latest; it may be called from any thread."""
        self._place = -1
        if text.strip() and self._texts[:1] != [text]:
            self._texts.insert(0, text)
            with suppress(OSError):  # who cannot write a history can still ask
                self._history.store_string(text)


def begin(lake: Lake) -> tuple[Vocabulary, Past]:
    """Read what an editor needs to know.

    Raises:
        TriptychError: The lake cannot be read.
    """
    from tui.history import history

    return vocabulary(lake), Past(history())
