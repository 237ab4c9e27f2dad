"""The TIFFs that Pillow cannot read: 16-bit and float colour, planar samples, odd sample counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.errors import InputError, MissingExtraError

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_BYTES = 1 << 30
_WHITE_IS_ZERO = 0
_BITS, _PHOTOMETRIC, _ORIENTATION, _SAMPLES = 258, 262, 274, 277


def probe(stream: Any, frame: int) -> tuple[int, int, int, int, int]:
    """Width, height (upright), channels (1 or 3), bits a sample and number of pages."""
    with _tifffile().TiffFile(stream) as file:
        page = _page(file, frame)
        width, height = page.imagewidth, page.imagelength
        if _orientation(page) >= 5:
            width, height = height, width
        return width, height, 3 if page.samplesperpixel >= 3 else 1, page.bitspersample, len(file.pages)


def values(stream: Any, frame: int) -> NDArray[Any]:
    """Samples of a page, upright: (height, width) or (height, width, channels); 0 is black."""
    with _tifffile().TiffFile(stream) as file:
        page = _page(file, frame)
        if page.nbytes > _MAX_BYTES:
            raise InputError(f"the TIFF page decodes to {page.nbytes} bytes, over {_MAX_BYTES}", kind="size")
        samples = np.asarray(page.asarray())
        if page.axes == "SYX":
            samples = np.moveaxis(samples, 0, -1)
        if samples.ndim not in {2, 3}:
            raise InputError(f"the TIFF page has the axes {page.axes}, not one image", kind="shape")
        if page.photometric == _WHITE_IS_ZERO and samples.dtype.kind == "u":
            samples = np.iinfo(samples.dtype).max - samples
        return upright(samples, _orientation(page))


def upright(samples: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn stored rows and columns into displayed ones, by TIFF/EXIF orientation 1 to 8."""
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    if orientation in {3, 4, 7, 8}:
        samples = samples[::-1]
    if orientation in {2, 3, 6, 7}:
        samples = samples[:, ::-1]
    return samples


def is_deep_colour(image: Image.Image) -> bool:
    """Whether an image of Pillow is a TIFF with several samples of more than 8 bits, which Pillow cuts to 8."""
    tags = getattr(image, "tag_v2", {})
    return image.format == "TIFF" and int(tags.get(_SAMPLES, 1)) > 1 and bit_depth(image) > 8


def bit_depth(image: Image.Image) -> int:
    """Bits a sample of an image of Pillow that is a TIFF."""
    return int(max(getattr(image, "tag_v2", {}).get(_BITS, (1,))))


def white_is_zero(image: Image.Image) -> bool:
    """Whether an image of Pillow is a TIFF of deep values whose zero is white; Pillow inverts only 8 bits."""
    stored = int(getattr(image, "tag_v2", {}).get(_PHOTOMETRIC, 1))
    return stored == _WHITE_IS_ZERO and image.mode.startswith(("I", "F"))


def _page(file: Any, frame: int) -> Any:
    if not 0 <= frame < len(file.pages):
        raise InputError(f"no frame {frame} in an image file of {len(file.pages)} frames", kind="frame")
    return file.pages[frame]


def _orientation(page: Any) -> int:
    tag = page.tags.get(_ORIENTATION)
    return int(tag.value) if tag is not None else 1


def _tifffile() -> Any:
    try:
        import tifffile
    except ImportError as error:
        raise MissingExtraError("tifffile", extra="medical") from error
    return tifffile
