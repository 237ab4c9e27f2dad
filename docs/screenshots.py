"""Takes the pictures of the README: ``python docs/screenshots.py LAKE FOLDER``, on the lake that ``make demo`` makes.

It needs resvg-py (``pip install resvg-py``), which draws what Textual saves as SVG; the font is DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

import catalog
from tui.browser.app import Browser

SIZE = (150, 42)
FONT = "DejaVu Sans Mono"
SQL = """\
SELECT image_id, label, round(100 * area_ratio, 2) AS percent, zone(zone_h, zone_v) AS zone
FROM rois
WHERE kind = 'organ'
ORDER BY area_ratio DESC
"""
Journey = Callable[[Browser, Pilot[Any]], Awaitable[None]]


async def settled(app: Browser, pilot: Pilot[Any]) -> None:
    """Until nothing is waited for."""
    quiet = 0
    while quiet < 3:
        await pilot.pause(0.15)
        quiet = quiet + 1 if app.asking.idle else 0


async def press(app: Browser, pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each when the one before is answered."""
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)


async def browse(app: Browser, pilot: Pilot[Any]) -> None:
    """Facets, rows, and an image with its regions."""
    await press(app, pilot, "down", "down", "right_square_bracket")


async def write_sql(app: Browser, pilot: Pilot[Any]) -> None:
    """A query and its rows."""
    from tui.browser.sql.editor import Editor

    await press(app, pilot, "s")
    app.screen.query_one(Editor).text = SQL
    await press(app, pilot, "f5", "tab")


async def compare(app: Browser, pilot: Pilot[Any]) -> None:
    """What two makers say of one image."""
    await press(app, pilot, "v")


async def plot(app: Browser, pilot: Pilot[Any]) -> None:
    """The plots."""
    await press(app, pilot, "P")


async def sheet(app: Browser, pilot: Pilot[Any]) -> None:
    """The contact sheet."""
    await press(app, pilot, "t")


SHOTS: dict[str, tuple[Journey, dict[str, Any]]] = {
    "browser": (browse, {"modality": ("CT", "Fundus Photography")}),
    "sql": (write_sql, {}),
    "compare": (compare, {"modality": ("CT",), "has": ("rois",)}),
    "plots": (plot, {}),
    "sheet": (sheet, {}),
}


async def shoot(root: Path, journey: Journey, said: dict[str, Any], *, light: bool = False) -> str:
    """Go on a journey and save the screen as SVG."""
    app = Browser(lambda: catalog.open(root), said)
    async with app.run_test(size=SIZE) as pilot:
        if light:
            await pilot.press("d")
        await settled(app, pilot)
        await journey(app, pilot)
        return app.export_screenshot(title=f"triptych browse {root.name}")


def png(svg: str) -> bytes:
    """An SVG of Textual's as PNG, with a font that is here."""
    from resvg_py import svg_to_bytes

    return bytes(svg_to_bytes(svg_string=svg.replace("Fira Code", FONT), font_family=FONT, monospace_family=FONT))


def main(lake: str, folder: str) -> None:
    """Take every picture."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, (journey, said) in SHOTS.items():
        for light in (False, True):
            if light and name != "browser":
                continue
            os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()  # no theme is remembered
            svg = asyncio.run(shoot(Path(lake), journey, said, light=light))
            (Path(folder) / f"{name}{'-light' if light else ''}.png").write_bytes(png(svg))


if __name__ == "__main__":
    main(*sys.argv[1:3])
