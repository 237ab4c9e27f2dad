"""The screen for SQL: what is asked above, what is answered below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, Static

from catalog.errors import QueryError, TriptychError
from catalog.lake import guard
from tui.browser.asking import Asking
from tui.browser.pages import PAGE, Pages
from tui.browser.preview import Preview
from tui.browser.said import Said, sql
from tui.browser.sql.dropdown import Dropdown
from tui.browser.sql.editor import Editor
from tui.browser.sql.export import Export
from tui.browser.sql.past import Past, begin
from tui.browser.sql.recipes import Recipes
from tui.browser.sql.result import Growing, Nothing, Result
from tui.browser.sql.save_as import SaveAs
from tui.browser.status import Status
from tui.browser.table import RowTable
from tui.cells import visible
from tui.completion import Vocabulary
from tui.diagnostics import one_line, without_settings
from tui.session import counted

if TYPE_CHECKING:
    from catalog.api import Lake

_EVERY = 0.1
"""Seconds between two looks at a query that runs."""


class SqlScreen(Screen[Said | None]):
    """SQL over a lake; left with a slice, or with None. It may be called again, and is as it was left."""

    CSS = """
    SqlScreen Editor { height: 40%; min-height: 5; }
    SqlScreen #trouble { display: none; height: auto; max-height: 4; padding: 0 1; }
    SqlScreen #trouble { color: $foreground; background: $surface; text-style: bold; }
    SqlScreen #told { height: 1; padding: 0 1; color: $foreground; background: $panel; }
    SqlScreen RowTable { width: 1fr; }
    SqlScreen Preview { display: none; width: 38%; padding: 0 1; }
    SqlScreen.-images.-wide Preview { display: block; }
    SqlScreen.-images.-peek.-narrow Preview { display: block; width: 100%; }
    SqlScreen.-images.-peek.-narrow RowTable { display: none; }
    SqlScreen.-images.-peek.-wide Preview { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+j", "run", "run", priority=True, key_display="f5", id="sql.run"),
        Binding("escape", "back", "stop/back", id="sql.back"),
        Binding("f2", "recipes", "recipes", id="sql.recipes"),
        Binding("f3", "slice", "slice as SQL", id="sql.slice"),
        Binding("f4", "use", "use as slice", id="sql.use"),
        Binding("f6", "export", "export", priority=True, id="sql.export"),
        Binding("ctrl+up,alt+up", "past(1)", "query before", show=False, priority=True, id="sql.past"),
        Binding("ctrl+down,alt+down", "past(-1)", "query after", show=False, priority=True, id="sql.future"),
        Binding("tab", "app.focus_next", "next pane", show=False, id="sql.next"),
        Binding("space", "peek", "image", id="sql.peek"),
        Binding("y", "copy", "copy query", id="sql.copy"),
    ]

    def __init__(self, asking: Asking, lake: Lake, said: Said) -> None:
        super().__init__()
        self._asking, self._lake, self._said = asking, lake, said
        self.result: Result | None = None
        """The rows of the query that was run last."""
        self._export: Export | None = None
        self._shown = False
        self._past: Past | None = None

    def visit(self, lake: Lake, said: Said) -> None:
        """Be told, before it is called again, the lake and the slice that it is called from."""
        self._lake, self._said = lake, said
        for preview in self.query(Preview):
            preview.lake = lake

    def compose(self) -> ComposeResult:
        """The editor above, the rows below."""
        yield Status(self._asking)
        yield Editor()
        yield Static(markup=False, id="trouble")
        yield Static("f5 runs the query, tab goes to its rows", markup=False, id="told")
        with Horizontal():
            yield RowTable()
            yield Preview(self._asking)
        yield Dropdown()
        yield Footer()

    def on_mount(self) -> None:
        """Say where it is; typing can begin."""
        self.query_one(Status).say(f"SQL   {visible(str(self._lake.layout.root))}, read-only")
        self.query_one(Preview).lake = self._lake
        self.set_focus(self.query_one(Editor))
        self._watching = self.set_interval(_EVERY, self._watch, pause=True)

    def on_screen_resume(self) -> None:
        """Learn the words that complete, unless they are known from a visit before."""
        if self._past is None:
            self._asking.ask(self, "reading words", lambda: begin(self._lake), self._known)

    def on_unmount(self) -> None:
        """Give the disk back."""
        if self.result is not None:
            self.result.close()

    def action_run(self) -> None:
        """Run the query."""
        if self.result is not None:
            self.result.stop(self._lake)
            self.result.close()
        result, past = Result(self.query_one(Editor).text), self._past
        self.result, self._shown = result, False
        self._complain(None)
        self.query_one(Dropdown).close()
        self.query_one(RowTable).show(Pages(Nothing()))
        self.remove_class("-images", "-peek")

        def work() -> None:
            if past is not None:
                past.remember(result.text)
            result.fill(self._lake)

        self._asking.ask(self, "running", work, lambda _: self._watch())
        self._watching.resume()

    def action_back(self) -> None:
        """Stop what is being waited for; if nothing is, go back."""
        if self._export is not None:
            self._export.stop(self._lake)
        elif self.result is not None and self.result.state == "running":
            self.result.stop(self._lake)
        else:
            self.dismiss(None)

    def action_recipes(self) -> None:
        """Choose a recipe."""
        self.app.push_screen(Recipes(), self._write)

    def action_slice(self) -> None:
        """Write the SQL of the slice that the screen was called from."""
        self._asking.ask(self, "writing the slice", lambda: sql(self._lake, self._said), self._write)

    def action_use(self) -> None:
        """Go back with the images of the result as a slice."""
        result = self.result
        if result is None or result.question is None or not result.has_images or not result.question.is_select:
            self.notify("a slice needs rows with image_id; run a SELECT of it first", severity="warning")
            return
        lake, sql = self._lake, result.question.sql

        def checked() -> Said:
            where = f"image_id IN (SELECT image_id FROM ({guard.on_one_line(lake.reader(), sql)}))"
            lake.slice(where=where).to_duckdb()  # binds, and reads nothing
            return {"where": (where,)}

        self._asking.ask(self, "checking the slice", checked, self._leave)

    def action_export(self) -> None:
        """Ask for a file and write the rows to it."""
        if self.result is None or self.result.state == "failed":
            self.notify("there are no rows to write; run a query first", severity="warning")
        elif self.result.state == "running" or self._export is not None:
            self.notify("rows are still coming or being written; wait, or stop it with esc", severity="warning")
        else:
            self.app.push_screen(SaveAs(), self._write_rows)

    def action_past(self, steps: int) -> None:
        """Write a query that was run before, or after, the one that is shown."""
        editor = self.query_one(Editor)
        text = self._past.step(steps, editor.text) if self._past is not None else None
        if text is not None:
            editor.put(text)

    def action_peek(self) -> None:
        """Show or hide the image; on a narrow screen it takes the place of the rows."""
        table, preview = self.query_one(RowTable), self.query_one(Preview)
        self.toggle_class("-peek")
        self.call_after_refresh(lambda: self.set_focus(table if table.display else preview))

    def action_copy(self) -> None:
        """Put the query on the clipboard."""
        self.app.copy_to_clipboard(self.query_one(Editor).text)
        self.notify("copied: the query")

    def on_editor_edited(self) -> None:
        """Take back what was said of another text."""
        self._complain(None)

    def on_option_list_option_selected(self) -> None:
        """Write the word that was clicked in the dropdown."""
        self.query_one(Editor).accept()

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

    def _leave(self, said: Said) -> None:
        if self.result is not None:
            self.result.stop(self._lake)
        self.dismiss(said)

    def _known(self, known: tuple[Vocabulary, Past]) -> None:
        self.query_one(Editor).vocabulary, self._past = known

    def _write(self, text: str | None) -> None:
        if text is not None:
            self.query_one(Editor).put(text)
            self.set_focus(self.query_one(Editor))

    def _watch(self) -> None:
        """Say how far the query is; once it is done, say what came of it."""
        result, table = self.result, self.query_one(RowTable)
        if result is None:
            return
        if result.state == "running":
            if result.stopping:
                result.stop(self._lake)
        elif self._export is None:
            self._watching.pause()
        if self._shown:
            table.arrived()
        elif result.state != "running" or result.rows >= PAGE:
            self._shown = True
            self.set_class(result.has_images, "-images")
            table.show(Growing(result))
        if result.error is not None and result.state == "failed":
            self._complain(result.error)
        self._tell()

    def _tell(self) -> None:
        if self._export is not None:
            said = f"writing '{visible(str(self._export.path))}': {self._export.rows:,} rows so far …"
        else:
            said = self.result.told() if self.result is not None else ""
        self.query_one("#told", Static).update(said)

    def _complain(self, error: TriptychError | None) -> None:
        """Say what is wrong, and mark the line if it is known and still there; or say nothing."""
        trouble, editor = self.query_one("#trouble", Static), self.query_one(Editor)
        trouble.display = error is not None
        if error is None:
            return
        line, column = (error.line, error.column) if isinstance(error, QueryError) else (None, None)
        if line is not None and self.result is not None and self.result.is_about(editor.text):
            editor.mark(line, column)
        place = "" if line is None else f"line {line}: "
        trouble.update(f"✗ {place}{one_line(without_settings(str(error)))}")

    def _write_rows(self, path: Path | None) -> None:
        result = self.result
        if path is None or result is None:
            return
        export = self._export = Export(result, path)
        self._watching.resume()
        self._asking.ask(self, "exporting", lambda: export.write(self._lake), self._written, refused=self._unwritten)

    def _written(self, path: Path) -> None:
        export, self._export = self._export, None
        rows = counted(export.rows if export is not None else 0, "row")
        self.notify(f"wrote {rows} to {visible(str(path))}", markup=False)
        self._watch()

    def _unwritten(self, trouble: str) -> None:
        self._export = None
        self.notify(trouble, severity="error", markup=False)
        self._watch()
