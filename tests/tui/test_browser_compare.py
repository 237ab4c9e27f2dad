"""Two makers beside each other: what each says of an image, and how far they agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.widgets import Select, Static

from tests.tui.gallery import gallery
from tests.tui.journeys import browsed, settled
from tui.browser.app import Browser
from tui.browser.compare import CompareScreen, Side
from tui.browser.main_screen import MainScreen
from tui.browser.preview.roi_list import RoiList
from tui.browser.table import RowTable


@pytest.fixture(scope="module")
def odd_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See ``tests.tui.gallery``."""
    return gallery(tmp_path_factory.mktemp("compared"))


async def compared(app: Browser, pilot: Pilot[Any], image_id: str) -> CompareScreen:
    """The screen, opened with the key at the row of an image."""
    table = app.screen.query_one(RowTable)
    for row in range(table.count):
        if table.pages is not None and table.pages.image_id(row) == image_id:
            table.cursor = row
    table.focus()
    await pilot.press("v")
    await settled(app, pilot)
    assert isinstance(app.screen, CompareScreen)
    return app.screen


def lines(side: Side) -> list[str]:
    listed = side.query_one(RoiList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


def test_two_makers_of_regions_are_beside_each_other_with_their_agreement(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await compared(app, pilot, "slice0")
        left, right = screen.query_one("#left", Side), screen.query_one("#right", Side)
        assert left.maker is not None
        assert right.maker is not None
        assert {left.maker.generator, right.maker.generator} == {"ingest:records", "ingest:second"}
        assert "1 matched (IoU of boxes at least 0.5), mean IoU 0.85, 1 of them" in screen.agreement
        assert "1 only on the left, 1 only on the right" in screen.agreement
        assert sum("IoU 0.85" in line for line in lines(left)) == 1
        assert left.region.y == right.region.y
        assert screen.region.contains_region(left.query_one("#picture").region)

    browsed(odd_lake, journey)


def test_a_side_turns_to_the_next_maker_by_a_key_and_shows_texts_too(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await compared(app, pilot, "slice0")
        right = screen.query_one("#right", Side)
        for _ in range(len(right.known)):
            if right.maker is not None and right.maker.what == "report":
                break
            await pilot.press("2")
            await settled(app, pilot)
        assert "A nodule." in str(right.query_one("#text", Static).content)
        assert lines(right) == []
        assert "not compared" in screen.agreement
        screen.query_one("#left", Side).query_one(Select).value = right.known.index(right.maker)
        await settled(app, pilot)
        assert "both sides show the same" in screen.agreement

    browsed(odd_lake, journey)


def test_images_follow_each_other_and_escape_goes_back_to_the_row_that_was_compared(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await compared(app, pilot, "slice0")
        await pilot.press("n")
        await settled(app, pilot)
        assert "slice0" not in screen.agreement
        await pilot.press("b", "escape")
        await settled(app, pilot)
        assert isinstance(app.screen, MainScreen)
        assert app.screen.query_one(RowTable).image_id != "slice0"

    browsed(odd_lake, journey)


def test_sides_stack_in_a_narrow_terminal_and_an_image_of_nobody_is_told(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        screen = await compared(app, pilot, "lost")
        assert "nobody has said anything" in screen.agreement
        left, right = screen.query_one("#left", Side), screen.query_one("#right", Side)
        assert (left.region.x, left.region.bottom) == (right.region.x, right.region.y)
        await pilot.press("1", "2", "n", "p", "p", "b")
        await settled(app, pilot)

    browsed(odd_lake, journey, size=(80, 24))
