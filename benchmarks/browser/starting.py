"""The browser as a process: from its start to the first frame and the first row, and from a key to its letter."""

from __future__ import annotations

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import catalog
from benchmarks.browser.terminal import Terminal
from tui import cells
from tui.browser.columns import DEFAULT

Samples = dict[str, list[float]]
"""Seconds by what was measured."""
_PANES, _TOLD, _ALL = rb"MODALITY", rb"[0-9,]+ images?", 0.3
_LETTERS = "жщюэфъы"
"""Nothing else on the screen has them."""


def starts(lake: Path, *, times: int) -> Samples:
    """Start the browser again and again.

    The first paint is there when the names of the facets are, which stand in every pane's first frame; the first rows
    are when the values of the first row stand beside each other.
    """
    found: Samples = {"first paint": [], "first rows": []}
    row = _first_row(lake)
    with TemporaryDirectory() as state:
        for _ in range(times):
            terminal = browser(lake, Path(state))
            terminal.until(_PANES)
            found["first paint"].append(time.perf_counter() - terminal.began)
            terminal.until(row)
            found["first rows"].append(time.perf_counter() - terminal.began)
            terminal.send("q")
            terminal.ended()
    return found


def typing(lake: Path, *, lines: int) -> Samples:
    """Type into the filter bar while what the line before asked for is being counted; seconds from key to letter."""
    seconds: list[float] = []
    words = _modalities(lake)
    with TemporaryDirectory() as state:
        terminal = browser(lake, Path(state))
        terminal.until(_TOLD)
        for turn in range(lines):
            terminal.send(f"/\x15--modality {words[turn % len(words)]}\r")
            terminal.pause(_ALL / 10)
            terminal.send("/\x05 ")
            terminal.pause(_ALL / 10)
            seconds += [_echo(terminal, letter) for letter in _LETTERS]
            terminal.send("\x1b")
            terminal.pause(_ALL)
        terminal.send("q")
        terminal.ended()
    return {"typing": seconds}


def browser(lake: Path, state: Path) -> Terminal:
    """The browser on a lake."""
    return Terminal(["tui", "--lake", str(lake), "browse"], state=state)


def _echo(terminal: Terminal, letter: str) -> float:
    terminal.forget()
    began = time.perf_counter()
    terminal.send(letter)
    terminal.until(letter.encode())
    return time.perf_counter() - began


def _first_row(lake: Path) -> bytes:
    with catalog.open(lake) as opened:
        (row,) = opened.slice().page(limit=1, columns=DEFAULT[:3]).to_pylist()
    words = [cells.visible(cells.text(value))[:20] for value in row.values() if value is not None]
    return rb"\S* +".join(re.escape(word).encode() for word in words)


def _modalities(lake: Path) -> list[str]:
    with catalog.open(lake) as opened:
        values = opened.slice().facets("modality")["modality"].column("value").to_pylist()
    return [f"'{value}'" for value in values if value is not None][:6]
