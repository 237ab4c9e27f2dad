"""An hour of use in some minutes: actions drawn at random, often before the last one is answered."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from textual.widgets import Input

from benchmarks.browser.driven import Driven, resident
from tui.browser.filter.bar import FilterBar
from tui.browser.main_screen import MainScreen
from tui.browser.sql.editor import Editor
from tui.browser.sql.screen import SqlScreen

_SETTLES = 10
"""Every so many actions one is waited for to its end."""
_HASTE = 0.15
"""Seconds, at most, that the others are waited for; nobody is faster for an hour."""
_LINES = (
    "--modality CT",
    "--roi-area 0.01:0.05",
    "--has rois --roi-kind lesion",
    "--modality MRI --roi-zone 'middle center'",
    "--missing coarse_caption",
    "--organ brain --organ lung",
    "--where 'width > 500'",
)
_QUERIES = (
    "SELECT modality, count(*) AS images FROM images GROUP BY modality ORDER BY images DESC",
    "SELECT image_id, width, height FROM images WHERE width > 1000 LIMIT 5000",
    "SELECT image_id, label, area_ratio FROM rois WHERE area_ratio > 0.5 LIMIT 2000",
    "SELECT source, count(*) AS rois, avg(area_ratio) AS area FROM rois GROUP BY source",
    "SELECT no_such_column FROM images",
)
_OPENS = 0.5
"""Seconds after which a screen that is not there will not come: there is no image to compare."""
Act = Callable[[Driven, Random], Awaitable[None]]


async def roaming(driven: Driven, *, actions: int, seed: int = 8) -> dict[str, Any]:
    """Act, and look at the memory after each action; seconds of the loop's lag and MB in RAM."""
    random, lag, memory = Random(seed), list[float](), list[float]()  # noqa: S311 - repeatable on purpose
    counts = dict[str, int]()
    began = time.perf_counter()
    async with driven.lag(lag):
        for turn in range(actions):
            act = random.choices(list(_ACTS), weights=list(_ACTS.values()))[0]
            counts[act.__name__] = counts.get(act.__name__, 0) + 1
            driven.table.focus()  # keys mean what they mean there
            await asyncio.sleep(0)
            await act(driven, random)
            if turn % _SETTLES == 0:
                await driven.idle()
            memory.append(resident())
    await driven.idle()
    took = time.perf_counter() - began
    gc.collect()
    return {"memory": memory, "lag": lag, "acts": counts, "seconds": took, "at rest": resident()}


async def _rest(driven: Driven) -> None:
    """Wait for an answer, but not for long."""
    last = time.perf_counter() + _HASTE
    while not driven.app.asking.idle and time.perf_counter() < last:
        await asyncio.sleep(0.01)


async def move(driven: Driven, random: Random) -> None:
    """Go to another row nearby."""
    driven.press(*random.choices(["down", "up", "pagedown", "pageup", "j", "k"], k=random.randrange(1, 6)))
    await _rest(driven)


async def jump(driven: Driven, random: Random) -> None:
    """Go to any row."""
    driven.table.action_jump(random.randrange(max(1, driven.table.count)))
    await _rest(driven)


async def click(driven: Driven, random: Random) -> None:
    """Choose a value of the facets, or take one away."""
    if places := driven.places:
        driven.choose(random.choice(places))
    await _rest(driven)


async def clear(driven: Driven, random: Random) -> None:
    """Go back to all images."""
    driven.press("c")
    await _rest(driven)


async def sort(driven: Driven, random: Random) -> None:
    """Sort by another column."""
    driven.press(*["right"] * random.randrange(3), "o")
    await _rest(driven)


async def line(driven: Driven, random: Random) -> None:
    """Write a filter."""
    bar = driven.screen.query_one(FilterBar)
    driven.press("f")
    await driven.until(lambda: bar.query_one(Input).has_focus)
    bar.line.value = random.choice(_LINES)
    driven.press("enter")
    await _rest(driven)
    driven.table.focus()


async def sight(driven: Driven, random: Random) -> None:
    """Look at the image in other ways."""
    for step in random.choices(["next_roi", "zoom", "overlay", "whole", "next_slice", "wider", "default_window"], k=3):
        driven.preview.step(step)
        await _rest(driven)


async def query(driven: Driven, random: Random) -> None:
    """Run SQL, look at its rows, and go back."""
    driven.press("s")
    await driven.until(lambda: isinstance(driven.app.screen, SqlScreen))
    screen = driven.app.screen
    assert isinstance(screen, SqlScreen)
    screen.query_one(Editor).put(random.choice(_QUERIES))
    before = screen.result
    driven.press("f5")
    await driven.until(lambda: screen.result is not before)
    await _rest(driven)
    driven.press("tab", "pagedown", "down")
    await _back(driven)


async def plots(driven: Driven, random: Random) -> None:
    """Draw the slice."""
    await _there_and_back(driven, "P")


async def sheet(driven: Driven, random: Random) -> None:
    """Look at the rows as small pictures, some sheets of them."""
    await _there_and_back(driven, "t", "pagedown", "pagedown", "right")


async def compare(driven: Driven, random: Random) -> None:
    """Compare what two makers say of some images."""
    await _there_and_back(driven, "v", "n", "1")


async def read_again(driven: Driven, random: Random) -> None:
    """Read the slice again."""
    driven.press("r")
    await _rest(driven)


async def stop(driven: Driven, random: Random) -> None:
    """Stop whatever is being waited for."""
    driven.press("escape")
    await _rest(driven)


async def _there_and_back(driven: Driven, door: str, *keys: str) -> None:
    driven.press(door)
    last = time.perf_counter() + _OPENS
    while _at_home(driven) and time.perf_counter() < last:
        await asyncio.sleep(0.01)
    await _rest(driven)
    if not _at_home(driven):
        driven.press(*keys)
        await _rest(driven)
    await _back(driven)


async def _back(driven: Driven) -> None:
    """Leave whatever is open: the first key may only stop a question."""
    last = time.perf_counter() + 60
    while not _at_home(driven) and time.perf_counter() < last:
        driven.press("escape")
        await asyncio.sleep(0.05)
    await driven.until(lambda: _at_home(driven))


def _at_home(driven: Driven) -> bool:
    return isinstance(driven.app.screen, MainScreen)


_ACTS: dict[Act, int] = {
    move: 24, jump: 14, click: 16, clear: 6, sort: 4, line: 8, sight: 8, query: 6, plots: 3, sheet: 4, compare: 3,
    read_again: 2, stop: 2,
}  # fmt: skip
