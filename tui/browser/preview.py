"""One image: its picture with its regions outlined, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Static
from textual_image.widget import Image as Picture

from catalog.errors import TriptychError
from tui.browser.asking import Asking
from tui.portrait import portrait

if TYPE_CHECKING:
    from PIL import Image

    from catalog.api import Lake

_SETTLED = 0.08
"""Seconds that a row is looked at before its image is read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to show of an image."""

    image_id: str
    words: str
    picture: Image.Image | None
    trouble: str = ""
    """Why there is no picture."""


def look(lake: Lake, image_id: str) -> Seen:
    """Read an image with its regions; a picture that cannot be had is told in words.

    Raises:
        TriptychError: The lake cannot be read, or has no such image.
    """
    from catalog.pixels.draw import draw
    from catalog.pixels.view import view

    image = lake.image(image_id)
    words = portrait(image)
    try:
        return Seen(image_id, words, draw(view(lake.pixels(), image), image["rois"]).convert("RGB"))
    except TriptychError as error:
        return Seen(image_id, words, None, str(error))


class Preview(VerticalScroll):
    """The picture above the words."""

    DEFAULT_CSS = """
    Preview #picture { width: 100%; height: auto; max-height: 60%; }
    Preview #words { height: auto; }
    Preview #trouble { height: auto; color: $text-warning; }
    """

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self.lake: Lake | None = None
        self._wanted: str | None = None
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """A picture, what is wrong with it, and the words."""
        yield Picture(id="picture")
        yield Static(id="trouble", markup=False)
        yield Static(id="words", markup=False)

    def look_at(self, image_id: str | None) -> None:
        """Show another image once it has been looked at for a moment, or none."""
        if image_id == self._wanted:
            return
        self._wanted = image_id
        if self._settling is not None:
            self._settling.stop()
        if image_id is None:
            self.show(None)
        else:
            self._settling = self.set_timer(_SETTLED, lambda: self._read(image_id))

    def show(self, seen: Seen | None) -> None:
        """Show what was seen of an image, or nothing."""
        self.query_one("#picture", Picture).image = seen.picture if seen else None
        self.query_one("#trouble", Static).update(f"no picture: {seen.trouble}" if seen and seen.trouble else "")
        self.query_one("#words", Static).update(seen.words if seen else "")
        self.scroll_home(animate=False)

    def _read(self, image_id: str) -> None:
        lake = self.lake
        if lake is not None:
            self._asking.ask(self, "reading the image", lambda: look(lake, image_id), self.show)
