"""An image at the size it is shown in, with numbered regions drawn at that size, one of them chosen, whole or zoomed.

``draw`` draws at the size of the image, for files. A terminal shows it in a few hundred pixels, or with half blocks in
eighty: outlines that are drawn before an image is made smaller vanish with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from catalog.geometry import boxes, masks
from catalog.pixels.draw import COLOURS, Region, box_of, dim, outline
from catalog.pixels.labels import Colour

Mode = Literal["mask", "box", "crop", "none"]
Box = tuple[float, float, float, float]
MARGIN = 0.5
"""Share of the longer side of a region that is shown around it when it is zoomed to."""
NUMBERED = 40
"""Regions that are numbered at their outlines; of more, only the chosen one is."""
_COARSE = 240
"""Canvases with a shorter long side have thin outlines and small numbers."""
_SMOOTH_UP_TO = 8


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is shown of an image and its regions."""

    size: tuple[int, int]
    """Pixels, width and height, that the picture fits into."""
    mode: Mode = "mask"
    """Outlines of masks or of boxes; ``crop`` shows the chosen region's box alone, ``none`` no regions."""
    chosen: int | None = None
    """Place of the chosen region among the rows; it is outlined thicker, and what lies outside of it is dimmed."""
    zoom: bool = False
    """Whether the chosen region fills the picture, with a margin."""


def overlaid(image: NDArray[np.uint8], rois: Sequence[Mapping[str, Any]], overlay: Overlay) -> Image.Image:
    """The part of an image that is looked at, as large as fits, with its regions outlined and numbered.

    Args:
        image: uint8, (height, width) or (height, width, 3), in the viewer's frame.
        rois: Rows of ``rois``; a region is numbered by its place among them, from 1. A box outside of the image is
            left out; a mask of another size gives way to its box.
        overlay: What is shown.

    Returns:
        RGB, no larger than ``overlay.size`` and at least a pixel.
    """
    height, width = image.shape[:2]
    clipped = [boxes.clip(box_of(roi), width=width, height=height) for roi in rois]
    chosen = clipped[overlay.chosen] if overlay.chosen is not None and overlay.chosen < len(clipped) else None
    part = _part(chosen, overlay, width=width, height=height)
    canvas, scale = _cut(image, part, overlay.size)
    if overlay.mode in {"none", "crop"}:
        return canvas
    found = [
        (at, _region(roi, box, at, part, scale, canvas.size, image.shape[:2], masked=overlay.mode == "mask"))
        for at, (roi, box) in enumerate(zip(rois, clipped, strict=True))
        if box is not None and _meets(box, part)
    ]
    return _drawn(canvas, found, overlay.chosen) if found else canvas


def colour_of(place: int) -> Colour:
    """The colour of the region at a place among the rows."""
    return COLOURS[place % len(COLOURS)]


def _part(box: Box | None, overlay: Overlay, *, width: int, height: int) -> tuple[int, int, int, int]:
    """The pixels of the image that are shown: all, the chosen region's box, or that with a margin."""
    if box is None or not (overlay.zoom or overlay.mode == "crop"):
        return 0, 0, width, height
    around = 0.0 if overlay.mode == "crop" else max(4.0, MARGIN * max(box[2] - box[0], box[3] - box[1]))
    x0, y0 = max(0, math.floor(box[0] - around)), max(0, math.floor(box[1] - around))
    return x0, y0, min(width, math.ceil(box[2] + around)), min(height, math.ceil(box[3] + around))


def _cut(
    image: NDArray[np.uint8], part: tuple[int, int, int, int], size: tuple[int, int]
) -> tuple[Image.Image, tuple[float, float]]:
    """A part of an image at the size it is shown in, and the pixels of the canvas for each of its own."""
    x0, y0, x1, y1 = part
    piece = Image.fromarray(np.ascontiguousarray(image[y0:y1, x0:x1]))
    fit = min(size[0] / piece.width, size[1] / piece.height)
    shown = (max(1, min(size[0], round(piece.width * fit))), max(1, min(size[1], round(piece.height * fit))))
    way = Image.Resampling.NEAREST if fit > _SMOOTH_UP_TO else Image.Resampling.BILINEAR
    canvas = piece.resize(shown, way, reducing_gap=2.0).convert("RGB")
    return canvas, (canvas.width / piece.width, canvas.height / piece.height)


