"""A picture of half blocks: two pixels a character, of a picture that was drawn at that size.

textual-image has one too, which scales the picture and styles each pixel on its own whenever it is drawn, in the app's
thread; this is told once, and joins neighbours of one colour, of which radiographs have many.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

_UPPER = "▀"


class HalfBlocks(Widget):
    """Shows an image of a pixel a column and two a line. Whoever sets one sets the size of the widget too."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._image: Image.Image | None = None
        self._lines: list[Strip] = []

    @property
    def image(self) -> Image.Image | None:
        """RGB; None for no picture."""
        return self._image

    @image.setter
    def image(self, image: Image.Image | None) -> None:
        self._image = image
        self._lines = [] if image is None else _drawn(image)
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        """Two rows of pixels."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return self._lines[y].crop_extend(0, self.size.width, self.rich_style)


def _drawn(image: Image.Image) -> list[Strip]:
    import numpy as np  # late, as the first frame has no picture

    return _lines(np.asarray(image.convert("RGB")))


def _lines(pixels: NDArray[np.uint8]) -> list[Strip]:
    """A strip for each two rows of (height, width, 3); under the last of an odd number is nothing."""
    import numpy as np

    height, width = pixels.shape[:2]
    odd = np.zeros((height % 2, width, 3), dtype=np.uint8)
    rows = np.concatenate([pixels, odd]).tolist()
    return [_line(upper, lower, width) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]


def _line(upper: list[Any], lower: list[Any], width: int) -> Strip:
    segments = []
    for (above, below), same in groupby(zip(upper, lower, strict=True)):
        style = Style.from_color(_colour(above), _colour(below))
        segments.append(Segment(_UPPER * len(list(same)), style))
    return Strip(segments, width)


def _colour(pixel: list[int]) -> Color:
    return Color("", ColorType.TRUECOLOR, triplet=ColorTriplet(*pixel))
