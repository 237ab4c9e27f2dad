"""Journeys through the browser: what its tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from textual.app import App
from textual.pilot import Pilot

import catalog
from tui.browser.app import Browser
from tui.browser.asking import Asking
from tui.browser.filter.bar import FilterBar
from tui.browser.main_screen import MainScreen
from tui.browser.slice_table import SliceTable
from tui.browser.status import Status

WIDE, SMALL = (160, 45), (80, 24)
Journey = Callable[[Browser, Pilot[Any]], Awaitable[None]]


class Asks(Protocol):
    """An app that asks a lake."""

    asking: Asking


def browsed(root: Path, journey: Journey, *, size: tuple[int, int] = WIDE, **said: Any) -> None:
    """Go on a journey through a lake."""

    async def go() -> None:
        app = Browser(lambda: catalog.open(root), said)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await journey(app, pilot)

    asyncio.run(go())


async def settled(app: Asks, pilot: Pilot[Any]) -> None:
    """Until everything that was asked of the lake is on the screen."""
    quiet = 0
    for _ in range(200):
        await pilot.pause(0.1)  # longer than the cursor rests before its image is read
        quiet = quiet + 1 if app.asking.idle else 0
        if quiet == 2:
            return
    raise AssertionError("the browser is still waiting for answers after 20 s")


async def until(pilot: Pilot[Any], come: Callable[[], object], *, seconds: float = 20) -> None:
    """Until something has come about."""
    for _ in range(int(seconds / 0.05)):
        if come():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"it did not come in {seconds} s")


def main_screen(app: App[Any]) -> MainScreen:
    """The first screen."""
    screen = app.screen_stack[1]
    assert isinstance(screen, MainScreen)
    return screen


def line(app: App[Any]) -> str:
    """The count and the flags of the slice."""
    screen = main_screen(app)
    return f"{screen.query_one(Status).text}   {screen.query_one(FilterBar).line.value or 'all images'}"


def table(app: Browser) -> SliceTable:
    """The rows."""
    return main_screen(app).query_one(SliceTable)


def cell(app: Browser, column: str) -> str:
    """What the row under the cursor has in a column."""
    rows = table(app)
    assert rows.pages is not None
    assert rows.row is not None
    return rows.row[rows.pages.columns.index(column)]