def _meets(box: Box, part: tuple[int, int, int, int]) -> bool:
    return box[0] < part[2] and box[2] > part[0] and box[1] < part[3] and box[3] > part[1]


def _region(
    roi: Mapping[str, Any],
    box: Box,
    at: int,
    part: tuple[int, int, int, int],
    scale: tuple[float, float],
    canvas: tuple[int, int],
    shape: tuple[int, ...],
    *,
    masked: bool,
) -> Region:
    """A region on the canvas, at least a pixel of it."""
    seen = (max(box[0], part[0]), max(box[1], part[1]), min(box[2], part[2]), min(box[3], part[3]))
    left, top = math.floor((seen[0] - part[0]) * scale[0]), math.floor((seen[1] - part[1]) * scale[1])
    left, top = min(left, canvas[0] - 1), min(top, canvas[1] - 1)
    right = max(left + 1, min(canvas[0], math.ceil((seen[2] - part[0]) * scale[0])))
    bottom = max(top + 1, min(canvas[1], math.ceil((seen[3] - part[1]) * scale[1])))
    covers = _covers(roi.get("mask") if masked else None, seen, shape, (right - left, bottom - top))
    return Region(left, top, covers, str(at + 1), colour_of(at))


def _covers(counts: str | None, box: Box, shape: tuple[int, ...], size: tuple[int, int]) -> NDArray[np.bool_]:
    """What a region covers of a box of the canvas, whose size is (width, height): its mask, else all."""
    whole = np.ones((size[1], size[0]), dtype=bool)
    if not counts:
        return whole
    try:
        mask = masks.decode(counts, width=shape[1], height=shape[0])
    except ValueError:  # another size than the image
        return whole
    cut = mask[math.floor(box[1]) : math.ceil(box[3]), math.floor(box[0]) : math.ceil(box[2])]
    if not cut.any():
        return whole
    shown = np.asarray(Image.fromarray(cut * np.uint8(255)).resize(size, Image.Resampling.BOX))
    return shown >= min(128, int(shown.max()))


def _drawn(canvas: Image.Image, found: Sequence[tuple[int, Region]], chosen: int | None) -> Image.Image:
    """Outlines and numbers, the chosen region's last and over the others."""
    pixels = np.array(canvas)
    emphasised = [region for at, region in found if at == chosen]
    if emphasised:
        dim(pixels, emphasised)
    coarse = max(canvas.size) < _COARSE
    thin, thick = (1, 2) if coarse else (max(1, max(canvas.size) // 400), max(4, max(canvas.size) // 160))
    for at, region in sorted(found, key=lambda item: (item[0] == chosen, -item[1].covers.size)):
        outline(pixels, region, thick if at == chosen else thin, square=True, edge=0 if coarse else 1)
    picture = Image.fromarray(pixels)
    _number(picture, found, chosen, size=9 if coarse else max(12, max(canvas.size) // 36))
    return picture


def _number(picture: Image.Image, found: Sequence[tuple[int, Region]], chosen: int | None, *, size: int) -> None:
    """Write the number of each region at its upper left, on its colour; the chosen one's last."""
    font = ImageFont.load_default(size=size)
    pen = ImageDraw.Draw(picture)
    shown = [item for item in found if len(found) <= NUMBERED or item[0] == chosen]
    for _, region in sorted(shown, key=lambda item: item[0] == chosen):
        left, top, right, bottom = pen.textbbox((0, 0), region.label, font=font)
        wide, high = int(right - left) + 2, int(bottom - top) + 2
        x = max(0, min(region.named_at[0], picture.width - wide))
        y = max(0, min(region.named_at[1] - high, picture.height - high))
        pen.rectangle((x, y, x + wide - 1, y + high - 1), fill=region.colour)
        pen.text((x + 1 - left, y + 1 - top), region.label, fill="black", font=font)
