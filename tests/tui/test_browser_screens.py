"""Whole screens as they were seen and found good: tests/tui/screens holds their text, 100 by 32.

Set ``TRIPTYCH_SCREENS=write`` to keep what is shown now; look at the difference before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tui.journeys import browsed, settled

pytest.importorskip("textual")

from textual.pilot import Pilot

from tui.browser.app import Browser

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
SCREENS = Path(__file__).parent / "screens"
SIZE = (100, 32)
_CHANGING = re.compile(r"/\S*/lake|\d+\.\d s")
"""Paths and times."""
KEYS: dict[str, tuple[str, ...]] = {
    "main": (),
    "sorted": ("right", "right", "right", "o", "o"),
    "plots": ("P",),
    "columns": ("C",),
    "help": ("question_mark",),
}


def text(app: Browser) -> str:
    """What is on the screen, line by line."""
    strips = app.screen._compositor.render_strips(app.size)
    lines = ("".join(segment.text for segment in strip).rstrip() for strip in strips)
    return "\n".join(_CHANGING.sub("~", line) for line in lines) + "\n"


@pytest.mark.parametrize("name", KEYS)
def test_a_screen_is_as_it_was(head_lake: Path, name: str) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press(*KEYS[name])
        await settled(app, pilot)
        await pilot.pause(0.3)
        file = SCREENS / f"{name}.txt"
        if os.environ.get("TRIPTYCH_SCREENS") == "write":
            file.write_text(text(app), encoding="utf-8")
        assert text(app) == file.read_text(encoding="utf-8")

    browsed(head_lake, journey, size=SIZE)
