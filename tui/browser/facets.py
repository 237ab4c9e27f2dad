"""What a slice can be cut by: the values of some columns with their counts; choosing one adds it to the filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from catalog.api import Lake

COLUMNS = ("modality", "region", "organ", "disease", "source")
MOST = 12
"""Values of a column that are listed; those that are chosen always are."""
_WIDE, _BAR = 14, 6

Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a column, and the images that have it beside all other flags of the slice."""

    column: str
    name: str
    count: int
    share: float
    """Of the largest count of the column."""
    chosen: bool


def values_of(lake: Lake, said: Chosen) -> list[Value]:
    """The values of every column; a column's own flag does not narrow its counts, so that others can be added.

    Raises:
        TriptychError: The slice cannot be meant, or the lake cannot be read.
    """
    free = [column for column in COLUMNS if column not in said]
    tables = lake.slice(**said).facets(*free) if free else {}
    for column in COLUMNS:
        if column in said:
            others = {name: words for name, words in said.items() if name != column}
            tables |= lake.slice(**others).facets(column)
    return [value for column in COLUMNS for value in _listed(column, tables[column].to_pylist(), said)]


def _listed(column: str, rows: list[dict[str, object]], said: Chosen) -> list[Value]:
    counts = {str(row["value"]): int(str(row["count"])) for row in rows if row["value"] is not None}
    chosen = said.get(column, ())
    names = list(dict.fromkeys([*list(counts)[:MOST], *chosen]))
    most = max(counts.values(), default=1)
    return [Value(column, name, counts.get(name, 0), counts.get(name, 0) / most, name in chosen) for name in names]


class Facets(OptionList):
    """The values, under the names of their columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "choose", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]

    class Chose(Message):
        """A value was chosen, or is no longer."""

        def __init__(self, value: Value) -> None:
            super().__init__()
            self.value = value

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, Value] = {}

    def show(self, values: list[Value]) -> None:
        """Show other values; the cursor stays where it is."""
        place = self.highlighted
        self._values = {f"{value.column}={value.name}": value for value in values}
        self.clear_options()
        column = ""
        for key, value in self._values.items():
            if value.column != column:
                column = value.column
                self.add_option(Option(Text(column.upper(), style="bold"), disabled=True))
            self.add_option(Option(_prompt(value), id=key))
        self.highlighted = min(place, self.option_count - 1) if place is not None and self.option_count else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on what was chosen."""
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chose(self._values[event.option_id]))


def _prompt(value: Value) -> Text:
    mark = "[x]" if value.chosen else "[ ]"
    name = value.name if len(value.name) <= _WIDE else f"{value.name[: _WIDE - 1]}…"
    bar = "▇" * round(_BAR * value.share) or ("▏" if value.count else "")
    return Text(f"{mark} {name:<{_WIDE}} {value.count:>10,} {bar}", no_wrap=True)
