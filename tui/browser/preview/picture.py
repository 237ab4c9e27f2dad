"""How pictures come on the screen: in pixels where the terminal can, else in half blocks.

Importing this asks the terminal, so it is imported before the app runs. tmux lets pictures through badly: they stay
where they were when a pane moves; half blocks are text.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

from textual.geometry import Size

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from textual_image._terminal import get_cell_size
    from textual_image.widget import HalfcellImage
    from textual_image.widget import Image as Chosen

if TYPE_CHECKING:
    from PIL import Image


def half_blocks() -> bool:
    """Whether pictures are made of half blocks: inside of tmux and screen, and without a terminal."""
    inside = bool(os.environ.get("TMUX")) or os.environ.get("TERM", "").startswith(("tmux", "screen"))
    return inside or not (sys.__stdout__ and sys.__stdout__.isatty())


HALF_BLOCKS = half_blocks()
Picture = HalfcellImage if HALF_BLOCKS else Chosen
"""The widget."""
_COARSE = HALF_BLOCKS or Chosen._Renderable is HalfcellImage._Renderable


def pixels(cells: Size) -> tuple[int, int]:
    """Pixels, width and height, that a picture has in so many columns and lines."""
    if _COARSE:
        return max(1, cells.width), max(2, 2 * cells.height)
    cell = get_cell_size()
    return max(1, cells.width * cell.width), max(1, cells.height * cell.height)


def cells(picture: Image.Image) -> Size:
    """Columns and lines that a picture takes."""
    if _COARSE:
        return Size(picture.width, (picture.height + 1) // 2)
    cell = get_cell_size()
    return Size(-(-picture.width // cell.width), -(-picture.height // cell.height))
