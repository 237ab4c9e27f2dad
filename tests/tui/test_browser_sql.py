"""SQL in the browser, driven by its keys: written, run, stopped, exported, and made a slice."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import catalog
from catalog.errors import QueryError
from catalog.lake import guard
from tests.tui.journeys import SMALL, WIDE, line, settled, until

pytest.importorskip("textual")

from textual.app import App
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input, OptionList, Static

from tui.browser.app import Browser
from tui.browser.asking import Asking
from tui.browser.main_screen import MainScreen
from tui.browser.pages import KEPT
from tui.browser.preview import Preview
from tui.browser.said import Said
from tui.browser.sql.colours import ENOUGH, contrast, theme
from tui.browser.sql.dropdown import Dropdown
from tui.browser.sql.editor import Editor
from tui.browser.sql.export import Export
from tui.browser.sql.recipes import Recipes
from tui.browser.sql.result import Result
from tui.browser.sql.save_as import SaveAs
from tui.browser.sql.screen import SqlScreen
from tui.browser.table import RowTable
from tui.history import history

# textual-image asks Pillow in a way that Pillow will drop
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range % 7 = 3"
Journey = Callable[[App[Any], Pilot[Any]], Awaitable[None]]


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what a person, or another test, has asked."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


class Desk(App[None]):
    """The SQL screen of a lake, without the others."""

    HORIZONTAL_BREAKPOINTS = Browser.HORIZONTAL_BREAKPOINTS

    def __init__(self, lake: catalog.Lake, said: Said) -> None:
        super().__init__()
        self.lake, self.said = lake, said
        self.asking = Asking(self, lambda: self.lake)

    def on_mount(self) -> None:
        self.push_screen(SqlScreen(self.asking, self.lake, self.said))


def written(root: Path, journey: Journey, *, size: tuple[int, int] = WIDE, **said: Any) -> None:
    """Go on a journey on the SQL screen of a lake."""

    async def go() -> None:
        with catalog.open(root) as lake:
            app = Desk(lake, said)
            async with app.run_test(size=size) as pilot:
                await settled(app, pilot)
                await journey(app, pilot)

    asyncio.run(go())


def screen(app: App[Any]) -> SqlScreen:
    assert isinstance(app.screen, SqlScreen)
    return app.screen


def editor(app: App[Any]) -> Editor:
    return app.screen.query_one(Editor)


def told(app: App[Any], name: str = "#told") -> str:
    widget = app.screen.query_one(name, Static)
    return str(widget.content) if widget.display else ""


async def run(app: App[Any], pilot: Pilot[Any], query: str, key: str = "f5") -> None:
    editor(app).put(query)
    await pilot.press(key)
    await settled(app, pilot)


@pytest.mark.parametrize("key", ["f5", "ctrl+j"])
def test_a_query_of_several_lines_is_run_and_its_rows_are_counted(head_lake: Path, key: str) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT image_id, width -- how wide\nFROM images\nORDER BY image_id;", key)
        assert told(app).startswith("5 rows   ")
        table = app.screen.query_one(RowTable)
        assert (table.count, table.row) == (5, ("ct0", "64"))
        await pilot.press("tab", "G")
        await settled(app, pilot)
        assert table.row == ("xray", "200")
        assert "xray" in str(app.screen.query_one("#words", Static).content)  # the image of the row is looked at

    written(head_lake, journey)


def test_an_error_is_marked_at_its_word_until_the_text_changes(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT image_id\nFROM images\nWHERE modalty = 'CT'")
        assert editor(app).marked == (3, "modalty")
        assert told(app, "#trouble").startswith('✗ line 3: Binder Error: Referenced column "modalty" not found')
        lines = [editor(app).render_line(y).text for y in range(3)]
        assert [line[:3] for line in lines] == ["1  ", "2  ", "3✗ "]
        await pilot.press("x")
        await settled(app, pilot)
        assert (editor(app).marked, told(app, "#trouble")) == (None, "")

    written(head_lake, journey)


def test_an_error_that_comes_with_the_rows_is_marked_too(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT\n  cast(if(range < 90000, '1', 'x') AS INT) AS n\nFROM range(100000)")
        assert editor(app).marked == (2, "cast")
        assert "Could not convert string 'x'" in told(app, "#trouble")
        assert told(app).startswith("failed ")

    written(head_lake, journey)


def test_what_cannot_be_run_is_told_and_nothing_is_shown(head_lake: Path) -> None:
    troubles = {
        "": "✗ the query is empty; write a SELECT",
        "DROP TABLE images": "✗ DROP is not allowed: SQL here only reads; write a SELECT",
        "SELECT 1; SELECT 2": "✗ 2 statements given; run one at a time",
        "SELECT $n": "✗ the query names $n; write the value itself in its place",
        "@tiny": "✗ no recipe '@tiny'",
        "FROM read_text('/etc/passwd')": "✗ line 1: Permission Error",
        "SELECT '[bold]'::INT": "✗ line 1: Conversion Error: Could not convert string '[bold]' to INT32",
    }

    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        for text, trouble in troubles.items():
            await run(app, pilot, text)
            assert told(app, "#trouble").startswith(trouble)
            assert app.screen.query_one(RowTable).count == 0

    written(head_lake, journey)


def test_a_long_query_is_stopped_by_escape_and_the_next_one_runs(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        editor(app).put(ENDLESS)
        await pilot.press("f5")
        await pilot.pause(0.5)
        assert told(app).startswith("running … ")
        await pilot.press("escape")
        await until(pilot, lambda: told(app).startswith("stopped at 0 rows"))
        await run(app, pilot, "SELECT 42 AS answer")
        assert app.screen.query_one(RowTable).row == ("42",)

    written(head_lake, journey)


def test_leaving_the_browser_stops_the_query(head_lake: Path) -> None:
    async def go() -> Result | None:
        app = Browser(lambda: catalog.open(head_lake), {})
        async with app.run_test(size=SMALL) as pilot:
            await settled(app, pilot)
            await pilot.press("s")
            await settled(app, pilot)
            editor(app).put(ENDLESS)
            await pilot.press("f5")
            await until(pilot, lambda: told(app).startswith("running"))
            return screen(app).result

    result = asyncio.run(go())
    assert result is not None
    for _ in range(100):
        if result.state != "running":
            break
        time.sleep(0.05)
    assert result.state in ("failed", "stopped")


def test_a_query_outdates_the_one_that_is_running(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        editor(app).put(ENDLESS)
        await pilot.press("f5")
        await pilot.pause(0.3)
        endless = screen(app).result
        await run(app, pilot, "SELECT 42 AS answer")
        assert app.screen.query_one(RowTable).row == ("42",)
        assert endless is not None
        assert endless.state == "stopped"

    written(head_lake, journey)


def test_rows_are_shown_while_more_come_and_the_last_of_a_million_is_a_key_away(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        held = pa.total_allocated_bytes()
        editor(app).put("SELECT range AS n, repeat('x', 50) AS x FROM range(1000000)")
        await pilot.press("f5")
        table = app.screen.query_one(RowTable)
        await until(pilot, lambda: table.count > 0)
        assert "so far" in told(app) or told(app).startswith("1,000,000 rows")
        await settled(app, pilot)
        assert told(app).startswith("1,000,000 rows   ")
        await pilot.press("tab", "G")
        await settled(app, pilot)
        assert table.row == ("999999", "x" * 50)
        assert table.pages is not None
        for page in range(0, 2000, 20):
            table.pages.read(page)
        assert len(table.pages._kept) == KEPT
        assert pa.total_allocated_bytes() - held < 20_000_000  # of some 60 MB

    written(head_lake, journey)


def test_rows_are_kept_on_disk_and_a_result_beyond_its_limit_is_cut_and_says_so(head_lake: Path) -> None:
    with catalog.open(head_lake) as lake:
        result = Result("SELECT range AS n, md5(range::VARCHAR) AS x FROM range(1000000)", most=3_000_000)
        result.fill(lake)
        assert (result.state, result.count) == ("cut", result.rows)
        assert 0 < result.rows < 200_000
        assert " rows of more: " in result.told()
        last = result.read(result.rows - 1, 256)
        assert last.column("n").to_pylist() == [result.rows - 1]
        result.close()
        assert result.read(0, 10).num_rows == 0


def test_words_complete_at_the_cursor(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        dropdown = app.screen.query_one(Dropdown)
        await pilot.press(*"SELECT ", *"modal")
        assert [word.text for word in dropdown.words][:2] == ["modality", "modality_text"]
        await pilot.press("tab")
        assert (editor(app).text, dropdown.is_open) == ("SELECT modality", False)
        await pilot.press(*" FROM images.heig")
        assert [(word.text, word.kind) for word in dropdown.words] == [("height", "column")]
        await pilot.press("escape")
        assert not dropdown.is_open
        assert isinstance(app.screen, SqlScreen)
        await pilot.press("x", "backspace", "down", "up", "tab")
        assert editor(app).text == "SELECT modality FROM images.height"
        await pilot.press(*" ord")
        await pilot.click(Dropdown, offset=(3, 0))
        assert editor(app).text == "SELECT modality FROM images.height ORDER"
        assert editor(app).has_focus

    written(head_lake, journey)


def test_a_long_text_has_no_colours_so_that_typing_waits_for_nothing(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        editor(app).put("SELECT 1")
        assert editor(app).language == "sql"
        editor(app).move_cursor((0, 3))
        editor(app).insert("-- much\n" * 1000)
        assert (editor(app).language, editor(app).cursor_location) == (None, (1000, 0))
        editor(app).put("SELECT 1")
        assert editor(app).language == "sql"
        await pilot.press("ctrl+z", "ctrl+z")  # textual alone fails here: the cursor's line is gone
        assert editor(app).text == "SELECT 1"
        await pilot.press("ctrl+y")
        assert editor(app).document.line_count == 1001

    written(head_lake, journey)


def test_recipes_and_their_parameters_complete_and_run(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await pilot.press(*"@larg", "tab", *" mo", "tab", *"MRI f", "tab", "3")
        assert editor(app).text == "@largest_lesions modality=MRI few=3"
        await pilot.press("f5")
        await settled(app, pilot)
        assert told(app).startswith("1 row   ")

    written(head_lake, journey)


def test_a_recipe_is_chosen_from_a_list_by_name_or_as_sql(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        for key, begin in (("enter", "@largest_lesions few=20"), ("s", "SELECT\n    image_id,")):
            await pilot.press("f2")
            names = [recipe.file.name for recipe in app.screen._known] if isinstance(app.screen, Recipes) else []
            app.screen.query_one(OptionList).highlighted = names.index("largest_lesions")
            await pilot.pause()
            assert "The lesions that cover most of their image" in told(app, "#said")
            await pilot.press(key)
            await pilot.pause()
            assert editor(app).text.startswith(begin)
        assert "NULL::VARCHAR IS NULL" in editor(app).text
        await pilot.press("f5")
        await settled(app, pilot)
        assert told(app).startswith("5 rows   ")

    written(head_lake, journey)


def test_a_result_becomes_a_slice_with_its_lines_comments_and_values(head_lake: Path) -> None:
    async def go() -> None:
        app = Browser(lambda: catalog.open(head_lake), {})
        async with app.run_test(size=WIDE) as pilot:
            await settled(app, pilot)
            await pilot.press("s")
            await settled(app, pilot)
            await journey(app, pilot)

    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT image_id -- which\nFROM images\nWHERE modality = 'CT' -- all; of them\n;; -- end")
        await pilot.press("f4")
        await settled(app, pilot)
        assert isinstance(app.screen, MainScreen)
        assert line(app).startswith("3 images   --where 'image_id IN (SELECT")
        await pilot.press("s")
        await settled(app, pilot)
        assert editor(app).text.startswith("SELECT image_id -- which")  # as it was left
        assert told(app).startswith("3 rows")
        await run(app, pilot, "@largest_lesions modality=MRI")
        await pilot.press("f4")
        await settled(app, pilot)
        assert isinstance(app.screen, MainScreen)
        assert line(app).startswith("1 image ")

    asyncio.run(go())


def test_rows_that_are_no_images_become_no_slice(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        for query in ("SELECT 1 AS n", "EXPLAIN SELECT image_id FROM images"):
            await run(app, pilot, query)
            assert not app.screen.query_one(Preview).display
            await pilot.press("f4")
            await settled(app, pilot)
            assert isinstance(app.screen, SqlScreen)

    written(head_lake, journey)


def test_the_slice_is_written_as_sql_that_runs(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await pilot.press("f3")
        await settled(app, pilot)
        assert "modality IN ('CT')" in editor(app).text
        await pilot.press("f5")
        await settled(app, pilot)
        assert told(app).startswith("3 rows")

    written(head_lake, journey, modality=("CT",))


def test_rows_are_exported_whole_and_nothing_is_replaced_unasked(head_lake: Path, tmp_path: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT range AS n FROM range(30000) ORDER BY n")
        for suffix in ("csv", "jsonl", "parquet"):
            path = tmp_path / f"rows.{suffix}"
            await pilot.press("f6")
            await pilot.pause()
            app.screen.query_one(Input).value = str(path)
            path.write_text("mine")
            await pilot.press("enter")
            assert isinstance(app.screen, SaveAs)
            assert "exists; enter again replaces it" in told(app, "#trouble")
            assert path.read_text() == "mine"
            await pilot.press("enter")
            await settled(app, pilot)
            assert isinstance(app.screen, SqlScreen)
            assert duckdb.sql(f"FROM '{path}'").fetchnumpy()["n"].tolist() == list(range(30000))

    written(head_lake, journey)


def test_a_result_that_was_cut_is_exported_whole(head_lake: Path, tmp_path: Path) -> None:
    with catalog.open(head_lake) as lake, closing(Result("SELECT range AS n FROM range(100000)", most=0)) as result:
        result.fill(lake)
        assert (result.state, result.rows) == ("cut", 10_000)
        export = Export(result, tmp_path / "rows.parquet")
        export.write(lake)
        assert export.rows == 100_000
        assert pq.read_metadata(tmp_path / "rows.parquet").num_rows == 100_000


def test_an_export_that_is_stopped_leaves_no_file(head_lake: Path, tmp_path: Path) -> None:
    with catalog.open(head_lake) as lake, closing(Result("SELECT range AS n FROM range(100000)")) as result:
        result.fill(lake)
        export = Export(result, tmp_path / "rows.csv")
        export.stop(lake)
        with pytest.raises(QueryError, match="stopped"):
            export.write(lake)
        assert not list(tmp_path.glob("*rows*"))


def test_an_export_that_waits_for_rows_is_stopped_by_escape(head_lake: Path, tmp_path: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        editor(app).put(ENDLESS)
        await pilot.press("f5")
        await pilot.pause(0.3)
        await pilot.press("escape")
        await until(pilot, lambda: told(app).startswith("stopped at 0 rows"))
        await pilot.press("f6")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / "rows.csv")
        await pilot.press("enter")
        await until(pilot, lambda: "0 rows so far" in told(app))
        await pilot.press("escape")
        await until(pilot, lambda: told(app).startswith("stopped at 0 rows"))
        assert isinstance(app.screen, SqlScreen)
        assert not list(tmp_path.glob("*rows*"))

    written(head_lake, journey)


def test_a_file_that_cannot_be_written_is_told_while_it_is_named(head_lake: Path, tmp_path: Path) -> None:
    troubles = {"rows.xls": "says no format", "": "says no format", "none/rows.csv": "there is no folder"}

    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT 1 AS n")
        await pilot.press("f6")
        await pilot.pause()
        for name, trouble in troubles.items():
            app.screen.query_one(Input).value = str(tmp_path / name) if name else ""
            await pilot.press("enter")
            assert trouble in told(app, "#trouble")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, SqlScreen)
        assert [path.name for path in tmp_path.iterdir()] == ["state"]

    written(head_lake, journey)


def test_queries_of_before_come_back_and_the_prompt_sees_them(head_lake: Path) -> None:
    history().store_string("SELECT 0\nAS n")

    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT 1 AS n")
        editor(app).put("SELECT 2")
        texts = []
        for key in ("ctrl+up", "alt+up", "ctrl+up", "ctrl+down", "alt+down"):
            await pilot.press(key)
            texts.append(editor(app).text)
        assert texts == ["SELECT 1 AS n", "SELECT 0\nAS n", "SELECT 0\nAS n", "SELECT 1 AS n", "SELECT 2"]
        assert list(history().load_history_strings()) == ["SELECT 1 AS n", "SELECT 0\nAS n"]

    written(head_lake, journey)


def test_the_query_is_copied_from_the_rows(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT 1 AS n")
        await pilot.press("tab", "y")
        assert app.clipboard == "SELECT 1 AS n"

    written(head_lake, journey)


def test_a_small_screen_shows_the_editor_the_rows_and_for_a_key_the_image(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "SELECT image_id FROM images ORDER BY image_id")
        table, preview = app.screen.query_one(RowTable), app.screen.query_one(Preview)
        assert editor(app).size.height >= 3
        assert table.size.height >= 5
        assert not preview.display
        await pilot.press("tab", "space")
        await settled(app, pilot)
        assert (table.display, preview.display) == (False, True)
        assert "ct0" in str(app.screen.query_one("#words", Static).content)
        await pilot.press("space")
        await pilot.pause()
        assert (table.display, table.has_focus, preview.display) == (True, True, False)

    written(head_lake, journey, size=SMALL)


def test_a_plan_is_a_line_a_row(head_lake: Path) -> None:
    async def journey(app: App[Any], pilot: Pilot[Any]) -> None:
        await run(app, pilot, "EXPLAIN (FORMAT json) SELECT 1")
        table = app.screen.query_one(RowTable)
        assert table.pages is not None
        assert table.pages.columns == ("plan",)
        assert json.loads("".join(str(table.pages.row(n)[0]) for n in range(table.count) if table.pages.row(n)))

    written(head_lake, journey)


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_sql_is_readable_in_every_theme(name: str) -> None:
    variables = BUILTIN_THEMES[name].to_color_system().generate()
    background = Color.parse(variables["surface"])
    for style in theme(name, variables).syntax_styles.values():
        if name.startswith("ansi-"):
            assert style.color is None  # the terminal's own
            continue
        assert style.color is not None
        assert contrast(Color.from_rich_color(style.color), background) >= ENOUGH


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("selec 1", (1, 1)),
        ("-- one\n\nSELECT 1,\n   modalty FROM range(3)", (4, 4)),
        (f"SELECT 1,\n '{'a' * 90}', foo(1), '{'b' * 90}'", (2, 96)),
        ("SELECT '漢字漢字' , zz FROM range(1)", (1, 17)),
        ("SELECT 1 WHERE", (None, None)),
    ],
)
def test_an_error_knows_its_place_in_the_query(query: str, place: tuple[int | None, int | None]) -> None:
    with duckdb.connect() as connection, pytest.raises(QueryError) as caught:
        guard.run(connection, query)
    assert (caught.value.line, caught.value.column) == place
