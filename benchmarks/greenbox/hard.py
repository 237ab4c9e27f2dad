"""Two cases of their own: green text, which is no box, and boxes of which a side or two lie outside the image."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.greenbox.drawn import PENS, PURE_GREEN, Box, burnt, places
from benchmarks.greenbox.pictures import Pixels
from benchmarks.greenbox.score import QUALITIES, Score, merged
from generators.rois.greenbox import find

_LINES = (
    "LIVER TRV  12:30:05",
    "MI 0.8 TIS 0.4  18Hz",
    "D 2.35 cm  HR 80 bpm",
    "GAIN 60 DEPTH 16.0 cm",
    "88B0 HHH D0D0 #2",
)
_SIZES = (12, 16, 24, 36)
"""Pixels of the font."""
_BEYOND = 20
"""Pixels by which a box runs off the image."""


def written(pixels: Pixels, *, size: int) -> Pixels:
    """The image with lines of green text in its upper left corner, as an ultrasound machine writes them."""
    image = Image.fromarray(pixels).convert("RGB")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=size)
    for number, line in enumerate(_LINES):
        draw.text((10, 10 + number * (size + 6)), line, fill=PURE_GREEN, font=font)
    return np.asarray(image)


def score_text(images: Iterable[Pixels], *, seed: int, drawn: bool) -> Score:
    """What is found in images with text, without boxes or with."""
    total = Score()
    for number, image in enumerate(images):
        rng = np.random.default_rng([seed, number])
        for turn, size in enumerate(_SIZES):
            for quality in QUALITIES:
                boxes = places(rng, image.shape[1], image.shape[0]) if drawn else []
                pixels = burnt(written(image, size=size), boxes, pen=PENS[turn % 2], quality=quality)
                total.add(boxes, [box for box, _ in find(pixels)])
    return total


def score_cut(images: Iterable[Pixels], *, quality: int = 85) -> Score:
    """What is found of a box that runs off one side of the image, or off two at a corner."""
    return merged(_cut(image, box, quality) for image in images for box in _beyond(image))


def _beyond(image: Pixels) -> list[Box]:
    height, width = image.shape[:2]
    return [
        (-_BEYOND, 20, 40, 50),
        (20, -_BEYOND, 50, 40),
        (width - 40, 20, width + _BEYOND, 50),
        (width - 40, height - 40, width + _BEYOND, height + _BEYOND),
    ]


def _cut(image: Pixels, box: Box, quality: int) -> Score:
    height, width = image.shape[:2]
    inside = (max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height))
    score = Score()
    score.add([inside], [found for found, _ in find(burnt(image, [box], pen="pillow", quality=quality))])
    return score
