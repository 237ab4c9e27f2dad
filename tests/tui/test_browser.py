"""The browser, driven by its keys: what is asked for is shown, whole and exact."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pexpect
import pytest

import catalog
from catalog.errors import LakeError, UsageError
from tests.generators.conftest import draw
from tests.tui.conftest import Triptych
from tests.tui.journeys import WIDE, browsed, line, main_screen, settled, until

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.widgets import Static

from tui.browser.app import Browser
from tui.browser.facet_list import FacetList
from tui.browser.main_screen import MainScreen
from tui.browser.pages import KEPT, PAGE, OfView, Pages
from tui.browser.table import RowTable

# textual-image asks Pillow in a way that Pillow will drop
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
PICTURES = 700


@pytest.fixture(scope="module")
def lake_of_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """700 pictures, 12 of them CT and the others X-rays."""
    root = tmp_path_factory.mktemp("browsed")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "few", count=12), source="few", said={"modality": "CT"})
        lake.ingest(draw(root / "many", count=PICTURES - 12), source="many", said={"modality": "X-Ray"})
    return root / "lake"


def test_a_lake_is_shown_with_its_exact_count_its_facets_and_its_first_image(lake_of_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        assert line(app) == "700 images   all images"
        table = app.screen.query_one(RowTable)
        assert (table.count, table.has_focus) == (PICTURES, True)
        assert table.row is not None
        assert table.row[-1] in str(app.screen.query_one("#words", Static).content)
        prompts = [str(app.screen.query_one(FacetList).get_option_at_index(place).prompt) for place in range(3)]
        assert [prompt.split() for prompt in prompts] == [
            ["▾", "MODALITY"],
            ["[", "]", "X-Ray", "688", "▇▇▇▇▇▇"],
            ["[", "]", "CT", "12", "▏"],
        ]

    browsed(lake_of_pictures, journey)


def test_a_facet_narrows_the_slice_and_widens_it_again(lake_of_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        app.screen.query_one(FacetList).focus()
        app.screen.query_one(FacetList).highlighted = 2
        await pilot.press("space")
        await settled(app, pilot)
        assert line(app) == "12 images   --modality CT"
        assert app.screen.query_one(RowTable).count == 12
        assert "688" in str(app.screen.query_one(FacetList).get_option_at_index(1).prompt)  # others can still be added
        await pilot.press("c")
        await settled(app, pilot)
        assert line(app) == "700 images   all images"

    browsed(lake_of_pictures, journey)


def test_the_last_row_is_a_key_away_and_its_page_is_read(lake_of_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        table = app.screen.query_one(RowTable)
        await pilot.press("G")
        await settled(app, pilot)
        assert table.cursor == PICTURES - 1
        with catalog.open(lake_of_pictures) as lake:
            (last,) = lake.slice().page(offset=PICTURES - 1, columns="image_id").column(0).to_pylist()
        assert table.row is not None
        assert table.row[-1] == last
        await pilot.press("g", "down", "k")
        assert table.cursor == 0

    browsed(lake_of_pictures, journey)


def test_the_browser_begins_with_the_slice_of_the_command_line(lake_of_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        assert line(app) == "12 images   --source few --has pixels"

    browsed(lake_of_pictures, journey, source=("few",), has=("pixels",))


def test_a_slice_without_images_has_no_row_and_no_picture(lake_of_pictures: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        assert line(app) == "0 images   --missing pixels"
        await pilot.press("G", "down", "pagedown")
        assert app.screen.query_one(RowTable).row is None
        assert str(app.screen.query_one("#words", Static).content) == ""

    browsed(lake_of_pictures, journey, missing=("pixels",))


def test_pages_are_read_once_and_the_oldest_forgotten(lake_of_pictures: Path) -> None:
    with catalog.open(lake_of_pictures) as lake, lake.slice().view() as view:
        pages = Pages(OfView(view, ["image_id"]))
        assert pages.row(0) is None
        pages.read(0)
        assert (view.count, pages.count, pages.first) == (PICTURES, PICTURES, PAGE)
        ids = lake.slice().page(limit=-1, columns="image_id").column(0).to_pylist()
        pages.read(2)
        assert [pages.row(number) for number in (0, PAGE, 2 * PAGE, PICTURES - 1, PICTURES)] == [
            (ids[0],), None, (ids[2 * PAGE],), (ids[-1],), None,
        ]  # fmt: skip
        for page in range(3, KEPT + 3):
            pages.read(page)
        assert pages.row(0) is None


def test_a_view_that_was_closed_or_has_failed_has_no_count_and_says_why_when_it_is_read(lake_of_pictures: Path) -> None:
    with catalog.open(lake_of_pictures) as lake:
        view = lake.slice().view()
        view.wait()
        known, unknown = OfView(view, ["image_id"]), OfView(view, ["image_id"])
        count = known.count
        view.close()
        assert (known.count, unknown.count) == (count, None)
        with pytest.raises(UsageError, match="closed"):
            unknown.read(0, 10)


def test_a_key_that_stops_questions_does_not_stop_the_opening(lake_of_pictures: Path) -> None:
    go_on = threading.Event()

    def opened() -> catalog.Lake:
        go_on.wait(20)
        return catalog.open(lake_of_pictures)

    async def journey() -> None:
        app = Browser(opened, {})
        async with app.run_test(size=WIDE) as pilot:
            await pilot.pause()
            await pilot.press("escape")
            go_on.set()
            await until(pilot, lambda: main_screen(app).lake is not None)
            await settled(app, pilot)
            assert line(app).split("   ") == ["700 images", "all images"]

    asyncio.run(journey())


def test_what_the_lake_refuses_a_key_is_said_and_the_browser_stays(
    lake_of_pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise LakeError("the disk is gone")

    monkeypatch.setattr(MainScreen, "action_again", refused)

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert [toast.message for toast in app._notifications] == ["the disk is gone"]
        assert app.is_running

    browsed(lake_of_pictures, journey)


def test_a_browser_without_a_terminal_names_the_commands_to_use(triptych: Triptych, lake_of_pictures: Path) -> None:
    said = triptych("--lake", str(lake_of_pictures), "browse")
    assert (said.code, said.err) == (
        2,
        "error: the browser needs a terminal; use triptych ls, facets or show instead\n",
    )


def test_a_real_terminal_is_left_as_it_was(lake_of_pictures: Path) -> None:
    command = f"{sys.executable} -m tui --lake {lake_of_pictures} browse --modality CT"
    process = pexpect.spawn("sh", ["-c", f"{command}; echo left with $?"], dimensions=(24, 80), encoding="utf-8")
    process.expect("12 images", timeout=60)
    process.send("q")
    process.expect("left with 0", timeout=30)
    assert "\x1b[?1049l" in str(process.before)  # the screen of before
