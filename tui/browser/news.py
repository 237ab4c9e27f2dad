"""What others commit while a slice is on the screen: told, and never mixed into what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from tui.browser.asking import Asking
from tui.browser.said import Said

if TYPE_CHECKING:
    from catalog.api import Lake

EVERY = 2.0
"""Seconds between two looks at the newest snapshot."""


class News:
    """Compares the newest snapshot with the one that is shown."""

    def __init__(self, by: DOMNode, asking: Asking, tell: Callable[[str], object]) -> None:
        self._by, self._asking, self._tell = by, asking, tell
        self._lake: Lake | None = None
        self._said: Said = {}
        self._count = 0
        self._known = 0
        by.set_interval(EVERY, self._look)

    def shown(self, lake: Lake, said: Said, *, snapshot: int, count: int) -> None:
        """Begin with what is shown now."""
        self._lake, self._said, self._known, self._count = lake, said, snapshot, count
        self._tell("")

    def _look(self) -> None:
        lake = self._lake
        if lake is not None and "at" not in self._said:
            self._asking.ask(self._by, "looking for news", lake.snapshot, self._found, refused=str, quiet=True)

    def _found(self, snapshot: int) -> None:
        lake, said = self._lake, self._said
        if lake is not None and snapshot > self._known:
            self._known = snapshot
            self._asking.ask(
                self._by, "counting news", lake.slice(**said).count, self._counted, refused=str, quiet=True
            )

    def _counted(self, count: int) -> None:
        more = count - self._count
        if more > 0:
            self._tell(f"{more:,} new {'row' if more == 1 else 'rows'}: press r")
        elif more < 0:
            self._tell(f"{-more:,} {'row' if more == -1 else 'rows'} fewer: press r")
        else:
            self._tell("the lake has changed: press r")
