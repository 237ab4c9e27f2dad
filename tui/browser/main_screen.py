"""The first screen: facets on the left, the table of the slice in the middle, one image on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from tui.browser.asking import Asking
from tui.browser.compare import CompareScreen
from tui.browser.copying import Copying
from tui.browser.facet_list import Facets
from tui.browser.filter.bar import FilterBar
from tui.browser.filter.history import of_person
from tui.browser.news import News
from tui.browser.plots import PlotScreen
from tui.browser.preview import Preview, bindings
from tui.browser.said import Said, command, python, sql
from tui.browser.sections import toggled
from tui.browser.sheet import SheetScreen
from tui.browser.slice_table import SliceTable
from tui.browser.status import Status
from tui.browser.table import RowTable

if TYPE_CHECKING:
    from catalog.api import Lake


class MainScreen(Screen[None]):
    """A slice of the lake; it is what ``said`` says, in the words of the command line."""

    CSS = """
    Facets { width: 40; border: round $border; }
    SliceTable { width: 1fr; border: round $border; }
    Preview { width: 38%; border: round $border; padding: 0 1; }
    Facets:focus-within, SliceTable:focus, Preview:focus-within { border: round $border-blurred; }
    .-narrow Preview { display: none; }
    MainScreen.-alone Facets, MainScreen.-alone SliceTable { display: none; }
    MainScreen.-alone Preview { display: block; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop, go back", show=False, id="main.stop"),
        Binding("tab", "app.focus_next", "next pane", id="main.next"),
        Binding("slash,f", "filter", "filter", key_display="/", id="main.filter"),
        Binding("c", "clear", "all images", id="main.clear"),
        Binding("y", "copy", "copy slice", id="main.copy"),
        Binding("P", "plots", "plots", id="main.plots"),
        Binding("r", "again", "read again", show=False, id="main.again"),
        Binding("enter,space", "alone", "image alone", id="main.alone"),
        Binding("n", "next(1)", "next image", show=False, id="main.next_image"),
        Binding("p", "next(-1)", "previous image", show=False, id="main.previous_image"),
        Binding("v", "compare", "compare two makers", show=False, id="main.compare"),
        Binding("t", "sheet", "contact sheet", id="main.sheet"),
        *bindings("preview"),
    ]

    def __init__(self, asking: Asking, said: Said) -> None:
        super().__init__()
        self._asking, self.said = asking, said
        self.lake: Lake | None = None
        self._news: News | None = None

    def compose(self) -> ComposeResult:
        """The panes."""
        yield FilterBar(self._asking, of_person())
        with Horizontal():
            yield Facets(self._asking)
            yield SliceTable(self._asking)
            yield Preview(self._asking)
        yield Status(self._asking)
        yield Footer()

    def on_mount(self) -> None:
        """Wait for the lake."""
        self._news = News(self, self._asking, self.query_one(Status).add)
        self.query_one(SliceTable).focus()
        self.query_one(Status).say("opening …")
        self.query_one(FilterBar).show(self.said)

    def begin(self, lake: Lake) -> None:
        """Show the slice of a lake that has been opened."""
        self.lake = self.query_one(Preview).lake = self.query_one(FilterBar).lake = lake
        self.show(self.said)

    def show(self, said: Said, *, keep: str | None = None) -> None:
        """Show another slice, from the first row on or with the cursor on the image to ``keep``."""
        if (lake := self.lake) is None:
            return
        self.said = said
        self.query_one(FilterBar).show(said)
        self.query_one(SliceTable).show_slice(lake, said, keep=keep)
        self.query_one(Facets).count(lake, said)
        self.query_one(Status).say("counting …")
        self._asking.ask(
            self,
            "counting",
            lambda: (lake.snapshot(), lake.slice(**said).count()),
            lambda found: self._counted(*found),
            refused=self._uncounted,
        )

    def action_stop(self) -> None:
        """Stop whatever is being waited for; else go back to the panes."""
        if self._asking.cancel():
            self.query_one(Facets).stopped()
            self.query_one(Status).say("stopped; r reads again")
        elif not self.query_one(Preview).is_whole:
            self.action_preview("whole")
        elif self.has_class("-alone"):
            self.action_alone()

    def action_preview(self, step: str) -> None:
        """Look at the image in another way."""
        self.query_one(Preview).step(step)

    def action_compare(self) -> None:
        """Show the image with the regions or texts of two makers."""
        table, lake = self.query_one(SliceTable), self.lake
        if lake is not None and table.image_id is not None:
            self.app.push_screen(CompareScreen(self._asking, lake, table.image_id, neighbour=self._moved_by))

    def action_sheet(self) -> None:
        """Show the rows as small pictures, and come back to the row that is entered."""
        table, lake = self.query_one(SliceTable), self.lake
        if lake is not None and table.pages is not None:
            self.app.push_screen(SheetScreen(self._asking, lake, table.pages, table.cursor), self._go_to)

    def _go_to(self, row: int | None) -> None:
        if row is not None:
            self.query_one(SliceTable).cursor = row

    def action_alone(self) -> None:
        """Show the image alone, or all panes again."""
        self.toggle_class("-alone")
        self.query_one(Preview if self.has_class("-alone") else SliceTable).focus()

    def action_next(self, rows: int) -> None:
        """Go to the next image, or the previous one, whichever pane has the focus."""
        self.query_one(SliceTable).action_move(rows)

    def action_again(self) -> None:
        """Read the slice again, with what has been committed since; the place is kept."""
        self.query_one(Preview).forget()
        self.show(self.said, keep=self.query_one(SliceTable).image_id)

    def action_filter(self) -> None:
        """Edit the line of flags."""
        self.query_one(FilterBar).line.focus()

    def action_clear(self) -> None:
        """Go back to all images."""
        self.show({})

    def action_plots(self) -> None:
        """Draw the slice."""
        if self.lake is not None:
            self.app.push_screen(PlotScreen(self._asking, self.lake, self.said))

    def action_copy(self) -> None:
        """Copy the slice as a command, as SQL or as Python."""
        lake, said = self.lake, self.said
        if lake is not None:
            self._asking.ask(
                self,
                "writing the slice",
                lambda: (command(lake, said), sql(lake, said), python(lake, said)),
                lambda texts: self.app.push_screen(Copying(texts)),
            )

    def on_filter_bar_asked(self, event: FilterBar.Asked) -> None:
        """Show the slice that was written."""
        self.query_one(SliceTable).focus()
        self.show(event.said)

    def on_filter_bar_left(self) -> None:
        """Go back to the rows."""
        self.query_one(SliceTable).focus()

    def on_facets_chose(self, event: Facets.Chose) -> None:
        """Add a value to the filter, or take it out."""
        self.show(toggled(self.said, event.value))

    def on_row_table_moved(self, event: RowTable.Moved) -> None:
        """Look at the image under the cursor."""
        pages, place = event.table.pages, event.table.cursor
        self.query_one(Preview).look_at(event.image_id, ahead=pages.image_id(place + 1) if pages is not None else None)

    def _moved_by(self, rows: int) -> str | None:
        """The image so many rows away, with the cursor moved to it; None beyond the ends."""
        table = self.query_one(SliceTable)
        before = table.cursor
        table.action_move(rows)
        return table.image_id if table.cursor != before else None

    def _counted(self, snapshot: int, count: int) -> None:
        self.query_one(Status).say(f"{count:,} image{'' if count == 1 else 's'}")
        if self.lake is not None and self._news is not None:
            self._news.shown(self.lake, self.said, snapshot=snapshot, count=count)

    def _uncounted(self, trouble: str) -> None:
        self.query_one(Status).say("not counted")
        self.notify(trouble, severity="error", markup=False)
