"""An image with its regions of interest: outlined and named, what lies outside of them dimmed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.errors import InputError
from catalog.geometry import boxes, masks
from catalog.pixels.labels import Colour, write_labels

MIN_SIDE = 512
"""Images with a shorter long side are enlarged, so that outlines and names are legible."""
DIMMED = 0.5
"""Share of its brightness that what lies outside of all regions keeps."""
COLOURS: tuple[Colour, ...] = (
    (240, 228, 66),
    (86, 180, 233),
    (255, 120, 40),
    (60, 210, 150),
    (240, 130, 190),
    (255, 255, 255),
    (180, 150, 255),
    (230, 159, 0),
)
"""After Okabe and Ito, without their dark ones: told apart by colour-blind eyes, bright on radiographs."""
_SMOOTH_UP_TO = 8
_ROUND_UP_TO = 1 << 20
_EDGE: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Region:
    """One ROI on the canvas: what it covers, cut to its box."""

    left: int
    top: int
    covers: NDArray[np.bool_]
    """(height, width) of the box in canvas pixels, True inside the region."""
    label: str
    colour: Colour

    @property
    def named_at(self) -> tuple[int, int, int, int]:
        """The box that the name is written beside: it begins at the highest point of the region."""
        left, top, right, bottom = self.box
        highest = int(self.covers.any(axis=1).argmax())
        return left + int(self.covers[highest].argmax()), top + highest, right, bottom

    @property
    def box(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom in canvas pixels, half-open."""
        height, width = self.covers.shape
        return self.left, self.top, self.left + width, self.top + height


def draw(image: NDArray[np.uint8], rois: Sequence[Mapping[str, Any]]) -> Image.Image:
    """Outline and name regions on an image; without any, the image as it is.

    Args:
        image: uint8, (height, width) or (height, width, 3), in the viewer's frame.
        rois: Rows of ``rois``: x0, y0, x1, y1 in half-open pixels, mask (COCO RLE counts or None), label, kind. A box
            outside of the image is left out; a mask of another size gives way to its box.

    Returns:
        RGB, enlarged by a whole number where the long side is under 512 pixels.

    Raises:
        InputError: The image is not such an array ("shape").
    """
    _check(image)
    height, width = image.shape[:2]
    scale = max(1, math.ceil(MIN_SIDE / max(height, width)))
    regions = [region for region in _regions(rois, height=height, width=width, scale=scale) if region.covers.any()]
    if not regions:
        return Image.fromarray(image)
    canvas = _enlarged(image, scale)
    dim(canvas, regions)
    thick = max(2, round(max(canvas.shape) / 400))
    for region in sorted(regions, key=lambda region: -region.covers.size):
        outline(canvas, region, thick)
    picture = Image.fromarray(canvas)
    write_labels(picture, [(region.named_at, region.label, region.colour) for region in regions], clearance=thick + 2)
    return picture


def _regions(rois: Sequence[Mapping[str, Any]], *, height: int, width: int, scale: int) -> list[Region]:
    labels = [_label(roi) for roi in rois]
    distinct = list(dict.fromkeys(labels))
    by_label = len(distinct) > 1 or len(rois) > len(COLOURS)
    found = []
    for at, (roi, label) in enumerate(zip(rois, labels, strict=True)):
        box = boxes.clip(box_of(roi), width=width, height=height)
        if box is not None:
            colour = COLOURS[(distinct.index(label) if by_label else at) % len(COLOURS)]
            left, top, covers = _covered(roi.get("mask"), box, height=height, width=width, scale=scale)
            found.append(Region(left, top, covers, label, colour))
    return found


def box_of(roi: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of a row of ``rois``; NaN where an edge is unknown."""
    x0, y0, x1, y1 = (math.nan if roi.get(edge) is None else float(roi[edge]) for edge in ("x0", "y0", "x1", "y1"))
    return x0, y0, x1, y1


def _covered(
    counts: str | None, box: tuple[float, float, float, float], *, height: int, width: int, scale: int
) -> tuple[int, int, NDArray[np.bool_]]:
    """Left, top and cover of a region on the canvas: its mask cut to its box, else the whole box."""
    if counts:
        try:
            mask = masks.decode(counts, width=width, height=height) != 0
        except ValueError:  # another size than the image
            mask = np.zeros((0, 0), dtype=bool)
        x0, y0, x1, y1 = math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])
        cut = mask[y0:y1, x0:x1]
        if cut.any():
            return x0 * scale, y0 * scale, cut.repeat(scale, axis=0).repeat(scale, axis=1)
    left, top = math.floor(box[0] * scale), math.floor(box[1] * scale)
    right, bottom = math.ceil(box[2] * scale), math.ceil(box[3] * scale)
    return left, top, np.ones((bottom - top, right - left), dtype=bool)


def _enlarged(image: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    picture = Image.fromarray(image).convert("RGB")
    if scale > 1:
        size = (picture.width * scale, picture.height * scale)
        smooth = Image.Resampling.LANCZOS if scale <= _SMOOTH_UP_TO else Image.Resampling.NEAREST
        picture = picture.resize(size, smooth)
    return np.array(picture)


def dim(canvas: NDArray[np.uint8], regions: Sequence[Region]) -> None:
    """Darken what lies outside of all regions."""
    outside = np.ones(canvas.shape[:2], dtype=bool)
    for region in regions:
        left, top, right, bottom = region.box
        outside[top:bottom, left:right] &= ~region.covers
    canvas[outside] = (canvas[outside] * DIMMED).astype(np.uint8)


def outline(canvas: NDArray[np.uint8], region: Region, thick: int, *, square: bool = False, edge: int = 1) -> None:
    """Draw around a region, not over it, with a dark edge; along the border of the image, just inside of it.

    Round corners take longer; boxes, large regions, and all that are said to be ``square`` keep square ones.
    """
    reach = thick + edge
    height, width = canvas.shape[:2]
    left, top, right, bottom = region.box
    padded = np.pad(region.covers, reach)
    square = square or bool(region.covers.all()) or padded.size > _ROUND_UP_TO
    y0, x0 = max(0, top - reach), max(0, left - reach)
    y1, x1 = min(height, bottom + reach), min(width, right + reach)
    window = (slice(y0 - top + reach, y1 - top + reach), slice(x0 - left + reach, x1 - left + reach))
    inside, target = padded[window], canvas[y0:y1, x0:x1]
    rows, columns = np.ogrid[y0:y1, x0:x1]
    at_border = (rows < thick) | (columns < thick) | (rows >= height - thick) | (columns >= width - thick)
    for size, colour in ((reach, _EDGE), (thick, region.colour)):
        target[_grown(padded, size, square=square)[window] & (~inside | at_border)] = colour


def _grown(covers: NDArray[np.bool_], by: int, *, square: bool) -> NDArray[np.bool_]:
    """A region and all within ``by`` pixels of it; corners stay square, or become round, which takes longer."""
    from scipy import ndimage

    if not square:
        return np.asarray(ndimage.distance_transform_edt(~covers) <= by)
    return np.asarray(ndimage.maximum_filter(covers.view(np.uint8), size=2 * by + 1, mode="constant") != 0)


def _label(roi: Mapping[str, Any]) -> str:
    return " ".join(str(roi.get("label") or roi.get("kind") or "region").split())


def _check(image: NDArray[Any]) -> None:
    if image.dtype != np.uint8 or image.ndim not in {2, 3} or (image.ndim == 3 and image.shape[2] != 3):
        raise InputError(
            f"cannot draw on an array of {image.dtype} {image.shape}; use catalog.pixels.view", kind="shape"
        )
