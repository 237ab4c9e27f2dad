"""The first screen: facets on the left, the table of the slice in the middle, one image on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Input

from tui.browser.asking import Asking
from tui.browser.do.jobs_line import JobsLine
from tui.browser.doors import Doors
from tui.browser.facet_list import Facets
from tui.browser.filter.bar import FilterBar
from tui.browser.filter.history import History
from tui.browser.news import News
from tui.browser.preview import Preview, bindings
from tui.browser.said import Said
from tui.browser.sections import is_marked, is_plain, toggled
from tui.browser.slice_table import SliceTable
from tui.browser.status import Status
from tui.browser.table import RowTable

if TYPE_CHECKING:
    from catalog.api import Lake


class MainScreen(Doors):
    """A slice of the lake; it is what ``said`` says, in the words of the command line."""

    SCOPED_CSS = False
    CSS = """
    MainScreen Facets { width: 40; }
    MainScreen SliceTable { width: 1fr; }
    MainScreen Preview { width: 38%; padding: 0 1; }
    MainScreen.-narrow Preview { display: none; }
    MainScreen.-alone Facets, MainScreen.-alone SliceTable { display: none; }
    MainScreen.-alone Preview { display: block; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop, go back", show=False, id="main.stop"),
        Binding("tab", "app.focus_next", "next pane", show=False, id="main.next"),
        Binding("slash,f", "filter", "filter", priority=True, key_display="/", id="main.filter"),
        Binding("c", "clear", "all images", show=False, id="main.clear"),
        Binding("r", "again", "read again", show=False, id="main.again"),
        Binding("enter,space", "alone", "image", id="main.alone"),
        Binding("n", "next(1)", "next image", show=False, id="main.next_image"),
        Binding("p", "next(-1)", "previous image", show=False, id="main.previous_image"),
        *bindings("preview"),
    ]

    def __init__(self, asking: Asking, said: Said) -> None:
        super().__init__(asking, said)
        self._news: News | None = None
        self._counts_at_once = False

    def compose(self) -> ComposeResult:
        """The panes."""
        yield FilterBar(self._asking, History())
        with Horizontal():
            yield Facets(self._asking)
            yield SliceTable(self._asking)
            yield Preview(self._asking)
        yield JobsLine()
        yield Status(self._asking)
        yield Footer()

    def on_mount(self) -> None:
        """Wait for the lake."""
        self._news = News(self, self._asking, self.query_one(Status).add)
        self.set_focus(self.query_one(SliceTable))
        self.query_one(Status).say("opening …")
        self.query_one(FilterBar).show(self.said)

    def begin(self, lake: Lake) -> None:
        """Show the slice of a lake that has been opened."""
        self.lake = self.query_one(Preview).lake = self.query_one(FilterBar).lake = lake
        self.query_one(JobsLine).watch_over(lake.layout.root)
        self.show(self.said)

    def show(self, said: Said, *, keep: str | None = None) -> None:
        """Show another slice, from the first row on or with the cursor on the image to ``keep``."""
        if (lake := self.lake) is None:
            return
        self.said = said
        self.query_one(FilterBar).show(said)
        self.query_one(SliceTable).show_slice(lake, said, keep=keep)
        facets = self.query_one(Facets)
        facets.blank()
        self.query_one(Status).say("counting …")
        self._counts_at_once = lake.has_marks and is_marked(said)
        if self._counts_at_once:
            facets.count(lake, said)

    def action_stop(self) -> None:
        """Close the help, or stop whatever is being waited for, or go back to the panes."""
        if self.query("HelpPanel"):
            self.app.action_hide_help_panel()
        elif self._asking.cancel():
            self.query_one(Facets).stopped()
            self.query_one(Status).say("stopped; r reads again")
        elif not self.query_one(Preview).is_whole:
            self.action_preview("whole")
        elif self.has_class("-alone"):
            self.action_alone()

    def action_preview(self, step: str) -> None:
        """Look at the image in another way."""
        self.query_one(Preview).step(step)

    def action_alone(self) -> None:
        """Show the image alone, or all panes again."""
        self.toggle_class("-alone")
        self.set_focus(self.query_one(Preview if self.has_class("-alone") else SliceTable))

    def action_next(self, rows: int) -> None:
        """Go to the next image, or the previous one, whichever pane has the focus."""
        self.query_one(SliceTable).action_move(rows)

    def action_again(self) -> None:
        """Read the slice again, with what has been committed since; the place is kept."""
        self.query_one(Preview).forget()
        self.show(self.said, keep=self.query_one(SliceTable).image_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means an action here: / is a letter in a line, and searches in the facets.

        The key has priority, so that what is typed or pasted right behind it goes into the line.
        """
        if action == "filter":
            return not (isinstance(self.focused, Input) or self.query_one(Facets).has_focus_within)
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Edit the line of flags."""
        self.set_focus(self.query_one(FilterBar).line)

    def action_clear(self) -> None:
        """Go back to all images."""
        self.show({})

    def on_filter_bar_asked(self, event: FilterBar.Asked) -> None:
        """Show the slice that was written."""
        self.show(event.said)

    def on_filter_bar_wrong(self) -> None:
        """Let the line be mended, unless another pane has been gone to."""
        if self.focused is self.query_one(SliceTable):
            self.set_focus(self.query_one(FilterBar).line)

    def on_filter_bar_left(self) -> None:
        """Go back to the rows."""
        self.set_focus(self.query_one(SliceTable))

    def on_facets_chose(self, event: Facets.Chose) -> None:
        """Add a value to the filter, or take it out."""
        self.show(toggled(self.said, event.value))

    def on_slice_table_viewed(self, event: SliceTable.Viewed) -> None:
        """Count, now that the first rows are there: they are what a person waits for."""
        self.renewed()
        lake, said, view = self.lake, event.said, event.view
        if lake is None or said != self.said:
            return
        if is_plain(said):
            self._count(lambda: (lake.snapshot(), lake.slice(**said).count()))
        else:
            self._count(lambda: (view.snapshot, view.count))
        if not self._counts_at_once:
            self.query_one(Facets).count(lake, said, view)

    def on_slice_table_unread(self, event: SliceTable.Unread) -> None:
        """Say that there is nothing to count."""
        if event.said == self.said:
            self.query_one(Facets).stopped()
            self._uncounted(event.trouble)

    def on_row_table_moved(self, event: RowTable.Moved) -> None:
        """Look at the image under the cursor."""
        pages, place = event.table.pages, event.table.cursor
        self.query_one(Preview).look_at(event.image_id, ahead=pages.image_id(place + 1) if pages is not None else None)

    def _count(self, question: Callable[[], tuple[int, int]]) -> None:
        """Ask for the snapshot and the number of images."""
        self._asking.ask(self, "counting", question, lambda found: self._counted(*found), refused=self._uncounted)

    def _counted(self, snapshot: int, count: int) -> None:
        empty = "; triptych ingest FOLDER takes some in" if not count and not self.said else ""
        self.query_one(Status).say(f"{count:,} image{'' if count == 1 else 's'}{empty}")
        if self.lake is not None and self._news is not None:
            self._news.shown(self.lake, self.said, snapshot=snapshot, count=count)

    def _uncounted(self, trouble: str) -> None:
        self.query_one(Status).say("not counted")
        self.notify(trouble, severity="error", markup=False)
