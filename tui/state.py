"""Small files that a person's terminal remembers between two commands."""

from __future__ import annotations

import os
from pathlib import Path


def state_file(name: str) -> Path | None:
    """A file in the person's state folder, readable by nobody else; None where it cannot be written."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "triptych"
    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / name).touch(mode=0o600)
    except OSError:
        return None
    return state / name
