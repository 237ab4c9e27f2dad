"""An image as it is looked at: its picture, and where it has more than 8 bits, its values and the window over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.pixels.window import by_window


@dataclass(frozen=True, slots=True)
class Window:
    """The values that become grey: from black to white over ``width``, around ``level``; in units of the values."""

    level: float
    width: float

    @classmethod
    def between(cls, low: float, high: float) -> Window:
        """The window from a value that is black to one that is white."""
        return cls((low + high) / 2, max(high - low, 1e-6))

    def moved(self, steps: float) -> Window:
        """Higher, or lower with negative steps, by a tenth of its width each."""
        return Window(self.level + steps * self.width / 10, self.width)

    def widened(self, steps: float) -> Window:
        """Wider, or narrower with negative steps, by a quarter each."""
        return Window(self.level, max(self.width * 1.25**steps, 1e-6))


@dataclass(frozen=True, slots=True)
class Look:
    """One image, and what is needed to see it through another window."""

    picture: NDArray[np.uint8]
    """As a person sees it at first: (height, width) or (height, width, 3), in the viewer's frame."""
    values: NDArray[Any] | None = None
    """(height, width), measured values such as Hounsfield units; None where no window can be chosen."""
    window: Window | None = None
    """The one that ``picture`` was made with, or nearly, where a lookup table made it; None where ``values`` is."""
    function: str = "LINEAR_EXACT"
    """DICOM's VOI LUT Function of ``window``."""
    inverted: bool = False
    """Whether the smallest values are white (MONOCHROME1)."""

    def through(self, window: Window | None) -> NDArray[np.uint8]:
        """The image through a window; as at first where there is none, or none can be chosen."""
        if self.values is None or window is None or window == self.window:
            return self.picture
        grey = by_window(self.values, center=window.level, width=window.width, function=self.function)
        return 255 - grey if self.inverted else grey
