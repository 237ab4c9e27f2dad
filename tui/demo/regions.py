"""Regions found in the images themselves, by threshold: what the demo's annotations are made of.

Outlines of what is plain to see, not a radiologist's work; the thresholds were set on these very images.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Pixels = NDArray[Any]
_KIDNEYS = {
    "Right kidney": (slice(163, 234), slice(172, 234)),
    "Left kidney": (slice(163, 226), slice(293, 346)),
}
"""Rows and columns of the abdominal CT in which the kidney lies; the patient's right is on the viewer's left."""


def kidneys(hounsfield: Pixels) -> dict[str, Mask]:
    """The two kidneys of the abdominal CT: enhanced cortex, closed and filled."""
    smooth = ndimage.gaussian_filter(hounsfield.astype(float), 1.5)
    found = {}
    for label, box in _KIDNEYS.items():
        mask = np.zeros(smooth.shape, dtype=bool)
        mask[box] = (smooth[box] > 115) & (smooth[box] < 330)
        filled = ndimage.binary_fill_holes(ndimage.binary_closing(mask, iterations=4))
        found[label] = largest(ndimage.binary_opening(filled, iterations=3))
    return found


def head(hounsfield: Pixels) -> dict[str, Mask]:
    """Brain (what bone encloses) and outline of the head in the CT of the head."""
    bone = ndimage.binary_closing(hounsfield > 250, iterations=3)
    soft = (hounsfield > -20) & (hounsfield <= 150)
    inside = ndimage.binary_opening(ndimage.binary_fill_holes(bone) & soft, iterations=4)
    outline = ndimage.binary_opening(hounsfield > -300, iterations=2)
    return {"Brain": ndimage.binary_fill_holes(largest(inside)), "Head": ndimage.binary_fill_holes(largest(outline))}


def optic_disc(rgb: Pixels) -> Mask:
    """The brightest part of a fundus."""
    bright = ndimage.gaussian_filter(rgb[..., 0].astype(float) + rgb[..., 1], 12)
    parts = ndimage.binary_closing(np.pad(bright > 0.83 * bright.max(), 40), iterations=25)[40:-40, 40:-40]
    return largest(parts)


def dark_spots(grey: Pixels) -> list[Mask]:
    """Small round spots darker than what surrounds them: microaneurysms."""
    disc = np.hypot(*np.mgrid[-5:6, -5:6]) <= 5
    depth = ndimage.black_tophat(ndimage.gaussian_filter(grey.astype(float), 1), footprint=disc)
    labels, _ = ndimage.label(depth > 0.35 * depth.max())
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        spot = labels == number
        small = rows.stop - rows.start < 10 and columns.stop - columns.start < 10
        if small and depth[spot].max() > 0.5 * depth.max():
            found.append(spot)
    return found


def cell(grey: Pixels) -> Mask:
    """The brightest body."""
    from skimage.filters import threshold_otsu

    smooth = ndimage.gaussian_filter(grey.astype(float), 3)
    return largest(smooth > threshold_otsu(smooth))


def nuclei(rgb: Pixels) -> NDArray[np.uint16]:
    """Instances of nuclei in a stained section, 0 elsewhere: blue stain, split where two touch."""
    from skimage import color, feature, filters, measure, segmentation
    from skimage.morphology import remove_small_holes

    blue = filters.gaussian(color.rgb2hed(rgb)[..., 0], 1.5)
    mask = ndimage.binary_opening(blue > filters.threshold_otsu(blue), iterations=2)
    mask = remove_small_holes(mask, max_size=64)
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 1.0)
    peaks = feature.peak_local_max(depth, min_distance=6, labels=measure.label(mask))
    seeds = np.zeros(mask.shape, dtype=np.int32)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    labels = segmentation.watershed(-depth, seeds, mask=mask)
    sizes = np.bincount(labels.ravel())
    labels[np.isin(labels, np.flatnonzero((sizes < 60) | (sizes > 900)))] = 0
    return np.asarray(labels, dtype=np.uint16)


def largest(mask: Mask) -> Mask:
    """The largest connected part of a mask."""
    labels, count = ndimage.label(mask)
    sizes = ndimage.sum(mask, labels, range(1, count + 1))
    return np.asarray(labels == 1 + int(np.argmax(sizes)), dtype=bool)


def box(mask: Mask) -> tuple[int, int, int, int]:
    """x, y, width and height of a mask, in pixels."""
    rows, columns = ndimage.find_objects(mask.astype(np.uint8))[0]
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
