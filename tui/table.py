"""Tables of text: columns aligned, as wide as the screen where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from tui.cells import text, visible

_SAMPLE = 1_000
"""Rows that the widths are taken from; later ones may overflow."""
_NARROWEST = 12
_WIDEST = 60
"""Cells of a stream are padded to this at most; longer ones are written whole."""
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
    return Screen(size.columns, styled="NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose layout is known and whose lines are made as they are read."""

    lines: Iterator[str]
    shown: int
    """Columns that fit."""


def lay_out(names: Sequence[str], rows: Iterable[Sequence[Any]], onto: Screen) -> Table:
    """Lay a table out from its first rows; the rest is streamed."""
    rest = iter(rows)
    sample = list(islice(rest, _SAMPLE))
    heads = [visible(name) for name in names]
    cells = [[_cell(value) for value in row] for row in sample]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]
    fitted = _fit(widths, onto.width)
    right = [_is_numeric(column) for column in zip(*sample, strict=True)] or [False] * len(heads)
    body = (_line(row, fitted, right, onto) for row in chain(cells, ([_cell(value) for value in row] for row in rest)))
    return Table(chain(_head(heads, fitted, right, onto), body), len(fitted))


def _fit(widths: list[int], room: int | None) -> list[int]:
    """Widths that fit the room: the widest columns give way first, then the last columns are left out."""
    if room is None:
        return [min(width, _WIDEST) for width in widths]
    kept = list(widths)
    while len(kept) > 1 and sum(min(width, _NARROWEST) for width in kept) + len(_GAP) * (len(kept) - 1) > room:
        kept.pop()
    spare = room - len(_GAP) * (len(kept) - 1)
    while sum(kept) > spare and max(kept) > 1:
        widest = max(kept)
        next_widest = max((width for width in kept if width < widest), default=1)
        tied = [i for i, width in enumerate(kept) if width == widest]
        share = max(1, -(-(sum(kept) - spare) // len(tied)))
        for i in tied:
            kept[i] = max(next_widest, widest - share, 1)
    return kept


def _head(heads: list[str], widths: list[int], right: list[bool], onto: Screen) -> list[str]:
    line = _line(heads, widths, right, onto, null=False)
    rule = _GAP.join("─" * width for width in widths)
    if onto.styled:
        return [f"\x1b[1m{line}\x1b[0m", f"\x1b[2m{rule}\x1b[0m"]
    return [line, rule]


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
