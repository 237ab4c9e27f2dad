"""Tables of text: columns aligned, as wide as the screen where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from tui.cells import text, visible

_BLOCK = 1_000
"""Rows that are laid out together."""
_UNKNOWN = 80
"""Columns of a terminal that says it has none, as some pseudo-terminals do."""
_NARROWEST = 12
_WIDEST = 60
"""Cells of a stream are padded to this at most; longer ones are written whole."""
_WHOLE = frozenset({"image_id"})
"""Columns that are never cut: they are there to be copied."""
_GAP = "  "
NULL = "null"


@dataclass(frozen=True, slots=True)
class Screen:
    """What a table is written to."""

    width: int | None = None
    """Columns of the terminal; None where text may be as long as it is."""
    styled: bool = False


def screen() -> Screen:
    """The terminal behind stdout, if there is one."""
    if not sys.stdout.isatty():
        return Screen()
    size = os.get_terminal_size(sys.stdout.fileno())
    return Screen(size.columns or _UNKNOWN, styled="NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose layout is known and whose lines are made as they are read."""

    lines: Iterator[str]
    shown: int
    """Columns that fit."""


def lay_out(names: Sequence[str], rows: Iterable[Sequence[Any]], onto: Screen) -> Table:
    """Lay a table out from its first rows; the rest is streamed, and widens columns where it must."""
    blocks = _blocks(rows)
    sample = next(blocks, [])
    heads = [visible(name) for name in names]
    cells = [[_cell(value) for value in row] for row in sample]
    widths = _widths([_width(head) for head in heads], cells)
    whole = [name in _WHOLE for name in names]
    shown = _columns_that_fit(widths, whole, onto.width)
    right = [_is_numeric(column) for column in zip(*sample, strict=True)] or [False] * len(heads)
    layout = _Layout(widths[:shown], whole[:shown], right, onto)
    rest = ([[_cell(value) for value in row] for row in block] for block in blocks)
    body = (line for block in chain([cells], rest) for line in layout.lines(block))
    return Table(chain(layout.head(heads), body), shown)


class _Layout:
    """Widths of columns, which grow with what comes."""

    def __init__(self, widths: list[int], whole: list[bool], right: list[bool], onto: Screen) -> None:
        self._widths, self._whole, self._right, self._onto = widths, whole, right, onto

    def head(self, heads: list[str]) -> list[str]:
        """The names of the columns and a rule."""
        widths = _shrunk(self._widths, self._whole, self._onto.width)
        line = _line(heads, widths, self._right, self._onto, null=False)
        rule = _GAP.join("─" * width for width in widths)
        return [f"\x1b[1m{line}\x1b[0m", f"\x1b[2m{rule}\x1b[0m"] if self._onto.styled else [line, rule]

    def lines(self, block: list[list[str]]) -> Iterator[str]:
        """The lines of some rows."""
        self._widths = _widths(self._widths, block)
        widths = _shrunk(self._widths, self._whole, self._onto.width)
        return (_line(cells, widths, self._right, self._onto) for cells in block)


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    rest = iter(rows)
    while block := list(islice(rest, _BLOCK)):
        yield block


def _widths(known: list[int], block: list[list[str]]) -> list[int]:
    columns = list(zip(*block, strict=True)) if block else [()] * len(known)
    return [max(width, *map(_width, column), 0) for width, column in zip(known, columns, strict=False)]


def _columns_that_fit(widths: list[int], whole: list[bool], room: int | None) -> int:
    """How many columns fit the room when each is as narrow as it may be."""
    narrow = [width if kept else min(width, _NARROWEST) for width, kept in zip(widths, whole, strict=True)]
    shown = len(widths)
    while room is not None and shown > 1:
        least = sum(narrow[:shown]) + len(_GAP) * (shown - 1)
        if least <= room:
            break
        shown -= 1
    return shown


def _shrunk(widths: list[int], whole: list[bool], room: int | None) -> list[int]:
    """Widths that fit the room: the widest columns give way first, those that stay whole never."""
    if room is None:
        return [min(width, _WIDEST) for width in widths]
    kept = list(widths)
    spare = max(len(kept), room - len(_GAP) * (len(kept) - 1))
    while (over := sum(kept) - spare) > 0:
        yielding = [width for width, stays in zip(kept, whole, strict=True) if not stays and width > 1]
        if not yielding:
            break
        widest = max(yielding)
        tied = [i for i, width in enumerate(kept) if width == widest and not whole[i]]
        floor = max((width for width in yielding if width < widest), default=1)
        for i in tied:
            kept[i] = max(floor, widest - max(1, over // len(tied)))
    return kept


def _line(cells: Sequence[str], widths: list[int], right: list[bool], onto: Screen, *, null: bool = True) -> str:
    last = len(widths) - 1
    padded = [
        _pad(cell, width, to_right=right[i], last=i == last, cut=onto.width is not None)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    if onto.styled and null:
        dimmed = zip(padded, cells, strict=False)
        padded = [f"\x1b[2m{text}\x1b[0m" if cell == NULL else text for text, cell in dimmed]
    return _GAP.join(padded)


def _pad(cell: str, width: int, *, to_right: bool, last: bool, cut: bool) -> str:
    taken = _width(cell)
    if cut and taken > width:
        cell, taken = _cut(cell, width)
    space = " " * max(0, width - taken)
    if to_right:
        return space + cell
    return cell if last else cell + space


def _cut(cell: str, width: int) -> tuple[str, int]:
    """The beginning of a cell and an ellipsis, in so many columns of the terminal."""
    if cell.isascii():
        return cell[: width - 1] + "…", width
    from rich.cells import set_cell_size

    return set_cell_size(cell, width - 1) + "…", width


def _width(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    from rich.cells import cell_len

    return cell_len(cell)


def _cell(value: Any) -> str:
    return NULL if value is None else visible(text(value))


def _is_numeric(column: Sequence[Any]) -> bool:
    values = [value for value in column if value is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
