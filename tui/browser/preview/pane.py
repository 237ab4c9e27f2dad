"""One image: its picture with its regions, and below it the same in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Static

from tui.browser.asking import Asking
from tui.browser.preview.gallery import Gallery, Seen
from tui.browser.preview.picture import Picture, pixels, put
from tui.browser.preview.roi_list import RoiList
from tui.browser.preview.sight import Sight
from tui.browser.preview.words import sections
from tui.cells import visible

if TYPE_CHECKING:
    from catalog.api import Lake

_SETTLED = 0.08
"""Seconds that a row is looked at before its image is read, where rows follow each other faster."""
_UNREAD = 0.15
"""Seconds after which a row that has not been read takes the image of the one before it away."""
_IDLE = 0.15
"""Seconds after which what is likely to be looked at next is read."""
_SHARE = 0.55
"""Of the pane's height, at most, for the picture."""
_BESIDE = 90
"""Columns from which on the words are beside the picture."""


def bindings(action: str, *, shown: Container[str] = ()) -> list[BindingType]:
    """The keys of the preview; ``action`` is called with the name of a step, as ``Preview.step`` takes it.

    Those that are ``shown`` are in the footer, all of them in the help and the palette.
    """
    keys = (
        ("right_square_bracket", "next_roi", "next ROI", "]"),
        ("left_square_bracket", "previous_roi", "previous ROI", "["),
        ("z", "zoom", "zoom to ROI", "z"),
        ("b", "overlay", "masks, boxes, crop", "b"),
        ("0", "whole", "whole image", "0"),
        ("comma", "previous_slice", "previous slice", ","),
        ("full_stop", "next_slice", "next slice", "."),
        ("left_curly_bracket", "narrower", "narrower window", "{"),
        ("right_curly_bracket", "wider", "wider window", "}"),
        ("left_parenthesis", "lower", "lower level", "("),
        ("right_parenthesis", "higher", "higher level", ")"),
        ("equals_sign", "default_window", "default window", "="),
    )
    return [
        Binding(key, f"{action}('{step}')", said, show=step in shown, key_display=display, id=f"preview.{step}")
        for key, step, said, display in keys
    ]


