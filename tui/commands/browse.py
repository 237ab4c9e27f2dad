"""``triptych browse``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import catalog
from catalog.errors import MissingExtraError, UsageError
from tui.ambient import Ambient
from tui.slice_flags import NOTHING, Slice

if TYPE_CHECKING:
    from catalog.api import Lake

MEMORY = "150MB"
"""For each of DuckDB's two databases; larger sorts and joins spill to the disk."""


def browse(said: Slice = NOTHING, *, session: Ambient) -> int:
    """Look at a lake in the whole terminal: facets, the table of a slice, and pictures with their ROIs.

    It only reads, until you tell it to save, export or annotate the slice. Press ? for the keys, q to leave.

    Example: triptych browse

    Example: triptych browse --modality CT --has rois
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the browser needs a terminal; use triptych ls, facets or show instead")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("this terminal (TERM=dumb) cannot place a cursor; use triptych ls, facets or show instead")
    for package in ("textual", "textual_autocomplete", "textual_image", "textual_plotext"):
        if find_spec(package) is None:
            raise MissingExtraError(package, extra="browse")
    from catalog.lake.layout import locate

    locate(session.path)  # that there is no lake is told before the screen is taken, too
    if said.said():
        from catalog.slices.filter import make

        make(**said.said())  # what cannot be meant is told before the screen is taken
    from tui.browser.app import Browser

    app = Browser(lambda: opened(session.path), said.said())
    app.run()
    return app.return_code or 0


def opened(path: str | Path) -> Lake:
    """The lake as the browser holds it, in little memory.

    Raises:
        LakeError: It cannot be opened.
    """
    return catalog.open(path, memory_limit=MEMORY)
