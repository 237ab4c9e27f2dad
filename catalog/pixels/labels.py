"""Names of regions, written beside their boxes where there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

LONGEST = 28
"""Characters of a name that are shown."""
EACH_UP_TO = 8
"""Regions of one name that are named one by one; more of them are named once, with their number, in a corner."""
_PAD = 3
_TALL = "Ágjy"


def write_labels(picture: Image.Image, named: Sequence[tuple[Box, str, Colour]], *, clearance: int) -> None:
    """Write each name beside its box, on its colour; a name without room that covers no other is left out.

    Args:
        picture: RGB, drawn upon.
        named: Boxes in half-open pixels of the picture, with name and colour.
        clearance: Pixels kept free around a box, for its outline.
    """
    font = ImageFont.load_default(size=max(13, round(max(picture.size) / 38)))
    pen = ImageDraw.Draw(picture)
    count = Counter(name for _, name, _ in named)
    taken = _legend(pen, picture, font, count, {name: colour for _, name, colour in named})
    alone = [item for item in named if count[item[1]] <= EACH_UP_TO]
    for box, name, colour in sorted(alone, key=lambda item: (item[0][1], item[0][0])):
        size = _size(pen, _short(name), font)
        others = [other for other, _, _ in alone if other != box]
        spots = [spot for spot in _spots(box, size, picture.size, clearance) if not _hits(spot, taken)]
        if spots:
            free = [spot for spot in spots if not _hits(spot, others)]
            taken.append((free or spots)[0])
            _write(pen, taken[-1], _short(name), colour, font)


def _legend(
    pen: ImageDraw.ImageDraw,
    picture: Image.Image,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    count: Counter[str],
    colours: dict[str, Colour],
) -> list[Box]:
    """Name what is too many to be named one by one, in the upper left corner; returns what it covers."""
    taken: list[Box] = []
    top = _PAD
    for name, number in count.most_common():
        text = f"{_short(name)} x{number}"
        width, height = _size(pen, text, font)
        if number <= EACH_UP_TO or top + height > picture.height:
            break
        taken.append((_PAD, top, _PAD + width, top + height))
        _write(pen, taken[-1], text, colours[name], font)
        top += height + _PAD
    return taken


def _spots(box: Box, size: tuple[int, int], canvas: tuple[int, int], gap: int) -> Iterator[Box]:
    """Places for a name, best first: above, below, right, left, then inside the box; all within the canvas."""
    left, top, right, bottom = box
    width, height = size
    wishes = (
        (left - gap, top - gap - height),
        (right + gap - width, top - gap - height),
        (left - gap, bottom + gap),
        (right + gap - width, bottom + gap),
        (right + gap, top),
        (left - gap - width, top),
        (left + gap, top + gap),
        (left + gap, bottom - gap - height),
    )
    for wish, y in wishes:
        x = min(max(wish, 0), max(canvas[0] - width, 0))
        if 0 <= y <= canvas[1] - height:
            yield x, y, x + width, y + height


def _hits(spot: Box, others: Sequence[Box]) -> bool:
    return any(
        spot[0] < other[2] and other[0] < spot[2] and spot[1] < other[3] and other[1] < spot[3] for other in others
    )


def _write(
    pen: ImageDraw.ImageDraw,
    spot: Box,
    text: str,
    colour: Colour,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """Black or white on the colour, whichever reads better (luma, ITU-R BT.601)."""
    bright = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 128
    pen.rectangle((spot[0], spot[1], spot[2] - 1, spot[3] - 1), fill=colour)
    rise = pen.textbbox((0, 0), _TALL, font=font)[1]
    pen.text((spot[0] + _PAD, spot[1] + _PAD - rise), text, fill="black" if bright else "white", font=font)


def _size(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> tuple[int, int]:
    left, _, right, _ = pen.textbbox((0, 0), text, font=font)
    _, top, _, bottom = pen.textbbox((0, 0), _TALL, font=font)
    return int(right - left) + 2 * _PAD, int(bottom - top) + 2 * _PAD


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
