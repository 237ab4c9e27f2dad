"""One annotation becomes a region, a description, and failures for what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import boxes, masks
from catalog.geometry.masks import MaskRegion
from catalog.ingest.coco.text import clean, key_of
from catalog.ingest.roi_kinds import kind_of
from catalog.records import Description, Failure, Image, Record, Roi

_MOST_PIXELS = 1 << 27
"""Pixels of an image whose masks are drawn."""
_MEND_RLE = "mend the counts, or save the segmentation again"
_MEND_POLYGON = "give x and y of at least 3 points"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with an annotation."""

    error: str
    reason: str


def read(said: Any, image: Image, labels: Mapping[str, str], *, path: str) -> Iterator[Record]:
    """The records of one annotation.

    Args:
        said: The annotation as parsed.
        image: Its image; width and height None where neither file nor JSON says them.
        labels: Category id -> name.
        path: The COCO file, for failures.
    """
    annotation = _Annotation(said, image, labels)
    caption = said.get("caption")
    if isinstance(caption, str) and caption.strip():
        yield Description(image_id=image.image_id, text=clean(caption))
    if not isinstance(caption, str) or said.get("bbox") or said.get("segmentation"):
        region = annotation.region()
        if region is not None:
            yield region
    item = clean(f"annotation {said.get('id')}")
    for trouble in annotation.troubles:
        message = clean(f"{item} of '{image.file_name}' in '{path}': {trouble.reason}")
        yield Failure(input=path, item=item, image_id=image.image_id, error=trouble.error, message=message)


