"""Real images of packages, by what is hard about them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from catalog.pixels.dicom import view_frame
from catalog.pixels.raster import view_raster
from tui.demo.packages import root

Pixels = NDArray[np.uint8]

LARGEST = 1024
"""Pixels of the longer side; larger X-rays are made smaller."""
SEPARATE = "pure green in the image"
"""Kind that totals are given without, too: where a side lies on its own colour there is nothing to see."""


def pictures() -> dict[str, list[Pixels]]:
    """Kind of image -> images, grey or colour."""
    kinds: dict[str, Callable[[], list[Pixels]]] = {
        "grey: CT, MR, X-ray, bone scan, cells": _grey,
        "grey, 64 to 128 pixels": _small,
        "colour: histology": lambda: [_picture("ihc.png")],
        "colour: fundus": _fundus,
        "colour: ultrasound": _ultrasound,
        "colour: photographs": _photographs,
        "green: histology, channels swapped": _green_histology,
        "green: fundus, channels swapped": lambda: [_fundus()[0][..., [1, 0, 2]], _fundus()[1][..., [2, 0, 1]]],
        "green: fluorescence (grey as green)": lambda: [
            _as_green(_picture(name)) for name in ("cell.png", "coins.png")
        ],
        SEPARATE: _pure_green,
    }
    return {kind: [np.ascontiguousarray(image) for image in images()] for kind, images in kinds.items()}


def _grey() -> list[Pixels]:
    names = ("explicit_VR-UN", "MR-SIEMENS-DICOM-WithOverlays", "MR2_UNCI", "RG1_UNCR", "RG3_UNCR", "JPEG-LL")
    return [*map(_dicom, names), _dicom("J2K_pixelrep_mismatch", "pydicom"), _picture("cell.png")]


def _small() -> list[Pixels]:
    return [_dicom("CT_small", "pydicom"), _dicom("MR_small", "pydicom"), _picture("microaneurysms.png")]


def _fundus() -> list[Pixels]:
    whole = _picture("retina.jpg")
    return [whole[::2, ::2], whole[450:962, 450:962]]


def _ultrasound() -> list[Pixels]:
    names = ("US1_UNCI", "gdcm-US-ALOKA-16", "color3d_jpeg_baseline", "color-pl")
    return [*map(_dicom, names), _dicom("examples_ybr_color", "pydicom")]


def _photographs() -> list[Pixels]:
    names = ("coffee.png", "chelsea.png", "astronaut.png", "rocket.jpg", "hubble_deep_field.jpg", "motorcycle_left.png")
    return [_picture(name) for name in names]


def _green_histology() -> list[Pixels]:
    stained = _picture("ihc.png")
    return [stained[..., order] for order in ([1, 0, 2], [2, 0, 1], [1, 2, 0])]


def _pure_green() -> list[Pixels]:
    drawn = [_picture("color.png"), _picture("logo.png")]
    return [*drawn, _dicom("GDCMJ2K_TextGBR", "pydicom"), _dicom("SC_rgb_rle", "pydicom")]


def _as_green(grey: Pixels) -> Pixels:
    none = np.zeros_like(grey)
    return np.stack([none, grey, none], axis=2)


def _picture(name: str) -> Pixels:
    return view_raster(root("skimage") / "data" / name)


def _dicom(name: str, package: str = "data_store") -> Pixels:
    folder = root(package) / "data"
    (path, *_) = sorted(folder.rglob(f"{name}.dcm"))
    pixels = view_frame(path, 0)
    step = -(-max(pixels.shape[:2]) // LARGEST)
    return pixels[::step, ::step]
