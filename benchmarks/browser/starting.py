"""The browser as a process: from its start to the first frame and the first row, and from a key to its letter."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import catalog
from benchmarks.browser.terminal import Terminal
from tui import cells
from tui.browser.columns import DEFAULT

Samples = dict[str, list[float]]
"""Seconds by what was measured."""
_PANES, _TOLD, _IN_LINE = rb"MODALITY", rb"[0-9,]+ images?", rb"older line"
"""What says that a frame, a count, and the cursor in the filter bar are there."""
_CALM, _LOST = 0.5, 5.0
_LETTERS = "жщюэфъы"
"""Nothing else on the screen has them."""


def starts(lake: Path, *, times: int) -> Samples:
    """Start the browser again and again, by turns in a plain terminal and inside of tmux.

    The first paint is there when the names of the facets are, which stand in every pane's first frame; the first rows
    are when the values of the first row stand beside each other.
    """
    row = _first_row(lake)
    found: Samples = {}
    with TemporaryDirectory() as state:
        for turn in range(2 * times):
            inside = turn % 2 == 1
            terminal = browser(lake, Path(state), tmux=inside)
            for what, pattern in (("first paint", _PANES), ("first rows", row)):
                terminal.until(pattern)
                name = f"{what}, tmux" if inside else what
                found.setdefault(name, []).append(time.perf_counter() - terminal.began)
            terminal.send("q")
            terminal.ended()
    return found


def typing(lake: Path, *, lines: int) -> Samples:
    """Type into the filter bar while all images are read and counted again; seconds from key to letter."""
    seconds: list[float] = []
    with TemporaryDirectory() as state:
        terminal = browser(lake, Path(state))
        terminal.until(_TOLD)
        for _ in range(lines):
            terminal.pause(_CALM)
            terminal.forget()
            terminal.send("r/")
            terminal.until(_IN_LINE)
            terminal.pause(_CALM / 5)
            seconds += [_echo(terminal, letter) for letter in _LETTERS]
            terminal.send("\x1b")
        terminal.pause(_CALM)
        terminal.send("q")
        terminal.ended()
    return {"typing": seconds}


def browser(lake: Path, state: Path, *, tmux: bool = False) -> Terminal:
    """The browser on a lake."""
    return Terminal(["tui", "--lake", str(lake), "browse"], state=state, tmux=tmux)


def _echo(terminal: Terminal, letter: str) -> float:
    terminal.forget()
    began = time.perf_counter()
    terminal.send(letter)
    with suppress(TimeoutError):  # a letter that is lost counts as one that took so long
        terminal.until(letter.encode(), within=_LOST)
    return time.perf_counter() - began


def _first_row(lake: Path) -> bytes:
    with catalog.open(lake) as opened:
        (row,) = opened.slice().page(limit=1, columns=DEFAULT[:3]).to_pylist()
    words = [cells.visible(cells.text(value))[:20] for value in row.values() if value is not None]
    return rb"\S* +".join(re.escape(word).encode() for word in words)
