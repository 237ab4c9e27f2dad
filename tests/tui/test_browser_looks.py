"""What the browser looks like: texts stand out in both themes, and a window hides nothing that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.journeys import browsed, settled

pytest.importorskip("textual")

from rich.segment import Segment
from textual.color import Color
from textual.pilot import Pilot

from tui.browser.app import Browser
from tui.browser.sql.colours import contrast

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
ENOUGH = 4.5
"""WCAG 2, AA."""
_DRAWN = set("▼▍▋▉▀▄█▇▆▅▃▂▁▊▎▏▌▐░▒▓╸╺━┃│┏┓┗┛╭╮╰╯─▔▁⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏┌┐└┘├┤┬┴")
"""Frames, bars and pictures: no texts."""
SCREENS: dict[str, tuple[str, ...]] = {
    "main": (),
    "facets": ("shift+tab",),
    "filter": ("slash", *"--mo"),
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
    "sql": ("s", *"SELECT", "f5"),
    "plots": ("P",),
    "sheet": ("t",),
    "compare": ("v",),
    "columns": ("C",),
    "copying": ("y",),
    "save": ("w",),
    "export": ("x",),
    "annotate": ("a",),
    "jobs": ("J",),
}


def segments(app: Browser) -> Iterator[Segment]:
    """What is on the screen, piece by piece; of a window what it covers, as what lies behind is dimmed."""
    area = app.screen.children[0].region if app.screen.is_modal else app.screen.region
    strips = app.screen._compositor.render_strips(app.size)
    for strip in strips[area.y : area.bottom]:
        yield from strip.crop(area.x, area.right)


def faint(app: Browser) -> set[str]:
    """Texts that stand out too little, with their contrast."""
    found = set()
    for segment in segments(app):
        text = "".join(char for char in segment.text if char not in _DRAWN).strip()
        style = segment.style
        if not text or style is None or style.color is None or style.bgcolor is None:
            continue
        letters, behind = (Color(*colour.get_truecolor()) for colour in (style.color, style.bgcolor))
        if contrast(letters, behind) < ENOUGH:
            found.add(f"{text} {contrast(letters, behind):.1f} {letters.hex} {behind.hex}")
    return found


@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS)
def test_every_text_stands_out_in_both_themes(head_lake: Path, keys: tuple[str, ...]) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)
        await settled(app, pilot)
        await pilot.pause(0.5)
        assert faint(app) == set()
        app.theme = "triptych-light"
        await pilot.pause(0.3)
        assert faint(app) == set()

    browsed(head_lake, journey)
