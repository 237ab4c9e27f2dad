"""The ways out of the first screen: every other screen, opened with the slice that is shown."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.browser.asking import Asking
from tui.browser.copying import Copying
from tui.browser.do.jobs_line import JobsLine
from tui.browser.said import Said, command, python, sql
from tui.browser.table import RowTable

if TYPE_CHECKING:
    from catalog.api import Lake
    from tui.browser.do.save import Saved
    from tui.browser.sheet import SheetScreen
    from tui.browser.sql.screen import SqlScreen
    from tui.jobs import Job


class Doors(Screen[None]):
    """A screen that shows a slice, and opens the others; they are imported when they are first needed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sql", "SQL", id="main.sql"),
        Binding("P", "plots", "plots", show=False, id="main.plots"),
        Binding("t", "sheet", "contact sheet", show=False, id="main.sheet"),
        Binding("v", "compare", "compare", show=False, id="main.compare"),
        Binding("w", "save", "save slice", show=False, id="main.save"),
        Binding("x", "export", "export", show=False, id="main.export"),
        Binding("a", "annotate", "annotate", id="main.annotate"),
        Binding("J", "jobs", "jobs", show=False, id="main.jobs"),
        Binding("y", "copy", "copy slice", show=False, id="main.copy"),
    ]

    def __init__(self, asking: Asking, said: Said) -> None:
        super().__init__()
        self._asking, self.said = asking, said
        self.lake: Lake | None = None
        self._sql: SqlScreen | None = None
        self._sheet: SheetScreen | None = None

    @abstractmethod
    def show(self, said: Said, *, keep: str | None = None) -> None:
        """Show another slice, from the first row on or with the cursor on the image to ``keep``."""

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

    def action_plots(self) -> None:
        """Draw the slice."""
        from tui.browser.plots import PlotScreen

        if self.lake is not None:
            self.app.push_screen(PlotScreen(self._asking, self.lake, self.said))

    def action_sheet(self) -> None:
        """Show the rows as small pictures, and come back to the row that is entered."""
        from tui.browser.sheet import SheetScreen

        table = self.query_one(RowTable)
        if self.lake is not None and table.pages is not None:
            self._sheet = SheetScreen(self._asking, self.lake, table.pages, table.cursor)
            self.app.push_screen(self._sheet, self._go_to)

    def action_compare(self) -> None:
        """Compare what two generators say of the image under the cursor."""
        from tui.browser.compare import CompareScreen

        table = self.query_one(RowTable)
        if self.lake is not None and table.image_id is not None:
            self.app.push_screen(CompareScreen(self._asking, self.lake, table.image_id, neighbour=table.step))

    def action_save(self) -> None:
        """Save the slice under a name."""
        from tui.browser.do.save import Save

        if self.lake is not None:
            self.app.push_screen(Save(self._asking, self.lake, self.said), self._saved)

    def action_export(self) -> None:
        """Export the slice."""
        from tui.browser.do.export import Export

        if self.lake is not None:
            self.app.push_screen(Export(self._asking, self.lake, self.said), self._job_begun)

    def action_annotate(self) -> None:
        """Annotate the slice with a generator."""
        from tui.browser.do.generate import Generate

        if self.lake is not None:
            self.app.push_screen(Generate(self._asking, self.lake, self.said), self._job_begun)

    def action_jobs(self) -> None:
        """Show the jobs of this lake."""
        from tui.browser.do.jobs_screen import JobsScreen

        if self.lake is not None:
            self.app.push_screen(JobsScreen(self.lake.layout.root))

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

    def renewed(self) -> None:
        """The table has other rows: show them where they are shown as pictures, too."""
        pages = self.query_one(RowTable).pages
        if self._sheet is not None and pages is not None:
            self._sheet.renew(pages)

    def _go_to(self, row: int | None) -> None:
        self._sheet = None
        if row is not None:
            self.query_one(RowTable).cursor = row

    def _use(self, said: Said | None) -> None:
        if said is not None:
            self.show(said)

    def _saved(self, saved: Saved | None) -> None:
        if saved is not None and self.lake is not None:
            self.notify(saved.told, markup=False)
            if not self.lake.layout.readable_beside_a_writer:  # the rows had to be let go
                self.show(self.said)

    def _job_begun(self, job: Job | None) -> None:
        if job is not None:
            self.query_one(JobsLine).again()
            self.notify(f"{job.what} runs in the background; J shows how far it is", markup=False)
