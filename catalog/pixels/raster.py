"""PNG, JPEG, TIFF and their kin: one frame as a person sees it, and what the header says without decoding.

Everything is after EXIF orientation: the viewer's frame. Pillow reads what it can, tifffile the other TIFFs.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.errors import InputError, TriptychError
from catalog.pixels import tiff
from catalog.pixels.depth import Look, Window
from catalog.pixels.window import by_percentiles, percentiles

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "JPEG2000", "PPM", "AVIF")
"""What is tried. Not every format that Pillow knows: some of them run other programs, or match anything."""
_ORIENTATION = 0x0112
_PNG_EXIF = (b"eXIf", b"Raw profile type exif", b"tiff:Orientation")
_DEEP = ("I", "F")
"""First letters of the modes that hold more than 8 bits."""


@dataclass(frozen=True, slots=True)
class RasterInfo:
    """What a file says of one of its frames."""

    width: int
    """Pixels, after EXIF orientation."""
    height: int
    """Pixels, after EXIF orientation."""
    channels: int
    """1 for grey, 3 for colour, as ``view_raster`` shows it; alpha does not count."""
    bit_depth: int
    """Bits a sample in the file."""
    frames: int
    """Pages or frames; 1 for a photograph with previews."""
    format: str
    """Lower case: png, jpeg, tiff, ..."""


def probe(data: Path | bytes, frame: int | None = 0) -> RasterInfo:
    """What the header says of a frame; no pixels are decoded.

    Raises:
        InputError: Not an image of a known format, empty, too large ("size") or without this frame ("frame").
    """
    with _reading(), _stream(data) as stream:
        image = _opened(stream)
        if image is None:
            return RasterInfo(*tiff.probe(stream, frame or 0), format="tiff")
        with image:
            frames = _frames(image)
            _seek(image, frame or 0, frames)
            width, height = image.size
            if image.format != "TIFF" and _orientation(image, data) >= 5:
                width, height = height, width
            return RasterInfo(width, height, _channels(image), _bit_depth(image), frames, _format(image))


def view_raster(data: Path | bytes, frame: int | None = 0) -> NDArray[np.uint8]:
    """A frame as a person sees it: uint8, (height, width) for grey or (height, width, 3) for colour.

    More than 8 bits are stretched between the 0.5th and 99.5th percentiles; transparency lies on white.

    Raises:
        InputError: As ``probe``, or the file ends early ("truncated") or is damaged.
    """
    return look_raster(data, frame).picture


def look_raster(data: Path | bytes, frame: int | None = 0) -> Look:
    """The same, with the values and the window of grey of more than 8 bits; errors are those of ``view_raster``."""
    with _reading(), _stream(data) as stream:
        image = _opened(stream)
        if image is None:
            return _of_samples(_grey_or_colour(tiff.values(stream, frame or 0)))
        with image:
            upright = _upright(image, frame or 0)
            if upright.mode.startswith(_DEEP):
                return _of_samples(np.asarray(upright), inverted=tiff.white_is_zero(image))
            return Look(_seen(upright))


def raster_values(data: Path | bytes, frame: int | None = 0) -> NDArray[Any]:
    """A frame's values as stored, upright, for label maps and masks: palette indices, 16 bits, all channels.

    Raises:
        InputError: As ``view_raster``.
    """
    with _reading(), _stream(data) as stream:
        image = _opened(stream)
        if image is None:
            return tiff.values(stream, frame or 0)
        with image:
            return np.asarray(_upright(image, frame or 0))


def _opened(stream: BinaryIO) -> Image.Image | None:
    """The image, not yet decoded, or None for a TIFF that is left to tifffile."""
    try:
        image = Image.open(stream, formats=FORMATS)
    except UnidentifiedImageError:
        stream.seek(0)
        head = stream.read(4)
        stream.seek(0)
        if head in tiff.MAGIC:
            return None
        what = "it is empty" if not head else f"it begins with {head!r}"
        raise InputError(f"not an image of a known format: {what}; known are {', '.join(FORMATS)}") from None
    if tiff.is_deep_colour(image):
        stream.seek(0)
        return None
    return image


def _seek(image: Image.Image, frame: int, frames: int) -> None:
    if not 0 <= frame < frames:
        raise InputError(f"no frame {frame} in an image file of {frames} frames", kind="frame")
    if frame:
        image.seek(frame)


def _upright(image: Image.Image, frame: int) -> Image.Image:
    _seek(image, frame, _frames(image))
    image.load()
    return ImageOps.exif_transpose(image)


def _seen(image: Image.Image) -> NDArray[np.uint8]:
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(white, rgba).convert("L" if _channels(image) == 1 else "RGB")
    return np.asarray(image.convert("L" if _channels(image) == 1 else "RGB"))


def _of_samples(samples: NDArray[Any], *, inverted: bool = False) -> Look:
    """Samples between their percentiles, as every image of more than 8 bits without a window of its own."""
    if samples.dtype == np.uint8:
        return Look(samples)
    grey, found = by_percentiles(samples), percentiles(samples)
    picture = 255 - grey if inverted else grey
    if samples.ndim == 3 or found is None:
        return Look(picture)
    return Look(picture, samples, Window.between(*found), inverted=inverted)


def _grey_or_colour(values: NDArray[Any]) -> NDArray[Any]:
    """Samples of a TIFF as grey or colour; a second or fourth channel is taken for alpha and left out."""
    if values.ndim == 3:
        return values[..., :3] if values.shape[2] >= 3 else values[..., 0]
    return values


def _frames(image: Image.Image) -> int:
    return 1 if image.format in {"MPO", "JPEG"} else int(getattr(image, "n_frames", 1))


def _format(image: Image.Image) -> str:
    return "jpeg" if image.format == "MPO" else str(image.format).lower()


def _channels(image: Image.Image) -> int:
    if image.mode in {"P", "PA"}:
        palette = np.array(image.getpalette("RGB") or [], dtype=np.uint8).reshape(-1, 3)
        return 1 if (palette == palette[:, :1]).all() else 3
    return 1 if image.mode[0] in "1LIF" and image.mode != "LAB" else 3


def _bit_depth(image: Image.Image) -> int:
    if image.format == "TIFF":
        return tiff.bit_depth(image)
    if image.mode == "1":
        return 1
    if image.mode in {"I", "F"}:
        return 32
    tiles = getattr(image, "tile", [])
    return 16 if ";16" in image.mode or (tiles and ";16" in str(tiles[0][3])) else 8


def _orientation(image: Image.Image, data: Path | bytes) -> int:
    """EXIF orientation, 1 to 8. Pillow decodes a whole PNG to find it, so its chunks are looked at first."""
    if image.format == "PNG":
        raw = data if isinstance(data, bytes) else data.read_bytes()
        if not any(mark in raw for mark in _PNG_EXIF):
            return 1
    return int(image.getexif().get(_ORIENTATION, 1))


@contextmanager
def _stream(data: Path | bytes) -> Iterator[BinaryIO]:
    stream: BinaryIO = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with stream:
        yield stream


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what Pillow and tifffile raise on damaged data into InputError; keep their warnings quiet."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (TriptychError, FileNotFoundError):
        raise
    except Image.DecompressionBombError as error:
        said = str(error).partition(",")[0]
        raise InputError(
            f"the image is too large to decode: {said}; store it smaller, or cut it up", kind="size"
        ) from error
    except Exception as error:  # decoders raise anything: OSError, SyntaxError, struct.error, zlib.error, ...
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        kind = "truncated" if "truncated" in reason else "unreadable"
        raise InputError(f"the image cannot be decoded: {reason}; copy it again from its source", kind=kind) from error
