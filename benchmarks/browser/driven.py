"""A browser driven from inside its own loop, on a real terminal: acts, and when what they ask for is painted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.widgets._toast import Toast

from tui.browser.app import Browser
from tui.browser.facet_list import FacetList, Facets
from tui.browser.main_screen import MainScreen
from tui.browser.preview import Preview
from tui.browser.slice_table import SliceTable

_POLL = 0.001
_PROBE = 0.005
"""Seconds between two looks, and between two knocks at the loop."""
_LONGEST = 30.0


class Driven:
    """The panes of a browser and their state."""

    def __init__(self, app: Browser) -> None:
        self.app = app

    @property
    def screen(self) -> MainScreen:
        """The first screen."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    @property
    def table(self) -> SliceTable:
        """The rows."""
        return self.screen.query_one(SliceTable)

    @property
    def facets(self) -> Facets:
        """The values."""
        return self.screen.query_one(Facets)

    @property
    def preview(self) -> Preview:
        """The image."""
        return self.screen.query_one(Preview)

    def press(self, *keys: str) -> None:
        """Press keys, as a terminal tells of them."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    def choose(self, place: int) -> None:
        """Choose a value of the facets, as the space bar does."""
        values = self.facets.query_one(FacetList)
        values.highlighted = place
        values.action_select()

    @property
    def places(self) -> list[int]:
        """Where the values are among the lines of the facets; the others are names."""
        values = self.facets.query_one(FacetList)
        return [place for place in range(values.option_count) if "=" in (values.get_option_at_index(place).id or "")]

    async def until(self, condition: Callable[[], object]) -> float:
        """The time (of ``perf_counter``) at which a condition holds and the screen has been painted.

        Raises:
            RuntimeError: The browser has ended.
            TimeoutError: It does not hold.
        """
        last = time.perf_counter() + _LONGEST
        while not condition():
            if not self.app.is_running:
                raise RuntimeError("the browser has ended")
            if time.perf_counter() > last:
                raise TimeoutError(self._stalled())
            await asyncio.sleep(_POLL)
        painted = asyncio.Event()
        self.app.screen.call_after_refresh(painted.set)
        await painted.wait()
        return time.perf_counter()

    def _stalled(self) -> str:
        """What is on the screen that should be another."""
        asked, seen, toasts = self.app.asking.longest, self.preview.seen, self.app.query(Toast)
        waits = f"the browser still waits{f' ({asked.what})' if asked is not None else ''}"
        image = f"image {seen.image['image_id']} {seen.trouble}" if seen is not None else "no image"
        told = [str(toast.render()) for toast in toasts]
        return f"{waits}; row {self.table.cursor} ({self.table.image_id}) and {image} are shown; told: {told}"

    async def idle(self) -> None:
        """Wait until every question has been answered."""
        await self.until(lambda: self.app.asking.idle)

    async def begun(self) -> None:
        """Wait until the lake is on the screen."""
        await self.until(lambda: any(isinstance(screen, MainScreen) for screen in self.app.screen_stack))
        await self.until(lambda: self.screen.lake is not None and self.table.pages is not None)
        await self.idle()

    @asynccontextmanager
    async def lag(self, seconds: list[float]) -> AsyncIterator[None]:
        """Knock at the loop all the time; by how much it answers late is added to ``seconds``."""
        probe = asyncio.create_task(_knock(seconds))
        try:
            yield
        finally:
            probe.cancel()


async def _knock(seconds: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_PROBE)
        seconds.append(max(0.0, time.perf_counter() - began - _PROBE))


def resident() -> float:
    """Memory of this process that is in RAM, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6
