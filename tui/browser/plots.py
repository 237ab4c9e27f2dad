"""Plots of a slice: sizes of its regions, modality by disease, and what it has of every layer."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Static
from textual_plotext import PlotextPlot

from catalog.slices.filter import make
from tui.browser.asking import Asking
from tui.browser.said import Said, flags
from tui.browser.sections import percent
from tui.browser.status import Status
from tui.cells import visible

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.api import Lake

_MODALITIES, _DISEASES = 12, 24
"""Rows and columns of the heat map, at most; what is left out is told."""
_SHADES = " ░▒▓█"


class PlotScreen(Screen[None]):
    """Three plots of one slice."""

    SCOPED_CSS = False
    CSS = """
    PlotScreen Grid { grid-size: 2 2; grid-rows: 1fr 1fr; height: 1fr; }
    PlotScreen .-whole { column-span: 2; }
    PlotScreen.-narrow Grid { grid-size: 1 3; grid-rows: 1fr 1fr 1fr; }
    PlotScreen.-narrow .-whole { column-span: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,P", "app.pop_screen", "back", id="plots.back"),
        Binding("tab", "app.focus_next", "next plot", id="plots.next"),
    ]

    def __init__(self, asking: Asking, lake: Lake, said: Said) -> None:
        super().__init__()
        self._asking, self._lake, self._said = asking, lake, said

    def compose(self) -> ComposeResult:
        """The plots, which fill as they are counted."""
        with Grid():
            yield Bars("Images by area of their ROIs", id="areas")
            yield Bars("Images that have a layer", id="layers")
            with Heat(classes="-whole") as frame:
                frame.border_title = "Modality by disease"
                yield Static("counting …", id="heat", markup=False)
        yield Status(self._asking)
        yield Footer()

    def on_mount(self) -> None:
        """Count."""
        lake, said, filter_ = self._lake, self._said, make(**self._said)
        self.query_one(Status).say(flags(said) or "all images")
        ask = self._asking.ask
        ask(self, "counting pairs", lambda: lake.slice(**said).cross("modality", "diseases"), self._draw_heat)
        ask(self, "counting areas", lambda: lake.marks().facets(filter_, ["roi_area"])["roi_area"], self._draw_areas)
        ask(self, "counting layers", lambda: lake.marks().coverage(filter_), self._draw_layers)

    def _draw_areas(self, counts: pa.Table) -> None:
        rows = counts.to_pylist()
        self.query_one("#areas", Bars).show({percent(str(row["value"])): row["count"] for row in rows})

    def _draw_layers(self, coverage: pa.Table) -> None:
        rows, bars = coverage.to_pylist(), self.query_one("#layers", Bars)
        bars.show({_covered(row): row["has"] for row in rows})
        bars.border_subtitle = f"of {rows[0]['images']:,}"

    def _draw_heat(self, pairs: pa.Table) -> None:
        self.query_one("#heat", Static).update(heat_map(pairs, width=self.size.width - 6))


class Heat(VerticalScroll):
    """The pane of the heat map."""


class Bars(PlotextPlot):
    """Horizontal bars with their names and numbers."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._counts: Mapping[str, int] = {}
        self.border_title = title
        self.border_subtitle = "counting …"

    def show(self, counts: Mapping[str, int]) -> None:
        """Draw other bars, the first one on top."""
        self._counts = counts
        self.border_subtitle = "" if any(counts.values()) else "no images"
        self._draw()

    def on_resize(self) -> None:
        """Give every bar as many lines as the next."""
        self._draw()

    def _draw(self) -> None:
        counts, plot = self._counts, self.plt
        plot.clear_figure()
        if counts and self.size.height:
            lines = max(1, self.size.height // len(counts))
            names = [f"{name} {count:,} " for name, count in counts.items()]
            thick = max(0.01, (lines - 2) / lines)  # a line is left free below each bar
            plot.bar(names[::-1], list(counts.values())[::-1], orientation="horizontal", width=thick)
            top = len(counts) + ceil(max(0, lines - 2) / 2) / lines
            plot.ylim(top - (self.size.height - 1) / lines, top)
            plot.xfrequency(0)
            plot.frame(False)
        self.refresh()


def heat_map(pairs: pa.Table, *, width: int) -> Table | Text:
    """Counts by modality (down) and disease (across), the commonest first; darker means more, and the number says it.

    Args:
        pairs: Columns one, other and count, most first.
        width: Cells there are.
    """
    counts = {(row["one"], row["other"]): int(row["count"]) for row in pairs.to_pylist() if row["other"] is not None}
    if not counts:
        return Text("no image of this slice has a disease")
    rows, columns = (list(dict.fromkeys(pair[place] for pair in counts)) for place in (0, 1))
    most = max(counts.values())
    shown = columns[: min(_DISEASES, max(1, (width - 20) // 14))]
    left = len(columns) - len(shown) + max(0, len(rows) - _MODALITIES)
    table = Table(box=None, padding=(0, 1), caption=f"{left:,} more rows and columns" if left else None)
    table.add_column("")
    for name in shown:
        table.add_column(Text(visible(str(name))), width=12, no_wrap=True, justify="right")
    for name in rows[:_MODALITIES]:
        table.add_row(_name(name), *(_cell(counts.get((name, disease), 0), most) for disease in shown))
    return table


def _name(name: Any) -> Text:
    return Text(visible(str(name or "unknown")), style="bold", no_wrap=True)


def _cell(count: int, most: int) -> Text:
    shade = _SHADES[0 if not count else 1 + min(3, int(4 * (count / most) ** 0.5))]
    return Text(f"{count:,} {shade * 2}" if count else "·   ")


def _covered(row: Mapping[str, Any]) -> str:
    more = ", ".join(f"{row[state]:,} {state}" for state in ("stale", "failed") if row[state])
    return str(row["layer"]).replace("_", " ") + (f" ({more})" if more else "")
