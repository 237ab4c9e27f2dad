"""The rows of the table as small pictures: as many as fit, page by page, and back to the row of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import catalog
from tests.generators.conftest import draw

pytest.importorskip("textual")

from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.gallery import gallery
from tests.tui.journeys import browsed, settled, table
from tui.browser.app import Browser
from tui.browser.main_screen import MainScreen
from tui.browser.sheet import SheetScreen
from tui.browser.sheet_cells import Cell, fitting
from tui.browser.table import RowTable

PICTURES = 300


@pytest.fixture(scope="module")
def many_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 small CT pictures: more than a page of rows."""
    root = tmp_path_factory.mktemp("sheets")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "many", count=PICTURES), source="many", said={"modality": "CT"})
    return root / "lake"


async def sheet(app: Browser, pilot: Pilot[Any]) -> SheetScreen:
    app.screen.query_one(RowTable).focus()
    await pilot.press("t")
    await drawn(app, pilot)
    assert isinstance(app.screen, SheetScreen)
    return app.screen


async def drawn(app: Browser, pilot: Pilot[Any]) -> None:
    """Pictures come one after the other: until the last one is there."""
    for _ in range(200):
        await settled(app, pilot)
        found = app.screen.query(Cell)
        if all(cell.has_picture or not cell.caption.strip() or trouble(cell) for cell in found):
            return


def trouble(cell: Cell) -> str:
    return str(cell.query_one(".trouble", Static).content)


def said(screen: SheetScreen) -> str:
    return str(screen.query_one("#said", Static).content)


def test_as_many_pictures_as_fit_are_shown_with_their_captions(many_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await sheet(app, pilot)
        assert len(screen.cells) == 7 * 4
        assert all(cell.has_picture for cell in screen.cells)
        assert {cell.caption for cell in screen.cells} == {"▸ CT", "  CT"}
        assert said(screen) == "rows 1 to 28 of 300; the cursor is at 1"
        assert all(screen.region.contains_region(cell.query_one("#small").region) for cell in screen.cells)

    browsed(many_pictures, journey)


def test_the_cursor_turns_the_sheet_and_enter_goes_to_its_row(many_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await sheet(app, pilot)
        await pilot.press("j", "l", "up", "down", "left", "right")
        assert screen.cursor == 8
        assert [place for place, cell in enumerate(screen.cells) if cell.caption.startswith("▸")] == [8]
        await pilot.press("pagedown")
        await drawn(app, pilot)
        assert said(screen) == "rows 29 to 56 of 300; the cursor is at 37"
        await pilot.press("G")
        await drawn(app, pilot)
        assert said(screen) == "rows 281 to 300 of 300; the cursor is at 300"
        assert sum(cell.has_picture for cell in screen.cells) == 20
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, MainScreen)
        assert app.screen.query_one(RowTable).cursor == PICTURES - 1

    browsed(many_pictures, journey)


def test_a_click_moves_the_cursor_and_escape_leaves_the_table_as_it_was(many_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await sheet(app, pilot)
        await pilot.click(screen.cells[10])
        assert screen.cursor == 10
        await pilot.press("escape")
        await settled(app, pilot)
        assert app.screen.query_one(RowTable).cursor == 0

    browsed(many_pictures, journey)


def test_images_without_pixels_are_told_in_a_small_terminal_too(tmp_path: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await sheet(app, pilot)
        assert len(screen.cells) == 3 * 2
        for _ in range(2):
            told = [trouble(cell) for cell in screen.cells]
            if "no picture" in told:
                break
            await pilot.press("pagedown")
            await drawn(app, pilot)
        assert told.count("no picture") == 2  # one file is gone, one too large

    browsed(gallery(tmp_path), journey, size=(80, 24))


def test_a_sheet_is_cut_into_cells_that_fit() -> None:
    assert [(fit.across, fit.down) for size in ((80, 22), (200, 57), (10, 3)) if (fit := fitting(Size(*size)))] == [
        (3, 2), (9, 5), (1, 1),
    ]  # fmt: skip


def test_rows_that_are_sorted_while_they_are_pictures_stay_pictures(many_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await sheet(app, pilot)
        before = table(app).pages
        assert before is not None
        table(app).marked = before.columns.index("image_id")
        table(app).action_order()
        await settled(app, pilot)
        assert table(app).pages is not before
        await pilot.press("pagedown")
        await drawn(app, pilot)
        assert all(cell.has_picture for cell in screen.cells)
        assert said(screen) == "rows 29 to 56 of 300; the cursor is at 29"
        shown = [screen.images[row]["image_id"] for row in range(28, 56)]
        pages = table(app).pages
        assert pages is not None
        ids = [[one.image_id(row) for row in range(28, 56)] for one in (pages, before)]
        assert shown == ids[0] != ids[1]
        await pilot.press("enter")
        assert table(app).cursor == 28

    browsed(many_pictures, journey)