class Preview(VerticalScroll):
    """The picture above the words. Give it a lake, then images."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("step", shown=("next_roi", "zoom", "overlay", "next_slice")),
        Binding("j", "scroll_down", "down", show=False),
        Binding("k", "scroll_up", "up", show=False),
        Binding("g", "scroll_home", "top", show=False),
        Binding("G", "scroll_end", "bottom", show=False),
    ]
    DEFAULT_CSS = """
    Preview { scrollbar-gutter: stable; }
    Preview #picture { width: auto; height: auto; }
    Preview #said, Preview #words { height: auto; }
    Preview.-beside { layout: horizontal; }
    Preview.-beside #picture { margin: 0 2 0 0; }
    Preview.-beside #said { width: 1fr; }
    Preview RoiList { margin: 0 0 1 0; }
    Preview #trouble { height: auto; color: $text-warning; }
    """

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self._gallery: Gallery | None = None
        self._row: str | None = None
        """The image that was asked for, while the one that is shown may be another of its series."""
        self._wanted: str | None = None
        self._ahead: str | None = None
        self._seen: Seen | None = None
        self._series: tuple[str, ...] = ()
        self._timer: Timer | None = None
        self._moved = 0.0
        """When another image was asked for."""
        self.sight = Sight()

    def compose(self) -> ComposeResult:
        """A picture, what is wrong with it, and the words."""
        yield Picture(id="picture")
        with Vertical(id="said"):
            yield Static(id="trouble", markup=False)
            yield RoiList(id="rois")
            yield Static(id="words", markup=False)

    @property
    def lake(self) -> Lake | None:
        """Whose images are shown."""
        return self._gallery.lake if self._gallery is not None else None

    @lake.setter
    def lake(self, lake: Lake) -> None:
        self._gallery = Gallery(lake)

    @property
    def gallery(self) -> Gallery | None:
        """What reads and draws; it may be shared with other screens."""
        return self._gallery

    @property
    def image_id(self) -> str | None:
        """The image that is shown, or about to be."""
        return self._wanted

    @property
    def seen(self) -> Seen | None:
        """What is shown."""
        return self._seen

    @property
    def _is_there(self) -> bool:
        """Whether what is shown is the image that is wanted, and not the one before it, which has other regions."""
        return self._seen is not None and self._seen.image["image_id"] == self._wanted

    @property
    def is_whole(self) -> bool:
        """Whether the whole image is shown, with no region chosen."""
        return self.sight == self.sight.whole()

    def on_unmount(self) -> None:
        """Let go of files."""
        if self._gallery is not None:
            self._gallery.close()

    def on_resize(self) -> None:
        """Draw the picture for the new size, beside the words where there is room."""
        self.set_class(self.scrollable_content_region.width >= _BESIDE, "-beside")
        if self._wanted is not None:
            self._later(_SETTLED, self._look)

    def look_at(self, image_id: str | None, *, ahead: str | None = None) -> None:
        """Show another image once it has been looked at for a moment, or none; ``ahead`` is likely to be the next."""
        self._ahead = ahead
        if image_id == self._row:
            return
        self._row = image_id
        self._go(image_id)

    def forget(self) -> None:
        """Read the image anew: rows have been committed."""
        if self._gallery is not None:
            self._gallery.forget()
            self._look()

    def step(self, name: str) -> None:
        """Look at the image in another way; the names are those in ``bindings``."""
        if name in {"next_slice", "previous_slice"}:
            self._step_slice(1 if name == "next_slice" else -1)
        elif self._seen is not None and self._is_there:
            regions, window, sight = len(self._seen.image["rois"]), self._seen.window, self.sight
            steps: dict[str, Callable[[], Sight]] = {
                "next_roi": lambda: sight.stepped(1, regions=regions),
                "previous_roi": lambda: sight.stepped(-1, regions=regions),
                "zoom": lambda: sight.zoomed(regions=regions),
                "overlay": lambda: sight.cycled(regions=regions),
                "whole": sight.whole,
                "narrower": lambda: sight.windowed(window, wider=-1),
                "wider": lambda: sight.windowed(window, wider=1),
                "lower": lambda: sight.windowed(window, higher=-1),
                "higher": lambda: sight.windowed(window, higher=1),
                "default_window": sight.unwindowed,
            }
            self._look_as(steps[name]())

    def action_step(self, name: str) -> None:
        """As ``step``."""
        self.step(name)

    def on_roi_list_chose(self, event: RoiList.Chose) -> None:
        """Choose the region that was clicked."""
        event.stop()
        if self._is_there:
            self._look_as(self.sight.at(event.place))

    def show(self, seen: Seen | None) -> None:
        """Show what was seen of an image, or nothing."""
        another = seen is None or self._seen is None or seen.image is not self._seen.image
        self._seen = seen
        self._show_picture(seen)
        self.query_one(RoiList).show(seen.image["rois"] if seen else (), self.sight.chosen)
        if another:
            self._show_words()
            self.scroll_home(animate=False)
        self._tell()
        self._later(_IDLE, self._look_ahead)

    def _show_picture(self, seen: Seen | None) -> None:
        put(seen.picture if seen else None, self.query_one("#picture"))
        told = self.query_one("#trouble", Static)
        told.update(f"no picture: {visible(seen.trouble)}" if seen and seen.trouble else "")
        told.display = bool(seen and seen.trouble)

    def _show_words(self) -> None:
        """Show what is said of the image, once it has been read: the picture does not wait for it."""
        gallery, seen, words = self._gallery, self._seen, self.query_one("#words", Static)
        if gallery is None or seen is None:
            words.update("")
            return
        image_id = seen.image["image_id"]
        said = gallery.known_said(image_id)
        words.update(sections({**seen.image, **said}) if said is not None else "reading what is said …")

        def read(_: object) -> None:
            if self._seen is not None and self._seen.image["image_id"] == image_id:
                self._show_words()

        if said is None:
            self._asking.ask(self, "reading the texts", lambda: gallery.said(image_id), read)

    def _go(self, image_id: str | None) -> None:
        if self._timer is not None:
            self._timer.stop()
        before, self._wanted = self._seen, image_id
        self._series = self._series if image_id in self._series else ()
        self.sight = self.sight.elsewhere(same_series=bool(self._series) and before is not None)
        if image_id is None:
            self._later(_UNREAD, lambda: self.show(None))
        elif not self._look_again():
            if time.monotonic() - self._moved > _SETTLED:
                self._look()
            else:
                self._later(_SETTLED, self._look)
        self._moved = time.monotonic()

    def _look_as(self, sight: Sight) -> None:
        self.sight = sight
        if not self._look_again():
            self._look()

    def _look_again(self) -> bool:
        """Show at once what was drawn before; whether it was."""
        if self._gallery is None or self._wanted is None:
            return False
        known = self._gallery.known(self._wanted, self.sight, self._room)
        if known is not None:
            self.show(known)
        return known is not None

    def _look(self) -> None:
        gallery, image_id, sight, room = self._gallery, self._wanted, self.sight, self._room
        if gallery is not None and image_id is not None and self.size:

            def arrived(seen: Seen) -> None:
                if (image_id, sight) == (self._wanted, self.sight):
                    self.show(seen)

            self._asking.ask(self, READING, lambda: gallery.see(image_id, sight, room), arrived)

    def _look_ahead(self) -> None:
        """Read where the image stands in its series, and the image that is likely to be next."""
        gallery, seen, ahead, room = self._gallery, self._seen, self._ahead, self._room
        if gallery is None or seen is None:
            return
        sight = self.sight.elsewhere(same_series=False)
        if ahead is not None and gallery.known(ahead, sight, room) is None:

            def read() -> None:
                gallery.see(ahead, sight, room)
                gallery.said(ahead)

            self._asking.ask(self, "reading ahead", read, _nothing, refused=_nothing, quiet=True)
        if not self._series and seen.image.get("series_key") is not None:
            self._asking.ask(
                self, _SLICES, lambda: gallery.series(seen.image), self._found_series, refused=_nothing, quiet=True
            )

    def _step_slice(self, by: int) -> None:
        gallery, seen = self._gallery, self._seen
        if self._series and self._wanted in self._series:
            self._show_slice(by)
        elif gallery is not None and seen is not None:

            def found(series: tuple[str, ...]) -> None:
                self._found_series(series)
                self._show_slice(by)

            self._asking.ask(self, _SLICES, lambda: gallery.series(seen.image), found)

    def _show_slice(self, by: int) -> None:
        place = self._series.index(self._wanted) + by if self._wanted in self._series else -1
        if not self._series:
            self.app.notify("this image belongs to no series")
        elif 0 <= place < len(self._series):
            after = place + by
            self._ahead = self._series[after] if 0 <= after < len(self._series) else None
            self._go(self._series[place])
        else:
            self.app.notify("this is the {} slice of the series".format("last" if by > 0 else "first"))

    def _found_series(self, series: tuple[str, ...]) -> None:
        if self._wanted in series:
            self._series = series
            self._tell()

    @property
    def _room(self) -> tuple[int, int]:
        """Pixels that the picture may take."""
        width, height = self.scrollable_content_region.size
        if width >= _BESIDE:
            return pixels(Size(width * 3 // 5, max(4, height)))
        return pixels(Size(max(1, width), max(4, int(height * _SHARE))))

    def _tell(self) -> None:
        """Say in words what is looked at, and how."""
        seen = self._seen
        name = visible(str(seen.image["file_name"] or seen.image["image_id"])) if seen else ""
        place = (self._series.index(self._wanted) + 1, len(self._series)) if self._wanted in self._series else None
        self.border_title = Text(name)
        self.border_subtitle = Text(
            self.sight.words(regions=len(seen.image["rois"]), default=seen.window, place=place) if seen else ""
        )

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, work)


READING = "reading the image"
_SLICES = "finding the slices"


def _nothing(_: object) -> None:
    """Nobody waits for this."""
