"""Journeys by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.browser.clicking import clicking
from benchmarks.browser.leafing import leafing
from benchmarks.browser.looking import looking
from benchmarks.browser.roaming import roaming

JOURNEYS: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
    "clicking": clicking,
    "leafing": leafing,
    "looking": looking,
    "roaming": roaming,
}
