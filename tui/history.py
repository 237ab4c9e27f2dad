"""What a person has asked before, kept in the person's state folder."""

from __future__ import annotations

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from tui.state import state_file


def history(name: str = "history") -> History:
    """Kept in a file that only the person reads; in memory where that cannot be written."""
    kept = state_file(name)
    return InMemoryHistory() if kept is None else FileHistory(str(kept))
