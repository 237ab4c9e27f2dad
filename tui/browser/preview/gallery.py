"""Images of a lake as they are looked at; what was read and drawn lately is kept. Its methods may take their time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import TriptychError, UsageError
from tui.browser.preview.kept import Kept
from tui.browser.preview.sight import Sight

if TYPE_CHECKING:
    from PIL import Image

    from catalog.api import Lake
    from catalog.pixels.depth import Look, Window

MOST, MOST_BYTES = 32, 64 << 20
"""Pictures that are kept."""
_LOOKS, _LOOK_BYTES = 4, 128 << 20
_ROWS = 64
_SERIES = 16
_SAID = ("descriptions", "findings")

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to show of an image."""

    image: Mapping[str, Any]
    """Its columns, and its regions under rois."""
    picture: Image.Image | None
    """RGB; None where there are no pixels."""
    window: Window | None = None
    """The image's own window, where others can be chosen."""
    trouble: str = ""
    """Why there is no picture."""


class Gallery:
    """Looks at the images of a lake, from any thread. Close it."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._source = lake.pixels()
        self._rows: Kept[str, dict[str, Any]] = Kept(most=_ROWS, most_bytes=_ROWS, weigh=lambda _: 1)
        self._said: Kept[str, dict[str, Any]] = Kept(most=_ROWS, most_bytes=_ROWS, weigh=lambda _: 1)
        self._series: Kept[str, tuple[str, ...]] = Kept(most=_SERIES, most_bytes=_SERIES, weigh=lambda _: 1)
        self._looks: Kept[str, Look] = Kept(most=_LOOKS, most_bytes=_LOOK_BYTES, weigh=_bytes_of)
        self._seen: Kept[tuple[str, Sight, Size], Seen] = Kept(most=MOST, most_bytes=MOST_BYTES, weigh=_weight)

    def known(self, image_id: str, sight: Sight, size: Size) -> Seen | None:
        """What was seen before, at once."""
        return self._seen.get((image_id, sight, size))

    def see(self, image_id: str, sight: Sight, size: Size) -> Seen:
        """Read an image with its regions, and draw it into ``size`` pixels.

        Raises:
            TriptychError: The lake cannot be read, or has no such image.
        """
        known = self.known(image_id, sight, size)
        if known is not None:
            return known
        image = self.image(image_id)
        seen = self.draw(image, image["rois"], sight, size)
        self._seen.put((image_id, sight, size), seen)
        return seen

    def draw(self, image: Mapping[str, Any], rois: Sequence[Mapping[str, Any]], sight: Sight, size: Size) -> Seen:
        """Draw an image that was read with some of its regions; an image without pixels says why."""
        try:
            looked = self._look(image)
        except TriptychError as error:
            return Seen(image, None, trouble=str(error))
        from catalog.pixels.overlay import overlaid

        return Seen(image, overlaid(looked.through(sight.window), rois, sight.overlay(size)), looked.window)

    def image(self, image_id: str) -> dict[str, Any]:
        """An image with its regions.

        Raises:
            TriptychError: The lake cannot be read, or has no such image.
        """
        row = self._rows.get(image_id)
        if row is None:
            found = self.lake.images([image_id])
            if not found["images"].num_rows:
                raise UsageError(f"no image '{image_id}' in the lake any more; r reads the slice again")
            row = {**found["images"].to_pylist()[0], "rois": found["rois"].to_pylist()}
            self._rows.put(image_id, row)
        return row

    def said(self, image_id: str) -> dict[str, Any]:
        """What is said of an image, under descriptions and findings: half of the time that all takes.

        Raises:
            TriptychError: The lake cannot be read.
        """
        said = self.known_said(image_id)
        if said is None:
            found = self.lake.images([image_id], also=_SAID)
            said = {table: found[table].to_pylist() for table in _SAID}
            self._said.put(image_id, said)
        return said

    def known_said(self, image_id: str) -> dict[str, Any] | None:
        """The same, at once, if it was read before."""
        return self._said.get(image_id)

    def series(self, image: Mapping[str, Any]) -> tuple[str, ...]:
        """Ids of the images of the same series, in order; none where it has none.

        Raises:
            TriptychError: The lake cannot be read.
        """
        key = image.get("series_key")
        if key is None:
            return ()
        found = self._series.get(key)
        if found is None:
            found = tuple(self.lake.series(key))
            self._series.put(key, found)
        return found

    def forget(self) -> None:
        """Read everything anew: rows have been committed."""
        for kept in (self._rows, self._said, self._series, self._looks, self._seen):
            kept.clear()

    def close(self) -> None:
        """Let go of files."""
        self._source.close()

    def _look(self, image: Mapping[str, Any]) -> Look:
        looked = self._looks.get(image["image_id"])
        if looked is None:
            from catalog.pixels.view import look

            looked = look(self._source, image)
            self._looks.put(image["image_id"], looked)
        return looked


def _bytes_of(looked: Look) -> int:
    return looked.picture.nbytes + (looked.values.nbytes if looked.values is not None else 0)


def _weight(seen: Seen) -> int:
    return 3 * seen.picture.width * seen.picture.height if seen.picture is not None else 0
