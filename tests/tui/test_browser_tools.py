"""Sorting, columns, the filter bar, copying, plots and news: each by its keys."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.records import Image
from tests.conftest import take_in
from tests.tui.journeys import browsed, cell, line, main_screen, settled, table

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tui.browser.app import Browser
from tui.browser.copying import Copying
from tui.browser.facet_list import FacetList, Facets
from tui.browser.filter.bar import FilterBar
from tui.browser.news import EVERY
from tui.browser.palette import commands
from tui.browser.plots import Bars, PlotScreen, heat_map
from tui.browser.preview import Preview
from tui.browser.status import Status

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")


def bar(app: Browser) -> FilterBar:
    return main_screen(app).query_one(FilterBar)


async def write(app: Browser, pilot: Pilot[Any], text: str) -> None:
    """Write another line into the filter bar."""
    await pilot.press("slash")
    bar(app).line.value = ""
    for char in text:
        await pilot.press({" ": "space", "-": "minus", ":": "colon", ".": "full_stop"}.get(char, char))
    await settled(app, pilot)


def test_rows_are_sorted_by_the_marked_column_and_back(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        unsorted = table(app).image_id
        await pilot.press(*["right"] * 5, "o")
        await settled(app, pilot)
        assert (table(app).column, cell(app, "width")) == ("width", "64")
        await pilot.press("o")
        await settled(app, pilot)
        assert (cell(app, "width"), cell(app, "image_id")) == ("200", "xray")
        await pilot.press("o")
        await settled(app, pilot)
        assert table(app).image_id == unsorted

    browsed(head_lake, journey)


def test_columns_are_hidden_and_chosen(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("minus")
        await settled(app, pilot)
        assert table(app).pages is not None
        assert "modality" not in table(app).pages.columns
        await pilot.press("C")
        await settled(app, pilot)
        names = app.screen.query_one(OptionList)
        names.highlighted = names.get_option_index("series_key")
        await pilot.press("space", "enter")
        await settled(app, pilot)
        assert table(app).pages.columns[-1] == "series_key"
        assert cell(app, "series_key") in ("s1", "")

    browsed(head_lake, journey)


def test_a_head_that_is_clicked_sorts(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.click(table(app), offset=(2, 1))
        await settled(app, pilot)
        assert cell(app, "modality") == "CT"
        await pilot.click(table(app), offset=(2, 1))
        await settled(app, pilot)
        assert cell(app, "modality") == "X-Ray"

    browsed(head_lake, journey)


def test_flags_are_completed_and_asked(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await write(app, pilot, "--modali")
        await pilot.press("tab")
        await settled(app, pilot)
        assert bar(app).line.value == "--modality "
        await pilot.press("M", "R")
        await settled(app, pilot)
        await pilot.press("tab")
        await pilot.press("enter")
        await settled(app, pilot)
        assert line(app) == "1 image   --modality MRI"
        assert table(app).has_focus

    browsed(head_lake, journey)


def test_what_is_wrong_is_told_and_the_slice_stays(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await write(app, pilot, "--roi-area 7 --has rois")
        await pilot.press("escape", "slash")
        bar(app).line.value = "--roi-area 7 --has rois"
        await pilot.press("enter")
        await settled(app, pilot)
        assert "--roi-area '7' is no range" in bar(app).trouble
        (mark,) = bar(app).line.highlighter(bar(app).line.value).spans
        assert (mark.start, mark.end, str(mark.style)) == (11, 12, "underline bold")
        assert main_screen(app).said == {}
        await pilot.press("escape")
        assert (bar(app).trouble, bar(app).line.value) == ("", "")

    browsed(head_lake, journey)


def test_a_word_that_the_lake_does_not_know_is_told(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("slash")
        bar(app).line.value = "--disease hemorhage"
        await pilot.press("enter")
        await settled(app, pilot)
        assert "did you mean 'hemorrhage'" in bar(app).trouble
        assert bar(app).line.has_focus

    browsed(head_lake, journey)


def test_keys_right_behind_enter_mean_the_rows(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("slash")
        bar(app).line.value = "--organ brain"
        await pilot.press("enter", "j", "c")
        assert table(app).has_focus
        assert bar(app).line.value == ""
        await settled(app, pilot)
        assert (main_screen(app).said, bar(app).line.value) == ({}, "")

    browsed(head_lake, journey)


def test_lines_are_remembered(head_lake: Path) -> None:
    async def enter(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("slash")
        bar(app).line.value = "--organ brain "
        await pilot.press("enter")
        await settled(app, pilot)
        assert line(app) == "3 images   --organ brain"

    async def recall(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("slash", "ctrl+up")
        assert bar(app).line.value == "--organ brain "

    browsed(head_lake, enter)
    browsed(head_lake, recall)


def test_facets_are_searched(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        facets = main_screen(app).query_one(Facets)
        values = facets.query_one(FacetList)
        values.focus()
        await pilot.press("slash", *"hem")
        assert values.option_count == 2  # the section, and hemorrhage
        await pilot.press("enter", "down", "space")
        await settled(app, pilot)
        assert line(app) == "3 images   --disease hemorrhage"
        await pilot.press("escape")
        assert values.option_count > 10
        assert facets.query_one(Input).value == ""

    browsed(head_lake, journey)


def test_the_count_of_a_facet_is_the_count_of_its_slice(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        values = main_screen(app).query_one(Facets).values
        assert {value.flag for value in values} >= {"modality", "organ", "roi_kind", "roi_area", "roi_zone", "missing"}
        with catalog.open(head_lake) as lake:
            for value in values:
                assert lake.slice(**{value.flag: (value.word,)}).count() == value.count, value

    browsed(head_lake, journey)


def test_the_slice_is_copied_as_command_sql_and_python(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("y")
        await settled(app, pilot)
        assert isinstance(app.screen, Copying)
        await pilot.press("s")
        with catalog.open(head_lake) as lake:
            assert len(lake.sql(app.clipboard).fetchall()) == 3
        await pilot.press("y")
        await settled(app, pilot)
        await pilot.press("p")
        said: dict[str, Any] = {}
        exec(app.clipboard, said)  # noqa: S102 - the Python that a person would run
        assert said["slice_"].count() == 3
        await pilot.press("y")
        await settled(app, pilot)
        await pilot.press("c")
        assert app.clipboard == f"triptych --lake {head_lake} ls --organ brain --roi-kind lesion"

    browsed(head_lake, journey, organ=("brain",), roi_kind=("lesion",))


def test_an_image_is_looked_at_alone_and_the_next_one(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        assert not main_screen(app).query_one(Preview).display
        await pilot.press("enter")
        await settled(app, pilot)
        assert main_screen(app).query_one(Preview).display
        first = table(app).image_id
        await pilot.press("n")
        await settled(app, pilot)
        assert table(app).image_id != first
        await pilot.press("escape")
        assert table(app).display
        assert table(app).has_focus

    browsed(head_lake, journey, size=(80, 24))


def test_the_palette_has_every_action_with_its_key(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        titles = {command.title for command in commands(app, main_screen(app))}
        assert {"sort by column  (o)", "plots  (P)", "dark or light  (d)", "search values  (/)"} <= titles
        await pilot.press("ctrl+p")
        await pilot.press(*"plots")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, PlotScreen)

    browsed(head_lake, journey)


def test_plots_show_what_the_slice_has(head_lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("P")
        await settled(app, pilot)
        assert isinstance(app.screen, PlotScreen)
        areas, layers = (str(app.screen.query_one(f"#{name}", Bars).render()) for name in ("areas", "layers"))
        assert "pixels 3" in layers
        assert "1–5% 3" in areas
        await pilot.press("escape")
        assert app.screen is main_screen(app)

    browsed(head_lake, journey, modality=("CT",))


def test_a_heat_map_says_what_it_leaves_out(head_lake: Path) -> None:
    with catalog.open(head_lake) as lake:
        pairs = lake.slice().cross("modality", "diseases")
    narrow = heat_map(pairs, width=34)
    assert getattr(narrow, "caption", None) == "1 more rows and columns"
    assert getattr(heat_map(pairs, width=100), "caption", "") is None


def test_light_and_dark_are_remembered(head_lake: Path) -> None:
    async def change(app: Browser, pilot: Pilot[Any]) -> None:
        assert app.current_theme.dark
        await pilot.press("d")
        assert not app.current_theme.dark

    async def remember(app: Browser, pilot: Pilot[Any]) -> None:
        assert not app.current_theme.dark

    browsed(head_lake, change)
    browsed(head_lake, remember)


def test_new_rows_are_told_and_come_when_asked_with_the_place_kept(head_lake: Path, tmp_path: Path) -> None:
    shutil.copytree(head_lake, tmp_path / "lake")

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press("G")
        await settled(app, pilot)
        place, image = table(app).cursor, table(app).image_id
        with catalog.open(tmp_path / "lake", write=True) as lake:
            more = [Image(image_id=f"more{n}", source="bhx", modality="CT", content_hash=f"{n}") for n in range(7)]
            take_in(lake.layout, {"more": more}, license="CC-BY-4.0")
        await pilot.pause(EVERY + 0.5)
        await settled(app, pilot)
        assert main_screen(app).query_one(Status).text == "5 images   7 new rows: press r"
        assert (table(app).count, table(app).cursor) == (5, place)
        await pilot.press("r")
        await settled(app, pilot)
        assert main_screen(app).query_one(Status).text == "12 images"
        assert (table(app).count, table(app).image_id) == (12, image)

    browsed(tmp_path / "lake", journey)
