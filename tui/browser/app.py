"""The browser: facets on the left, the table of the slice in the middle, one image on the right.

Every query and every pixel is read in a thread, which posts what it found; answers that nobody waits for any more are
dropped.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Footer, Static

from catalog.api import Lake
from catalog.errors import TriptychError
from catalog.slices.view import View
from tui.browser.facets import Facets, Value, values_of
from tui.browser.pages import Pages
from tui.browser.preview import Preview, look
from tui.browser.table import SliceTable

COLUMNS = ("modality", "organ", "disease", "roi_count", "source", "width", "height", "file_name", "image_id")
"""Columns of the table; the last one names the image."""
_SETTLED = 0.08
"""Seconds that the cursor rests on a row before its image is read."""

Said = dict[str, Any]


class Browser(App[None]):
    """A lake on the screen; the slice is what ``said`` says, in the words of the command line."""

    TITLE = "Triptych"
    CSS = """
    #said { height: 1; background: $panel; color: $text; padding: 0 1; }
    Facets { width: 40; border: round $border; }
    SliceTable { width: 1fr; border: round $border; }
    Preview { width: 38%; border: round $border; padding: 0 1; }
    Facets:focus, SliceTable:focus, Preview:focus { border: round $border-blurred; }
    .-narrow Preview { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("tab", "app.focus_next", "next pane"),
        Binding("c", "clear", "all images"),
        Binding("y", "copy", "copy as command"),
        Binding("question_mark", "help", "help", key_display="?"),
    ]

    def __init__(self, lake: Lake, said: Said) -> None:
        super().__init__()
        self._lake, self._said = lake, said
        self._view: View | None = None
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """The panes."""
        yield Static(id="said", markup=False)
        with Horizontal():
            yield Facets()
            yield SliceTable()
            yield Preview()
        yield Footer()

    def on_mount(self) -> None:
        """Begin with the slice that was asked for."""
        self.query_one(SliceTable).focus()
        self._look()

    def on_unmount(self) -> None:
        """Let go of the lake."""
        if self._view is not None:
            self._view.close()

    @property
    def command(self) -> str:
        """The slice as flags of the command line."""
        words = [(name, word) for name, said in self._said.items() for word in _words(said)]
        return " ".join(f"--{name.replace('_', '-')} {shlex.quote(word)}" for name, word in words)

    def action_clear(self) -> None:
        """Go back to all images."""
        self._said = {}
        self._look()

    def action_copy(self) -> None:
        """Put the slice on the clipboard, as a command."""
        self.copy_to_clipboard(f"triptych ls {self.command}".strip())
        self.notify("copied: triptych ls with the flags of this slice")

    def action_help(self) -> None:
        """Show or hide the keys."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def on_facets_chose(self, event: Facets.Chose) -> None:
        """Add a value to the filter, or take it out."""
        self._said = toggled(self._said, event.value)
        self._look()

    def on_slice_table_wanted(self, event: SliceTable.Wanted) -> None:
        """Read a page."""
        self._read_page(event.pages, event.page)

    def on_slice_table_moved(self, event: SliceTable.Moved) -> None:
        """Read the image under the cursor once the cursor rests."""
        if self._settling is not None:
            self._settling.stop()
        row = event.row
        if row is not None:
            self._settling = self.set_timer(_SETTLED, lambda: self._read_image(row[-1]))
        else:
            self.query_one(Preview).show(None)

    def _look(self) -> None:
        """Show the slice anew."""
        self._tell(None)
        self._read_slice(dict(self._said))
        self._read_facets(dict(self._said))

    def _tell(self, count: int | None) -> None:
        images = "counting …" if count is None else f"{count:,} image{'' if count == 1 else 's'}"
        self.query_one("#said", Static).update(f"{images}   {self.command or 'all images'}")

    @work(thread=True, exclusive=True, group="slice", exit_on_error=False)
    def _read_slice(self, said: Said) -> None:
        view = self._asked(lambda: self._lake.slice(**said).view())
        if view is None:
            return
        pages = Pages(view, COLUMNS)
        self.call_from_thread(self._took, said, view, pages)
        count = self._asked(pages.wait)
        if count is not None:
            self.call_from_thread(self._counted, view, count)

    def _took(self, said: Said, view: View, pages: Pages) -> None:
        """Show the pages of a view, and close the one before; a view that is no longer wanted is closed itself."""
        if said != self._said:
            view.close()
            return
        if self._view is not None:
            self._view.close()
        self._view = view
        self.query_one(SliceTable).show(pages)

    def _counted(self, view: View, count: int) -> None:
        if view is self._view:
            self._tell(count)
            self.query_one(SliceTable).arrived()

    @work(thread=True, exclusive=True, group="facets", exit_on_error=False)
    def _read_facets(self, said: Said) -> None:
        values = self._asked(lambda: values_of(self._lake, said))
        if values is not None and said == self._said:
            self.call_from_thread(self.query_one(Facets).show, values)

    @work(thread=True, group="pages", exit_on_error=False)
    def _read_page(self, pages: Pages, page: int) -> None:
        self._asked(lambda: pages.read(page))
        self.call_from_thread(self.query_one(SliceTable).arrived)

    @work(thread=True, exclusive=True, group="image", exit_on_error=False)
    def _read_image(self, image_id: str) -> None:
        seen = self._asked(lambda: look(self._lake, image_id))
        if seen is not None:
            self.call_from_thread(self._saw, seen)

    def _saw(self, seen: Any) -> None:
        row = self.query_one(SliceTable).row
        if row is not None and row[-1] == seen.image_id:
            self.query_one(Preview).show(seen)

    def _asked(self, question: Callable[[], Any]) -> Any:
        """An answer of the lake; None, and a line on the screen, when there is none."""
        try:
            return question()
        except TriptychError as error:
            self.call_from_thread(self.notify, str(error), severity="error")
            return None


def toggled(said: Said, value: Value) -> Said:
    """The filter with a value added, or taken out."""
    words = tuple(said.get(value.column, ()))
    changed = tuple(word for word in words if word != value.name) if value.name in words else (*words, value.name)
    rest = {name: word for name, word in said.items() if name != value.column}
    return {**rest, value.column: changed} if changed else rest


def _words(said: Any) -> list[str]:
    return [str(word) for word in said] if isinstance(said, list | tuple) else [str(said)]
