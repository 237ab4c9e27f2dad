"""Starts this program again, as another process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tui


def argv(module: str) -> list[str]:
    """The words that run a module of ours, whatever lies in the folder of the person."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """The environment in which our modules are found as they were here."""
    ours = str(Path(tui.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), ours])}
