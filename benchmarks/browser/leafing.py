"""Rows that are jumped to at random."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from benchmarks.browser.driven import Driven


async def leafing(driven: Driven, *, jumps: int, seed: int = 6) -> dict[str, Any]:
    """Jump to rows of all images in their own order, and then in that of a column; seconds until a row is there."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    plain = [await _jump(driven, random) for _ in range(jumps)]
    pages = driven.table.pages
    driven.press("o")
    began = time.perf_counter()
    first = await driven.until(lambda: driven.table.pages is not pages and driven.table.row is not None) - began
    await driven.idle()
    whole = time.perf_counter() - began
    ordered = [await _jump(driven, random) for _ in range(jumps)]
    return {"page": plain, "page, sorted": ordered, "first rows, sorted": [first], "all rows, sorted": [whole]}


async def _jump(driven: Driven, random: Random) -> float:
    """A row is jumped to as by the keys; none that has been read before."""
    table = driven.table
    row = random.randrange(table.count)
    began = time.perf_counter()
    table.action_jump(row)
    seconds = await driven.until(lambda: table.row is not None) - began
    await driven.idle()
    return seconds
