"""The words that may come next, below the cursor of the editor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.geometry import Offset
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.completion import Word

_MOST = 100
"""Words that are listed; whoever wants another types on."""
_DETAIL = 48
"""Characters that are shown of what a word is."""


class Dropdown(OptionList, can_focus=False):
    """A list over everything else, which the keys of the editor move in."""

    DEFAULT_CSS = """
    Dropdown {
        display: none; overlay: screen; constrain: inside inflect; position: absolute;
        width: auto; max-width: 76; height: auto; max-height: 8;
        border: none; padding: 0; background: $panel; color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._words: tuple[Word, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return bool(self.display)

    @property
    def words(self) -> tuple[Word, ...]:
        """What it offers."""
        return self._words if self.is_open else ()

    @property
    def chosen(self) -> Word | None:
        """The word that is marked."""
        return self._words[self.highlighted] if self.is_open and self.highlighted is not None else None

    def offer(self, words: Sequence[Word], cursor: Offset, begun: int) -> None:
        """Show words below the cursor, under the ``begun`` letters that are there already."""
        self._words = tuple(words[:_MOST])
        width = max(len(word.text) for word in self._words)
        self.clear_options()
        self.add_options([Option(_line(word, width)) for word in self._words])
        self.highlighted = 0
        self.absolute_offset = Offset(max(0, cursor.x - begun - 1), cursor.y + 1)
        self.display = True

    def move(self, lines: int) -> None:
        """Mark another word."""
        if lines < 0:
            self.action_cursor_up()
        else:
            self.action_cursor_down()

    def close(self) -> None:
        """Leave the screen."""
        self.display = False


def _line(word: Word, width: int) -> Text:
    detail = f"{word.kind} {word.detail}".strip()
    short = detail if len(detail) <= _DETAIL else f"{detail[: _DETAIL - 1]}…"
    return Text(f"{word.text:<{width}}  {short}", no_wrap=True)
