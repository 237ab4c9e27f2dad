"""Boxes at places from a seed, drawn as MedTrinity draws them, and saved as JPEG."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1; half-open pixels."""
Pen = Literal["pillow", "opencv"]
PENS: tuple[Pen, Pen] = ("pillow", "opencv")
PURE_GREEN = (0, 255, 0)
SMALLEST = 8
"""Pixels of the shortest side."""
_AT_AN_EDGE = 0.2
"""Share of boxes that touch an edge of their image."""
_ALIKE = 0.5
"""IoU from which two boxes of an image would be one."""


def places(rng: np.random.Generator, width: int, height: int) -> list[Box]:
    """One to four boxes that may cross, of 8 pixels to 60 % of the width, as many small as large."""
    wanted, found = int(rng.integers(1, 5)), list[Box]()
    for _ in range(40):
        box = _place(rng, width, height)
        if len(found) < wanted and all(iou(box, other) < _ALIKE for other in found):
            found.append(box)
    return found


def _place(rng: np.random.Generator, width: int, height: int) -> Box:
    wide = int(np.exp(rng.uniform(np.log(SMALLEST), np.log(0.6 * width))))
    high = int(np.clip(wide * np.exp(rng.normal(0, 0.4)), SMALLEST, 0.9 * height))
    left, top = int(rng.integers(0, width - wide + 1)), int(rng.integers(0, height - high + 1))
    if rng.random() < _AT_AN_EDGE:
        ends = ((0, top), (left, 0), (width - wide, top), (left, height - high))
        left, top = ends[int(rng.integers(4))]
    return left, top, left + wide, top + high


def burnt(pixels: NDArray[np.uint8], boxes: list[Box], *, pen: Pen, quality: int) -> NDArray[np.uint8]:
    """The image with boxes drawn into it, as it is after JPEG at 4:2:0.

    Args:
        pixels: Shape (height, width) or (height, width, 3).
        boxes: What is drawn.
        pen: Pillow draws width 2 as the two outermost pixels of a box, OpenCV thickness 2 as three around its edge.
        quality: Of JPEG, 1 to 95.
    """
    image = Image.fromarray(pixels).convert("RGB")
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in boxes:
        if pen == "pillow":
            draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=PURE_GREEN, width=2)
        else:
            draw.rectangle((x0 - 1, y0 - 1, x1, y1), outline=PURE_GREEN, width=3)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
    file.seek(0)
    return np.asarray(Image.open(file))


def iou(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    common = max(wide, 0) * max(high, 0)
    return common / (_area(one) + _area(other) - common)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
