"""The line that says how many images there are, and what is being waited for."""

from __future__ import annotations

import time

from rich.text import Text
from textual.widgets import Static

from tui.browser.asking import Asking

_AFTER = 0.2
"""Seconds that an answer may take before waiting is shown."""
_EVERY = 0.1
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Status(Static):
    """A count, news, and behind them what the lake is at."""

    DEFAULT_CSS = "Status { height: 1; background: $panel; color: $foreground; padding: 0 1; }"

    def __init__(self, asking: Asking) -> None:
        super().__init__(markup=False)
        self._asking = asking
        self._said = self._news = ""

    def on_mount(self) -> None:
        """Look at what is open, ten times a second."""
        self.set_interval(_EVERY, self._tell)

    def say(self, said: str) -> None:
        """Say how many images there are."""
        self._said = said.replace("\n", " ")
        self._tell()

    def add(self, news: str) -> None:
        """Say something beside the count; nothing takes it away."""
        self._news = news
        self._tell()

    @property
    def text(self) -> str:
        """What is on the screen."""
        return str(self.content)

    def _tell(self) -> None:
        parts = [self._said, self._news, self._waiting()]
        text = "   ".join(part for part in parts if part)
        if text != self.text:
            self.update(Text(text, no_wrap=True, overflow="ellipsis"), layout=False)

    def _waiting(self) -> str:
        open_ = self._asking.longest
        elapsed = time.monotonic() - open_.began if open_ else 0.0
        if open_ is None or elapsed < _AFTER:
            return ""
        return f"{_FRAMES[int(elapsed / _EVERY) % len(_FRAMES)]} {open_.what} {elapsed:.1f} s, esc stops it"
