"""Where SQL is written: with colours, completion at the cursor, and a mark at the place that an error points to."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual.events import Blur, Key
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from tui.browser.sql.colours import theme
from tui.browser.sql.dropdown import Dropdown
from tui.completion import Completions, Vocabulary

_SIGN = "✗"
"""Stands in the gutter beside the line of an error."""
_LANGUAGE = "sql" if find_spec("tree_sitter_sql") is not None else None
_COLOURED = 5_000
"""Characters of a text that has colours."""
_HINT = "SELECT modality, count(*) FROM images GROUP BY 1"
_WORD = re.compile(r"\w+|\S")


class Editor(TextArea):
    """An editor of SQL. ``vocabulary`` completes it once it is known; typing waits for nothing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"editor--wrong"}
    DEFAULT_CSS = """
    Editor { padding: 0; height: 1fr; background: $surface; color: $foreground; }
    Editor .editor--wrong { color: $foreground; background: $surface; text-style: bold reverse; }
    """

    class Edited(Message):
        """The text is another."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            language=_LANGUAGE, show_line_numbers=True, soft_wrap=False, placeholder=_HINT, theme="css", id=id
        )
        self.vocabulary: Vocabulary | None = None
        self._wrong: tuple[int, int | None] | None = None
        self._put: str | None = None

    def on_mount(self) -> None:
        """Follow the colours of the app."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._paint())
        self._paint()

    def edit(self, edit: Edit) -> EditResult:
        """Change the text; a long one has no colours, as finding them at every key takes too long."""
        removed = len(self.document.get_text_range(*sorted((edit.from_location, edit.to_location))))
        small = len(self.text) - removed + len(edit.text) <= _COLOURED
        if (language := _LANGUAGE if small else None) != self.language:
            selected = self.selection
            self.language = language
            self.selection = selected
        return super().edit(edit)

    def undo(self) -> None:
        """Take the last change back."""
        self._turned(super().undo)

    def redo(self) -> None:
        """Make a change again that was taken back."""
        self._turned(super().redo)

    def put(self, text: str) -> None:
        """Write another text instead of what there is; undo brings it back."""
        self._put = text
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def mark(self, line: int, column: int | None) -> None:
        """Mark a line, and in it the word at a column; both from 1."""
        self._wrong = (line - 1, None if column is None else column - 1)
        self.notify_style_update()
        if not self.scroll_offset.y < line <= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, line - self.size.height // 2), animate=False)

    def unmark(self) -> None:
        """Mark nothing."""
        self._wrong = None
        self.notify_style_update()

    @property
    def marked(self) -> tuple[int, str] | None:
        """The line, from 1, and the words in it that are marked."""
        if self._wrong is None:
            return None
        line = self.document.get_line(self._wrong[0])
        start, end = _extent(line, self._wrong[1])
        return self._wrong[0] + 1, line[start:end]

    def get_line(self, line_index: int) -> Text:
        """A line, underlined where it is wrong."""
        line = super().get_line(line_index)
        if self._wrong is not None and line_index == self._wrong[0]:
            line.stylize("underline bold", *_extent(line.plain, self._wrong[1]))
        return line

    def render_line(self, y: int) -> Strip:
        """A line of the screen, with a sign in the gutter beside the one that is wrong."""
        strip = super().render_line(y)
        segments = list(strip)
        if self._wrong is None or not segments or segments[0].text.strip() != str(self._wrong[0] + 1):
            return strip
        sign = Segment(f"{segments[0].text[:-2]}{_SIGN} ", self.get_component_rich_style("editor--wrong"))
        return Strip([sign, *segments[1:]], strip.cell_length)

    async def on_key(self, event: Key) -> None:
        """Let the dropdown have the keys that move in it."""
        dropdown = self._dropdown
        if dropdown.is_open and event.key in ("up", "down", "tab", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "tab":
                self.accept()
            elif event.key == "escape":
                dropdown.close()
            else:
                dropdown.move(-1 if event.key == "up" else 1)

    def on_text_area_changed(self) -> None:
        """Offer words that complete what was typed."""
        if self._wrong is not None:
            self.unmark()
        put, self._put = self._put, None
        if self.has_focus and put != self.text:
            self._offer()
        else:
            self._dropdown.close()
        self.post_message(self.Edited())

    def on_text_area_selection_changed(self) -> None:
        """Offer other words where the cursor has gone."""
        if self._dropdown.is_open:
            self._offer()

    def on_blur(self, _: Blur) -> None:
        """Offer nothing to who is elsewhere."""
        self._dropdown.close()

    def accept(self) -> None:
        """Write the word that is marked in the dropdown."""
        row, column = self.cursor_location
        word, begun = self._dropdown.chosen, self._completions.begun
        if word is not None:
            self.replace(word.text, (row, column - len(begun)), (row, column), maintain_selection_offset=False)
            self._put = self.text
        self._dropdown.close()

    def _turned(self, turn: Callable[[], None]) -> None:
        """Turn to another text from its first line on: TextArea fails where the cursor's line is no more."""
        text, selected = self.text, self.selection
        self.move_cursor((0, 0))
        turn()
        if self.text == text:
            self.selection = selected

    @property
    def _dropdown(self) -> Dropdown:
        return self.screen.query_one(Dropdown)

    @property
    def _completions(self) -> Completions:
        before = self.get_text_range((0, 0), self.cursor_location)
        return self.vocabulary.before(before) if self.vocabulary is not None else Completions()

    def _offer(self) -> None:
        found = self._completions
        words = tuple(word for word in found.words if word.text != found.begun)
        whole = any(word.kind == "keyword" and word.text == found.begun.upper() for word in found.words)
        if words and not whole and self.selection.is_empty:
            self._dropdown.offer(words, self.cursor_screen_offset, len(found.begun))
        else:
            self._dropdown.close()

    def _paint(self) -> None:
        painted = theme(f"sql of {self.app.theme}", self.app.theme_variables)
        self.register_theme(painted)
        self.theme = painted.name


def _extent(line: str, column: int | None) -> tuple[int, int]:
    """Where the word at a column begins and ends; without a column, the line without what surrounds it."""
    if column is None:
        return len(line) - len(line.lstrip()), len(line.rstrip())
    found = _WORD.search(line, column)
    return found.span() if found else (column, len(line))
