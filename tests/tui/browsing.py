"""Going on journeys through the browser by its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

import catalog
from tui.browser.app import Browser

WIDE = (160, 45)
Journey = Callable[[Browser, Pilot[Any]], Awaitable[None]]


def browsed(root: Path, journey: Journey, *, size: tuple[int, int] = WIDE, **said: Any) -> None:
    """Go on a journey through a lake."""

    async def go() -> None:
        app = Browser(lambda: catalog.open(root), said)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await journey(app, pilot)

    asyncio.run(go())


async def settled(app: Browser, pilot: Pilot[Any]) -> None:
    """Until everything that was asked of the lake is on the screen."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause(0.15)
