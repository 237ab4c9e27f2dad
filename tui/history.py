"""The queries that were asked, kept in the person's state folder."""

from __future__ import annotations

import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory


def history() -> History:
    """Kept in a file that only the person reads; in memory where that cannot be written."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "triptych"
    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / "history").touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(state / "history"))
