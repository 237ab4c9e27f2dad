"""How pictures come on the screen: in pixels where the terminal can, else in half blocks.

Importing this asks the terminal, so it is imported before the app runs. tmux lets pictures through badly: they stay
where they were when a pane moves; half blocks are text. There textual-image, which brings NumPy, is not even imported.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from textual.geometry import Size
from textual.widget import Widget

from tui.browser.preview.blocks import HalfBlocks

if TYPE_CHECKING:
    from PIL import Image
    from textual_image._terminal import CellSize


def half_blocks() -> bool:
    """Whether pictures are made of half blocks: inside of tmux and screen, and where the terminal can do no better."""
    inside = bool(os.environ.get("TMUX")) or os.environ.get("TERM", "").startswith(("tmux", "screen"))
    if inside or not (sys.__stdout__ and sys.__stdout__.isatty()):
        return True
    from textual_image.widget import HalfcellImage, UnicodeImage
    from textual_image.widget import Image as Chosen

    return Chosen._Renderable in {HalfcellImage._Renderable, UnicodeImage._Renderable}


def _widget() -> type[Widget]:
    if _COARSE:
        return HalfBlocks
    from textual_image.widget import Image as Chosen

    return Chosen


_COARSE = half_blocks()
Picture = _widget()
"""The widget; ``put`` gives it a picture."""


def put(drawn: Image.Image | None, into: Any) -> None:
    """Show a picture, or none, in a widget, which takes as much room as the picture."""
    into.styles.width, into.styles.height = cells(drawn) if drawn is not None else Size(0, 0)
    into.image = drawn


def pixels(cells: Size) -> tuple[int, int]:
    """Pixels, width and height, that a picture has in so many columns and lines."""
    if _COARSE:
        return max(1, cells.width), max(2, 2 * cells.height)
    cell = _cell()
    return max(1, cells.width * cell.width), max(1, cells.height * cell.height)


def cells(picture: Image.Image) -> Size:
    """Columns and lines that a picture takes."""
    if _COARSE:
        return Size(picture.width, (picture.height + 1) // 2)
    cell = _cell()
    return Size(-(-picture.width // cell.width), -(-picture.height // cell.height))


def _cell() -> CellSize:
    """Pixels of a character; asked for while the app is not running yet."""
    from textual_image._terminal import get_cell_size

    return get_cell_size()
