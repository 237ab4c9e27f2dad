"""Where Triptych keeps what belongs to a person and to no lake: the history of the prompt, and jobs."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """The person's state folder: ``$XDG_STATE_HOME/triptych``, by default ``~/.local/state/triptych``."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "triptych"
