"""One image twice, side by side: the regions or the texts of two makers, and how far they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Select, Static

from tui.browser.asking import Asking
from tui.browser.compare_sides import Maker, first_two, in_words, makers, partners, text_of
from tui.browser.preview.gallery import Gallery, Seen
from tui.browser.preview.picture import Picture, pixels, put
from tui.browser.preview.roi_list import RoiList
from tui.browser.preview.sight import Sight
from tui.cells import visible

if TYPE_CHECKING:
    from catalog.api import Lake

Image = Mapping[str, Any]
Neighbour = Callable[[int], str | None]
"""The image so many rows away from the one that was shown last; None beyond the ends."""


class Side(VerticalScroll):
    """What one maker says: a selector, the picture with its regions, their lines or the texts."""

    DEFAULT_CSS = """
    Side { padding: 0 1; }
    Side Select { height: 1; }
    Side #picture { width: auto; height: auto; }
    Side #text { height: auto; }
    """

    class Changed(Message):
        """Another maker was chosen, or there is another size to draw for."""

        def __init__(self, side: Side) -> None:
            super().__init__()
            self.side = side

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self.border_title = title
        self.known: list[Maker] = []
        self.maker: Maker | None = None

    def compose(self) -> ComposeResult:
        """The selector above what it selects."""
        yield Select[int]([], prompt="nobody", compact=True)
        yield Picture(id="picture")
        yield RoiList()
        yield Static(id="text", markup=False)

    def offer(self, image: Image, known: list[Maker], maker: Maker | None) -> None:
        """Let a person choose among makers; one is chosen already."""
        self.known, self.maker = known, maker
        select = self.query_one(Select)
        with select.prevent(Select.Changed):
            select.set_options((one.words(image), place) for place, one in enumerate(known))
            select.value = known.index(maker) if maker is not None else Select.NULL

    def turn(self) -> None:
        """Choose the next maker."""
        if self.known:
            self.query_one(Select).value = (self.known.index(self.maker) + 1) % len(self.known) if self.maker else 0

    def on_select_changed(self, event: Select.Changed) -> None:
        """Tell that another maker was chosen."""
        event.stop()
        if isinstance(event.value, int):
            self.maker = self.known[event.value]
            self.post_message(self.Changed(self))

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.post_message(self.Changed(self))

    @property
    def room(self) -> tuple[int, int]:
        """Pixels that the picture may take."""
        return pixels(Size(max(1, self.scrollable_content_region.width), max(4, int(self.size.height * 0.6))))

    def show(self, image: Image, seen: Seen, other: Maker | None) -> None:
        """Show the picture and the rows of the maker; ``other`` is the maker of the other side."""
        put(seen.picture, self.query_one("#picture"))
        rows = self.maker.rows(image) if self.maker else []
        regions = self.maker is not None and self.maker.what == "rois"
        notes = partners(image, self.maker, other) if self.maker is not None else {}
        self.query_one(RoiList).show(rows if regions else [], None, notes=notes)
        trouble = f"no picture: {visible(seen.trouble)}" if seen.trouble else ""
        self.query_one("#text", Static).update(trouble if regions or not rows else text_of(rows))


class CompareScreen(Screen[None]):
    """Two makers beside each other; below each other where the terminal is narrow."""

    CSS = """
    CompareScreen #agreement { height: auto; padding: 0 1; background: $panel; }
    CompareScreen #sides { height: 1fr; }
    CompareScreen Side { width: 1fr; height: 1fr; }
    CompareScreen.-narrow #sides { layout: vertical; }
    CompareScreen.-narrow Side { width: 100%; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "back", id="compare.back"),
        Binding("1", "turn('left')", "next on the left", id="compare.left"),
        Binding("2", "turn('right')", "next on the right", id="compare.right"),
        Binding("b", "overlay", "masks, boxes, none", id="compare.overlay"),
        Binding("n", "go(1)", "next image", id="compare.next"),
        Binding("p", "go(-1)", "previous image", id="compare.previous"),
        Binding("tab", "app.focus_next", "next side", show=False, id="compare.tab"),
    ]

    def __init__(self, asking: Asking, lake: Lake, image_id: str, *, neighbour: Neighbour | None = None) -> None:
        super().__init__()
        self._asking, self._gallery = asking, Gallery(lake)
        self._image_id, self._neighbour = image_id, neighbour
        self._image: Image | None = None
        self._masks = Sight()

    def compose(self) -> ComposeResult:
        """How far they agree, above the sides."""
        yield Static(id="agreement", markup=False)
        with Horizontal(id="sides"):
            yield Side("left", id="left")
            yield Side("right", id="right")
        yield Footer()

    def on_mount(self) -> None:
        """Read the image."""
        self._read(self._image_id)

    def on_unmount(self) -> None:
        """Let go of files."""
        self._gallery.close()

    @property
    def agreement(self) -> str:
        """What is said of both sides."""
        return str(self.query_one("#agreement", Static).content)

    def action_turn(self, side: str) -> None:
        """Choose the next maker of a side."""
        self.query_one(f"#{side}", Side).turn()

    def action_overlay(self) -> None:
        """Show masks, boxes, or none."""
        self._masks = self._masks.cycled(regions=0)
        if self._masks.mode == "crop":
            self._masks = self._masks.cycled(regions=0)
        self._draw_both()

    def action_go(self, rows: int) -> None:
        """Compare the next image, or the previous one."""
        found = self._neighbour(rows) if self._neighbour is not None else None
        if found is None:
            self.notify("no further image here")
        else:
            self._read(found)

    def on_side_changed(self, event: Side.Changed) -> None:
        """Draw both sides: what one shows is told on the other too."""
        event.stop()
        self._draw_both()

    def _read(self, image_id: str) -> None:
        gallery = self._gallery
        self._asking.ask(
            self, "reading the image", lambda: {**gallery.image(image_id), **gallery.said(image_id)}, self._arrived
        )

    def _arrived(self, image: Image) -> None:
        self._image = image
        left, right = self._sides
        known = makers(image)
        chosen = first_two(known)
        if left.maker in known and right.maker in known:
            chosen = left.maker, right.maker  # the same two along the images
        left.offer(image, known, chosen[0])
        right.offer(image, known, chosen[1])
        self._draw_both()

    def _draw_both(self) -> None:
        if (image := self._image) is None:
            return
        left, right = self._sides
        name = visible(str(image["file_name"] or image["image_id"]))
        self.query_one("#agreement", Static).update(f"{name}: {in_words(image, left.maker, right.maker)}")
        for side, other in ((left, right), (right, left)):
            self._draw(image, side, other.maker)

    def _draw(self, image: Image, side: Side, other: Maker | None) -> None:
        maker, room, sight = side.maker, side.room, self._masks

        def drawn() -> Seen:
            regions = maker.rows(image) if maker is not None and maker.what == "rois" else []
            return self._gallery.draw(image, regions, sight, room)

        def show(seen: Seen) -> None:
            if (self._image, side.maker) == (image, maker):
                side.show(image, seen, other)

        self._asking.ask(side, "drawing", drawn, show)

    @property
    def _sides(self) -> tuple[Side, Side]:
        return self.query_one("#left", Side), self.query_one("#right", Side)
