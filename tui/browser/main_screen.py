"""The first screen: facets on the left, the table of the slice in the middle, one image on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from tui.browser.asking import Asking
from tui.browser.columns import DEFAULT, Columns
from tui.browser.facet_list import Facets
from tui.browser.pages import OfView, Pages
from tui.browser.preview import Preview
from tui.browser.said import Said, flags
from tui.browser.sections import OF_IMAGES, OF_REGIONS, counted, toggled
from tui.browser.status import Status
from tui.browser.table import RowTable

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.slices.view import View
    from tui.browser.sql.screen import SqlScreen


class MainScreen(Screen[None]):
    """A slice of the lake; it is what ``said`` says, in the words of the command line."""

    CSS = """
    Facets { width: 40; border: round $border; }
    RowTable { width: 1fr; border: round $border; }
    Preview { width: 38%; border: round $border; padding: 0 1; }
    Facets:focus-within, RowTable:focus, Preview:focus-within { border: round $border-blurred; }
    .-narrow Preview { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop waiting", show=False, id="main.stop"),
        Binding("tab", "app.focus_next", "next pane", id="main.next"),
        Binding("c", "clear", "all images", id="main.clear"),
        Binding("y", "copy", "copy slice", id="main.copy"),
        Binding("o", "order", "sort by column", id="main.order"),
        Binding("minus", "hide", "hide column", show=False, id="main.hide"),
        Binding("C", "columns", "columns", id="main.columns"),
        Binding("s", "sql", "SQL", id="main.sql"),
    ]

    def __init__(self, asking: Asking, said: Said) -> None:
        super().__init__()
        self._asking, self.said = asking, said
        self.lake: Lake | None = None
        self._view: View | None = None
        self._columns: tuple[str, ...] = DEFAULT
        self._order: tuple[str, bool] | None = None
        self._sql: SqlScreen | None = None

    def compose(self) -> ComposeResult:
        """The panes."""
        from textual.widgets import Footer

        yield Status(self._asking)
        with Horizontal():
            yield Facets((*OF_IMAGES, *OF_REGIONS))
            yield RowTable()
            yield Preview(self._asking)
        yield Footer()

    def on_mount(self) -> None:
        """Wait for the lake."""
        self.query_one(RowTable).focus()
        self.query_one(Status).say(f"opening …   {flags(self.said)}")

    def begin(self, lake: Lake) -> None:
        """Show the slice of a lake that has been opened."""
        self.lake = lake
        self.query_one(Preview).lake = lake
        self.show(self.said)

    def on_unmount(self) -> None:
        """Let go of the slice."""
        if self._view is not None:
            self._view.close()

    def show(self, said: Said) -> None:
        """Show another slice."""
        self.said = said
        self._count()
        self._list()
        for names in (OF_IMAGES, OF_REGIONS):
            self._read_sections(names)

    def action_stop(self) -> None:
        """Stop whatever is being waited for."""
        if self._asking.cancel():
            self.notify("stopped; press r to read again")

    def action_clear(self) -> None:
        """Go back to all images."""
        self.show({})

    def action_copy(self) -> None:
        """Put the slice on the clipboard, as a command."""
        self.app.copy_to_clipboard(f"triptych ls {flags(self.said)}".strip())
        self.notify("copied: triptych ls with the flags of this slice")

    def action_order(self) -> None:
        """Sort by the marked column: up, then down, then as it was."""
        column = self.query_one(RowTable).column
        if column is not None:
            steps = {None: (column, False), (column, False): (column, True), (column, True): None}
            self._order = steps.get(self._order, (column, False))
            self._list()

    def action_hide(self) -> None:
        """Hide the marked column."""
        column = self.query_one(RowTable).column
        if column is not None and len(self._columns) > 1:
            self._show_columns(tuple(name for name in self._columns if name != column))

    def action_columns(self) -> None:
        """Choose the columns."""
        if (lake := self.lake) is not None:
            self._asking.ask(self, "reading columns", lambda: _columns_of(lake), self._choose_columns)

    def action_sql(self) -> None:
        """Write SQL; the screen for it is as it was left."""
        from tui.browser.sql.screen import SqlScreen

        if self.lake is None:
            return
        if self._sql is None:
            self._sql = SqlScreen(self._asking, self.lake, self.said)
            self.app.install_screen(self._sql, "sql")
        self._sql.visit(self.lake, self.said)
        self.app.push_screen(self._sql, self._use)

    def _use(self, said: Said | None) -> None:
        if said is not None:
            self.show(said)

    def on_facets_chose(self, event: Facets.Chose) -> None:
        """Add a value to the filter, or take it out."""
        self.show(toggled(self.said, event.value))

    def on_row_table_wanted(self, event: RowTable.Wanted) -> None:
        """Read a page."""
        self._asking.ask(
            event.table,
            f"reading page {event.page + 1:,}",
            lambda: event.pages.read(event.page),
            lambda _: event.table.arrived(),
        )

    def on_row_table_moved(self, event: RowTable.Moved) -> None:
        """Look at the image under the cursor."""
        self.query_one(Preview).look_at(event.image_id)

    def on_row_table_head_clicked(self, _: RowTable.HeadClicked) -> None:
        """Sort by the column that was clicked."""
        self.action_order()

    def _choose_columns(self, known: tuple[str, ...]) -> None:
        self.app.push_screen(Columns(known, self._columns), self._show_columns)

    def _show_columns(self, columns: tuple[str, ...] | None) -> None:
        if columns is not None and columns != self._columns:
            self._columns = columns
            self._list()

    def _count(self) -> None:
        lake, said = self.lake, self.said
        assert lake is not None  # noqa: S101 - nothing is shown before the lake is open
        self._tell("counting …")
        self._asking.ask(self, "counting", lambda: lake.slice(**said).count(), self._counted, refused=self._uncounted)

    def _counted(self, count: int) -> None:
        self._tell(f"{count:,} image{'' if count == 1 else 's'}")

    def _uncounted(self, trouble: str) -> None:
        self._tell("not counted")
        self.notify(trouble, severity="error", markup=False)

    def _tell(self, count: str) -> None:
        self.query_one(Status).say(f"{count}   {flags(self.said) or 'all images'}")

    def _list(self) -> None:
        """Show the rows of the slice from the first on."""
        lake, said = self.lake, self.said
        assert lake is not None  # noqa: S101 - nothing is shown before the lake is open
        self._asking.ask(self, "reading rows", lambda: lake.slice(**said).view(), self._listed, dropped=_close)

    def _listed(self, view: View) -> None:
        if self._view is not None:
            self._view.close()
        self._view = view
        table = self.query_one(RowTable)
        table.show(Pages(OfView(view, self._shown)))
        self._asking.ask(self, "finding all rows", lambda: view.count, lambda _: table.arrived())

    @property
    def _shown(self) -> tuple[str, ...]:
        return self._columns if "image_id" in self._columns else (*self._columns, "image_id")

    def _read_sections(self, names: tuple[str, ...]) -> None:
        lake, said = self.lake, self.said
        assert lake is not None  # noqa: S101 - nothing is shown before the lake is open
        facets = self.query_one(Facets)
        facets.outdate(names)
        what = "counting by regions" if names is OF_REGIONS else "counting by values"
        self._asking.ask(
            self,
            what,
            lambda: counted(lake, said, names),
            facets.show,
            refused=lambda trouble: facets.refuse(names, trouble),
        )


def _columns_of(lake: Lake) -> tuple[str, ...]:
    return tuple(lake.slice().page(limit=0).column_names)


def _close(view: View) -> None:
    view.close()