class _Annotation:
    """An annotation on its way into a region."""

    def __init__(self, said: Mapping[str, Any], image: Image, labels: Mapping[str, str]) -> None:
        self._said, self._image, self._labels = said, image, labels
        self.troubles: list[Trouble] = []

    def region(self) -> Roi | None:
        """The region, or None where none can be told; ``troubles`` then has the reason."""
        try:
            width, height = self._size()
            label = self._label()
            found = self._mask(width, height)
            box = self._box(width, height, needed=found is None)
        except InputError as error:
            self._tell(error.kind, str(error))
            return None
        if found is None and box is None:
            return None
        shape = found.fields() if found is not None else dict(zip(("x0", "y0", "x1", "y1"), box or (), strict=True))
        return Roi(
            image_id=self._image.image_id,
            label=label,
            kind=kind_of(label),
            origin="source_box" if found is None else "source_mask",
            score=self._score(),
            width=width,
            height=height,
            **shape,
        )

    def _tell(self, error: str, reason: str) -> None:
        self.troubles.append(Trouble(error, reason))

    def _size(self) -> tuple[int, int]:
        if self._image.width is None or self._image.height is None:
            raise InputError("its image has no width and height; add them, or the image's file", kind="size")
        return self._image.width, self._image.height

    def _label(self) -> str | None:
        given = self._said.get("category_id")
        if given is None:
            return None
        label = self._labels.get(key_of(given) or "")
        if label is None:
            raise InputError(f"no category has the id {given!r}; list it under 'categories'", kind="category")
        return label

    def _score(self) -> float | None:
        given = self._said.get("score")
        if given is None:
            return None
        numbers = _numbers([given])
        if numbers is None or not math.isfinite(numbers[0]):
            self._tell("score", f"its score {_shown(given)} is not a number, so it is left out; mend it")
            return None
        return numbers[0]

    def _mask(self, width: int, height: int) -> MaskRegion | None:
        given = self._said.get("segmentation")
        if given in (None, [], [[]], {}):
            return None
        if width * height > _MOST_PIXELS:
            self._tell("size", f"its image of {width}x{height} is too large to draw masks on; cut it into tiles")
            return None
        pixels = self._pixels(given, width, height)
        if pixels is None:
            return None
        region = masks.region(pixels)
        if region is None:
            self._tell("mask", "its segmentation covers no pixel of the image; mend it")
        return region

    def _pixels(self, given: Any, width: int, height: int) -> NDArray[np.uint8] | None:
        """The mask drawn, or None where no part of the segmentation can be; a wrong size tells against the box too."""
        if isinstance(given, Mapping):
            return self._decoded(given, width, height)
        if isinstance(given, list):
            flat = _numbers(given) is not None
            polygons = [polygon for polygon in ([given] if flat else given) if self._is_polygon(polygon, width, height)]
            return masks.from_polygons(polygons, width=width, height=height) if polygons else None
        self._tell("segmentation", f"its segmentation {_shown(given)} is neither polygons nor RLE; mend it")
        return None

    def _decoded(self, given: Mapping[str, Any], width: int, height: int) -> NDArray[np.uint8] | None:
        counts, size = given.get("counts"), given.get("size")
        if size != [height, width]:
            raise InputError(
                f"its RLE has the size {_shown(size)}, its image [{height}, {width}]; make them the same",
                kind="mask-size",
            )
        if not isinstance(counts, str) and not _are_runs(counts):
            self._tell("rle", f"its RLE counts {_shown(counts)} are neither text nor run lengths; {_MEND_RLE}")
            return None
        try:
            return masks.from_counts(counts, width=width, height=height)
        except ValueError as error:
            self._tell("rle", f"{error}; {_MEND_RLE}")
            return None

    def _is_polygon(self, given: Any, width: int, height: int) -> bool:
        """Whether it can be drawn. What reaches outside is cut off there, and told."""
        numbers = _numbers(given)
        if numbers is None or not np.isfinite(numbers).all():
            self._tell("polygon", f"its polygon {_shown(given)} is not a list of finite numbers; mend it")
            return False
        if len(numbers) < 6 or len(numbers) % 2:
            self._tell("polygon", f"its polygon {_shown(given)} has {len(numbers)} numbers; {_MEND_POLYGON}")
            return False
        edges = (min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))
        far = max(width, height)  # an outline is walked point by point, however long
        if edges[0] < -far or edges[1] < -far or edges[2] > 2 * far or edges[3] > 2 * far:
            self._tell("outside", f"its polygon reaches {_shown(edges)}, far outside its image of {width}x{height}")
            return False
        if min(edges[0], edges[1]) < -1 or edges[2] > width + 1 or edges[3] > height + 1:
            reason = f"its polygon reaches {_shown(edges)}, outside its image of {width}x{height}; it is cut off there"
            self._tell("outside", reason)
        return True

    def _box(self, width: int, height: int, *, needed: bool) -> Box | None:
        """The part of the box that lies in the image; of a region with a mask the box is only looked at."""
        given = self._said.get("bbox")
        if given in (None, []):
            if needed and not self.troubles:
                self._tell("empty", "it has neither bbox nor segmentation, so it has no region; add one")
            return None
        numbers = _numbers(given)
        if numbers is None or len(numbers) != 4:
            self._tell("box", f"its bbox {_shown(given)} is not x, y, width, height; mend it")
            return None
        x, y, wide, high = numbers
        box = (x, y, x + wide, y + high)
        clipped = boxes.clip(box, width=width, height=height)
        problem = boxes.problem(box, width=width, height=height)
        if problem is not None and (needed or not _degenerate(wide, high)):
            done = "left out; mend its bbox" if clipped is None else "cut off at the edge"
            self._tell("box", f"{problem} ({_shown(given)} as x, y, width, height); {done if needed else 'mask taken'}")
        return clipped


def _degenerate(wide: float, high: float) -> bool:
    """Annotators write 0 for the extent of a line of pixels; with a mask beside it that harms nothing."""
    return wide == 0 or high == 0


def _numbers(given: Any) -> list[float] | None:
    if not isinstance(given, Sequence) or isinstance(given, str):
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given):
        return None
    try:
        return [float(value) for value in given]
    except OverflowError:
        return [math.inf for _ in given]


def _are_runs(counts: Any) -> TypeGuard[list[int]]:
    return isinstance(counts, list) and all(type(run) is int and run >= 0 for run in counts)


def _shown(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else f"{text[:77]}..."
