"""Lines that were entered before, newest first; kept in the person's state folder."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.history import History as Kept


class History:
    """The lines of before, read when they are first asked for."""

    @cached_property
    def lines(self) -> list[str]:
        """Newest first, each once."""
        return list(dict.fromkeys(self._kept.load_history_strings()))

    def add(self, line: str) -> None:
        """Remember a line."""
        if line.strip():
            self.lines = [line, *(known for known in self.lines if known != line)]
            self._kept.store_string(line)

    @cached_property
    def _kept(self) -> Kept:
        from tui.history import history

        return history("filters")
