"""What of an image is looked at, and how: the chosen region, the overlay, the zoom, the window. No screen here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.pixels.depth import Window
    from catalog.pixels.overlay import Mode, Overlay

MODES: tuple[Mode, ...] = ("mask", "box", "crop", "none")
_WORDS = {"mask": "masks", "box": "boxes", "crop": "crop", "none": "no overlay"}


@dataclass(frozen=True, slots=True)
class Sight:
    """How an image is looked at; every step gives another."""

    mode: Mode = "mask"
    chosen: int | None = None
    """Place of the chosen region among the rows of the image."""
    zoom: bool = False
    window: Window | None = None
    """None: the image's own."""

    @property
    def is_whole(self) -> bool:
        """Whether ``whole`` would change nothing."""
        return self == self.whole()

    def stepped(self, by: int, *, regions: int) -> Sight:
        """With the next region chosen, or the one before; from the last on to the first."""
        if not regions:
            return self
        first = 0 if by > 0 else regions - 1
        return replace(self, chosen=first if self.chosen is None else (self.chosen + by) % regions)

    def cycled(self, *, regions: int) -> Sight:
        """With the next overlay; a crop is of the chosen region, so one is chosen for it."""
        mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        changed = replace(self, mode=mode)
        return changed.stepped(1, regions=regions) if mode == "crop" and self.chosen is None else changed

    def zoomed(self, *, regions: int) -> Sight:
        """Close to the chosen region, or back; nothing without regions."""
        if not regions:
            return self
        chosen = self if self.chosen is not None else self.stepped(1, regions=regions)
        return replace(chosen, zoom=not self.zoom)

    def whole(self) -> Sight:
        """The whole image, no region chosen; a crop becomes the masks again."""
        return replace(self, chosen=None, zoom=False, mode="mask" if self.mode == "crop" else self.mode)

    def windowed(self, default: Window | None, *, wider: int = 0, higher: int = 0) -> Sight:
        """Through a wider, narrower, higher or lower window; as it is where none can be chosen."""
        if default is None:
            return self
        return replace(self, window=(self.window or default).widened(wider).moved(higher))

    def unwindowed(self) -> Sight:
        """Through the image's own window."""
        return replace(self, window=None)

    def at(self, place: int) -> Sight:
        """With the region at a place chosen."""
        return replace(self, chosen=place)

    def elsewhere(self, *, same_series: bool) -> Sight:
        """For another image: the overlay stays, the window too along a series, the region does not."""
        kept = self.whole()
        return kept if same_series else replace(kept, window=None)

    def overlay(self, size: tuple[int, int]) -> Overlay:
        """The overlay that is drawn, for a picture that fits into ``size`` pixels."""
        from catalog.pixels.overlay import Overlay

        return Overlay(size, self.mode, self.chosen, self.zoom)

    def words(self, *, regions: int, default: Window | None, place: tuple[int, int] | None) -> str:
        """The state in words; ``place`` is the number of the slice, from 1, and of all."""
        which = f"ROI {self.chosen + 1} of {regions}" if self.chosen is not None else f"{regions} ROIs"
        said = [("1 ROI" if which == "1 ROIs" else which) if regions else "no ROI"]
        said += [_WORDS[self.mode]] if regions else []
        said += ["zoom"] if self.zoom else []
        seen = self.window or default
        said += [f"W {_number(seen.width)} L {_number(seen.level)}"] if seen is not None else []
        said += ["slice {} of {}".format(*place)] if place is not None and place[1] > 1 else []
        return " · ".join(said)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.3g}"
