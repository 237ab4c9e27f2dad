"""Lines that were entered before, newest first; kept in the person's state folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tui.state import state_file

if TYPE_CHECKING:
    from prompt_toolkit.history import FileHistory


class History:
    """The lines of before; in memory alone where there is no file. It is read when it is first asked for."""

    def __init__(self, file: Callable[[], Path | None] = lambda: state_file("filters")) -> None:
        self._path = file

    @cached_property
    def lines(self) -> list[str]:
        """Newest first, each once."""
        return list(dict.fromkeys(self._file.load_history_strings() if self._file else ()))

    def add(self, line: str) -> None:
        """Remember a line."""
        if not line.strip():
            return
        self.lines = [line, *(known for known in self.lines if known != line)]
        if self._file is not None:
            self._file.store_string(line)

    @cached_property
    def _file(self) -> FileHistory | None:
        from prompt_toolkit.history import FileHistory

        path = self._path()
        return None if path is None else FileHistory(str(path))
