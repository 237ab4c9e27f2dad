"""Values of the facets chosen at random: when the others are counted again, when the first rows are there."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Any

from benchmarks.browser.driven import Driven
from tui.browser.sections import COVERAGE, OF_IMAGES, OF_REGIONS

_DEEP = 3
"""Values that are chosen one after the other before all images are shown again."""


async def clicking(driven: Driven, *, clicks: int, seed: int = 5) -> dict[str, Any]:
    """Click, wait until everything has been counted, and click again; seconds, and the loop's lag meanwhile."""
    random, lag = Random(seed), list[float]()  # noqa: S311 - repeatable on purpose
    found: dict[str, list[float]] = {"facets": [], "first rows of a slice": [], "regions": [], "layers": []}
    async with driven.lag(lag):
        for turn in range(clicks):
            if turn % _DEEP == 0 and driven.screen.said:
                driven.press("c")
                await driven.until(lambda: not driven.screen.said)
                await driven.idle()
            for name, seconds in (await _click(driven, random)).items():
                found[name].append(seconds)
            await driven.idle()
    return {**found, "lag": lag}


async def _click(driven: Driven, random: Random) -> dict[str, float]:
    before, pages = driven.screen.said, driven.table.pages
    began = time.perf_counter()
    driven.choose(random.choice(driven.places))
    conditions = {
        "facets": lambda: driven.facets.counted.issuperset(OF_IMAGES),
        "first rows of a slice": lambda: driven.table.pages is not pages and _has_rows(driven),
        "regions": lambda: driven.facets.counted.issuperset(OF_REGIONS),
        "layers": lambda: COVERAGE in driven.facets.counted,
    }
    await driven.until(lambda: driven.screen.said != before)
    times = await asyncio.gather(*(driven.until(condition) for condition in conditions.values()))
    return {name: at - began for name, at in zip(conditions, times, strict=True)}


def _has_rows(driven: Driven) -> bool:
    pages = driven.table.pages
    return pages is not None and (pages.first > 0 or pages.count == 0)
