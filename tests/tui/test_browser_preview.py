"""One image in the browser: its regions by their numbers, closer, through other windows, and along its series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catalog

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.gallery import SLICES, gallery
from tests.tui.journeys import browsed, settled, table, until
from tui.browser.app import Browser
from tui.browser.preview import Preview
from tui.browser.preview.gallery import MOST, Gallery, Seen
from tui.browser.preview.pane import READING
from tui.browser.preview.roi_list import RoiList
from tui.browser.preview.sight import MODES, Sight


@pytest.fixture(scope="module")
def odd_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See ``tests.tui.gallery``."""
    return gallery(tmp_path_factory.mktemp("gallery"))


async def at(app: Browser, pilot: Pilot[Any], image_id: str) -> Preview:
    preview = app.screen.query_one(Preview)
    preview.look_at(image_id)
    await settled(app, pilot)
    return preview


async def press(app: Browser, pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and wait for the picture; not for what is read while nothing happens."""
    for key in keys:
        await pilot.press(key)
        await until(pilot, lambda: all(asked.what != READING for asked in app.asking._all))
    await pilot.pause(0.02)


def state(preview: Preview) -> str:
    return str(preview.border_subtitle)


def pixels(preview: Preview) -> np.ndarray[Any, Any]:
    assert preview.seen is not None
    assert preview.seen.picture is not None
    return np.asarray(preview.seen.picture)


def lines(preview: Preview) -> list[str]:
    listed = preview.query_one(RoiList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


def words(preview: Preview) -> str:
    return str(preview.query_one("#words", Static).content)


def test_each_region_is_a_line_with_its_number_and_the_chosen_one_is_marked(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        assert state(preview).startswith("4 ROIs · masks")
        found = lines(preview)
        assert any("cyst" in line and "[bold]" in line for line in found)  # never taken for markup
        assert any("1.56%" in line and "upper-middle left-center" in line for line in found)
        before = pixels(preview)
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert state(preview).startswith("ROI 2 of 4 · masks")
        assert [line[0] for line in lines(preview)] == [" ", "▸", " ", " "]
        assert (pixels(preview) != before).any()
        await press(app, pilot, "left_square_bracket", "left_square_bracket")
        assert state(preview).startswith("ROI 4 of 4")
        await press(app, pilot, "escape")
        assert state(preview).startswith("4 ROIs")
        assert (pixels(preview) == before).all()

    browsed(odd_lake, journey)


def test_a_click_on_a_line_chooses_its_region(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        await pilot.click(RoiList, offset=(8, 2))
        await settled(app, pilot)
        assert preview.sight.chosen == 2
        assert lines(preview)[2].startswith("▸  3 ")

    browsed(odd_lake, journey, size=(240, 45))  # each region on one line


def test_zoom_and_overlays_are_a_key_each_and_are_said_in_words(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        await press(app, pilot, "z")
        assert state(preview).startswith("ROI 1 of 4 · masks · zoom")
        seen = {}
        for said in ("boxes", "crop", "no overlay", "masks"):
            await press(app, pilot, "b")
            assert state(preview).startswith(f"ROI 1 of 4 · {said} · zoom")
            seen[said] = pixels(preview).tobytes()
        assert len(set(seen.values())) == len(MODES)
        await press(app, pilot, "0")
        assert preview.sight == Sight()

    browsed(odd_lake, journey)


def test_another_window_changes_the_pixels_and_the_default_brings_them_back(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice1")
        before = pixels(preview)
        assert "W 40540 L 20476" in state(preview)
        await press(app, pilot, "left_curly_bracket")
        assert "W 32432 L 20476" in state(preview)
        assert pixels(preview).std() > before.std()  # a narrower window has more contrast
        await press(app, pilot, "right_parenthesis")
        assert "W 32432 L 23719" in state(preview)
        assert pixels(preview).mean() < before.mean()
        await press(app, pilot, "full_stop")  # the window stays along the series
        assert "W 32432 L 23719 · slice 3 of 4" in state(preview)
        await press(app, pilot, "comma", "equals_sign")
        assert (pixels(preview) == before).all()

    browsed(odd_lake, journey)


def test_an_image_of_eight_bits_has_no_window(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "dot")
        before = state(preview)
        await press(app, pilot, "left_curly_bracket", "left_parenthesis")
        assert (state(preview), before) == ("no ROI", "no ROI")

    browsed(odd_lake, journey)


def test_the_slices_of_a_series_follow_each_other_and_end(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        assert state(preview).endswith(f"slice 1 of {SLICES}")
        await press(app, pilot, "comma")
        assert preview.image_id == "slice0"
        for number in range(1, SLICES):
            await press(app, pilot, "full_stop")
            assert (preview.image_id, state(preview).endswith(f"slice {number + 1} of {SLICES}")) == (
                f"slice{number}", True,
            )  # fmt: skip
        await press(app, pilot, "full_stop")
        assert preview.image_id == f"slice{SLICES - 1}"
        preview.look_at("slice0")  # the row of the table has not changed
        assert preview.image_id == f"slice{SLICES - 1}"

    browsed(odd_lake, journey)


def test_an_image_whose_file_is_gone_is_told_in_words_and_shows_the_rest(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "lost")
        told = preview.query_one("#trouble", Static)
        assert "no picture" in str(told.content)
        assert "lost.png" in str(told.content)
        assert "clinic" in words(preview)
        await press(app, pilot, "z", "b", "right_square_bracket")
        preview = await at(app, pilot, "dot")
        assert not told.display

    browsed(odd_lake, journey)


def test_an_image_that_is_too_large_to_decode_is_told_in_words(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "vast")
        assert "too large" in str(preview.query_one("#trouble", Static).content)
        preview = await at(app, pilot, "dot")  # of a single pixel
        assert preview.seen is not None
        assert preview.seen.picture is not None

    browsed(odd_lake, journey)


def drawn_ahead(preview: Preview, image_id: str) -> bool:
    """Whether a picture is at hand that has not been shown."""
    assert preview.gallery is not None
    return preview.gallery.known(image_id, preview.sight.elsewhere(same_series=False), preview._room) is not None


def test_the_next_row_is_drawn_while_nothing_happens(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview, rows = app.screen.query_one(Preview), table(app)
        assert rows.pages is not None
        following = rows.pages.image_id(1)
        assert following is not None
        await until(pilot, lambda: drawn_ahead(preview, following))
        await pilot.press("j")
        assert preview.seen is not None
        assert preview.seen.image["image_id"] == following  # at once, without a question

    browsed(odd_lake, journey)


def test_an_image_alone_has_its_words_beside_its_picture(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        below = preview.query_one("#picture").region, preview.query_one("#words").region
        assert below[0].bottom <= below[1].y
        await press(app, pilot, "enter")
        await settled(app, pilot)
        beside = preview.query_one("#picture").region, preview.query_one("#words").region
        assert beside[0].right <= beside[1].x
        assert beside[0].height > below[0].height
        await press(app, pilot, "z", "escape")
        assert app.screen.has_class("-alone")
        assert preview.is_whole
        await press(app, pilot, "escape")
        assert not app.screen.has_class("-alone")

    browsed(odd_lake, journey)


def test_five_hundred_regions_are_listed_and_drawn(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "crowd")
        assert len(lines(preview)) == 500
        await press(app, pilot, "left_square_bracket")
        assert state(preview).startswith("ROI 500 of 500")
        assert lines(preview)[499].startswith("▸  500 ")

    browsed(odd_lake, journey)


def test_a_region_is_not_chosen_by_those_of_the_image_before(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "crowd")
        preview.look_at("long")
        preview.step("previous_roi")  # before the other image is there: it would be the last of 500
        await settled(app, pilot)
        assert state(preview).startswith("1 ROI ")
        await press(app, pilot, "b", "right_square_bracket")
        assert state(preview).startswith("ROI 1 of 1")

    browsed(odd_lake, journey)


def test_a_long_text_is_whole_and_cannot_move_the_cursor(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "long")
        said = words(preview)
        assert said.count("肺結節") == 1250
        assert "[bold]" in said
        assert "\x1b" not in said
        assert "by ingest:records" in said
        await press(app, pilot, "z")  # a region of a single pixel
        assert state(preview).startswith("ROI 1 of 1 · masks · zoom")

    browsed(odd_lake, journey)


def test_the_keys_of_the_preview_work_while_it_has_the_focus(odd_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        preview = await at(app, pilot, "slice0")
        preview.focus()
        await press(app, pilot, "z", "j", "k")
        assert preview.sight.zoom
        await press(app, pilot, "escape")
        assert preview.sight == Sight()

    browsed(odd_lake, journey)


def test_what_was_drawn_is_kept_within_bounds_and_forgotten_when_told(odd_lake: Path) -> None:
    with catalog.open(odd_lake) as lake:
        seen = Gallery(lake)
        first = seen.see("slice0", Sight(), (50, 50))
        assert seen.known("slice0", Sight(), (50, 50)) is first
        for width in range(1, MOST + 1):
            seen.see("slice0", Sight(), (width, 9))
        assert seen.known("slice0", Sight(), (50, 50)) is None
        assert isinstance(seen.known("slice0", Sight(), (MOST, 9)), Seen)
        seen.forget()
        assert seen.known("slice0", Sight(), (MOST, 9)) is None
        seen.close()
