from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import skimage.data
import tifffile
from numpy.typing import NDArray
from PIL import Image

from catalog.errors import InputError
from catalog.pixels import tiff
from catalog.pixels.raster import probe, raster_values, view_raster

RAMP = np.linspace(0, 4000, 600).reshape(20, 30)
FLAG = np.zeros((20, 30, 3), np.uint8)
FLAG[:10, :10], FLAG[10:, 20:] = (255, 0, 0), (0, 255, 0)


def saved(image: Image.Image | NDArray[Any], kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def tiff_of(values: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def failure(data: bytes, frame: int = 0) -> InputError:
    with pytest.raises(InputError) as caught:
        view_raster(data, frame)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_real_fundus_photograph_keeps_its_pixels() -> None:
    retina = skimage.data.retina()
    assert np.array_equal(view_raster(saved(retina)), retina)
    info = probe(saved(retina, "JPEG"))
    assert (info.width, info.height, info.channels, info.bit_depth, info.frames) == (1411, 1411, 3, 8, 1)
    assert info.format == "jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_exif_orientation_turns_the_pixels_and_the_size_alike(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif}
    data = saved(FLAG, kind, **options)
    seen, info, upright = view_raster(data), probe(data), tiff.upright(FLAG, orientation)
    assert seen.shape == upright.shape == (info.height, info.width, 3)
    assert np.abs(seen.astype(int) - upright).mean() < 15


def test_probing_decodes_no_pixels() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 200), dtype=np.uint8)
    for kind in ("PNG", "JPEG", "TIFF"):
        info = probe(saved(noise, kind)[:400] if kind != "TIFF" else saved(noise, kind))
        assert (info.width, info.height) == (200, 300)


@pytest.mark.parametrize(
    "data",
    [
        tiff_of(RAMP.astype(np.uint16)),
        tiff_of(RAMP.astype(np.float32)),
        tiff_of(RAMP),
        tiff_of(RAMP.astype(np.int16) - 2000),
        tiff_of(RAMP.astype(np.uint16), compression="zlib", predictor=True),
        tiff_of(RAMP.astype(np.uint16), bigtiff=True),
        saved(RAMP.astype(np.uint16)),
        saved(Image.fromarray(RAMP.astype(np.uint16)), "PPM"),
    ],
    ids=["uint16", "float32", "float64", "int16", "deflate", "bigtiff", "png", "pgm"],
)
def test_deep_grey_is_windowed_and_not_cut_to_white(data: bytes) -> None:
    seen = view_raster(data)
    assert (seen.min(), seen.max()) == (0, 255)
    assert abs(seen.mean() - 127.5) < 2
    assert (np.diff(seen.ravel().astype(int)) >= 0).all()
    assert probe(data).channels == 1
    assert probe(data).bit_depth >= 16


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_deep_colour_tiff_keeps_its_range(planar: str, orientation: int) -> None:
    colour = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], -1 if planar == "contig" else 0).astype(np.uint16)
    turned = [(274, 3, 1, orientation, True)]
    data = tiff_of(colour, photometric="rgb", planarconfig=planar, extratags=turned)
    seen, info = view_raster(data), probe(data)
    assert seen.shape == ((20, 30, 3) if orientation == 1 else (30, 20, 3)) == (info.height, info.width, 3)
    assert (seen.min(), seen.max(), info.bit_depth) == (0, 255, 16)
    assert raster_values(data).max() == 4000


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_tiff_whose_zero_is_white_is_shown_inverted(kind: Any) -> None:
    values = (RAMP / 16).astype(kind)
    data = tiff_of(values, photometric="miniswhite")
    assert view_raster(data)[0, 0] > view_raster(data)[-1, -1]


def test_pages_of_a_tiff_are_frames() -> None:
    pages = np.stack([np.roll(RAMP.astype(np.uint16), shift) for shift in (0, 300)])
    data = tiff_of(pages, photometric="minisblack")
    assert probe(data).frames == 2
    assert np.array_equal(raster_values(data, 1), pages[1])
    assert failure(data, 2).kind == "frame"


def test_palettes_become_colour_and_keep_their_indices_for_label_maps() -> None:
    data = saved(Image.fromarray(FLAG).quantize(3))
    assert probe(data).channels == 3
    assert np.array_equal(view_raster(data), FLAG)
    assert set(np.unique(raster_values(data))) == {0, 1, 2}


def test_transparency_lies_on_white_and_grey_stays_grey() -> None:
    half = np.dstack([FLAG, np.where(FLAG.any(axis=2), 255, 0).astype(np.uint8)])
    assert view_raster(saved(half))[0, 29].tolist() == [255, 255, 255]
    assert view_raster(saved(half))[0, 0].tolist() == [255, 0, 0]
    grey = Image.merge("LA", [Image.new("L", (4, 4), 9), Image.new("L", (4, 4), 255)])
    assert view_raster(saved(grey)).tolist() == np.full((4, 4), 9).tolist()
    assert probe(saved(grey)).channels == 1


def test_cmyk_becomes_rgb_and_a_bitmap_black_and_white() -> None:
    cmyk = view_raster(saved(Image.fromarray(FLAG).convert("CMYK"), "TIFF"))
    assert np.abs(cmyk.astype(int) - FLAG).max() < 5
    bitmap = saved(RAMP > 2000)
    assert set(np.unique(view_raster(bitmap))) == {0, 255}
    assert probe(bitmap).bit_depth == 1


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_decompression_bomb_is_refused() -> None:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND", b"")
    assert failure(bomb).kind == "size"
    with pytest.raises(InputError):
        probe(bomb)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "unreadable"),
        (b"a text, whatever it is called", "unreadable"),
        (saved(np.random.default_rng(0).integers(0, 255, (99, 99), dtype=np.uint8))[:4000], "truncated"),
        (tiff_of(RAMP.astype(np.uint16))[:60], "unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "unreadable"),
    ],
    ids=["empty", "text", "cut png", "cut tiff", "postscript"],
)
def test_what_is_no_whole_image_is_a_clear_failure(data: bytes, kind: str) -> None:
    assert failure(data).kind == kind
