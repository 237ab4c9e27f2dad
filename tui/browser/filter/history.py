"""Lines that were entered before, newest first; kept in the person's state folder."""

from __future__ import annotations

from pathlib import Path

from prompt_toolkit.history import FileHistory

from tui.state import state_file


class History:
    """The lines of before; in memory alone where the state folder cannot be written."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else FileHistory(str(path))
        known = self._file.load_history_strings() if self._file else ()
        self.lines = list(dict.fromkeys(known))
        """Newest first, each once."""

    def add(self, line: str) -> None:
        """Remember a line."""
        if not line.strip():
            return
        self.lines = [line, *(known for known in self.lines if known != line)]
        if self._file is not None:
            self._file.store_string(line)


def of_person() -> History:
    """The history of the person at the terminal."""
    return History(state_file("filters"))
