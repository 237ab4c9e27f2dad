"""Where Triptych keeps what belongs to a person and to no lake: histories, the theme, and jobs."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """The person's state folder: ``$XDG_STATE_HOME/triptych``, by default ``~/.local/state/triptych``."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "triptych"


def state_file(name: str) -> Path | None:
    """A file in the state folder, readable by nobody else; None where it cannot be written."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        (folder() / name).touch(mode=0o600)
    except OSError:
        return None
    return folder() / name
