"""The regions that a label map draws on the slices of its volume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.geometry import masks
from catalog.pixels.volume import Volume, open_volume

Region = tuple[int, int, masks.MaskRegion]
"""Slice of one volume, value, and what was measured."""
_TOLERANCE = 0.1  # of a voxel, that a corner may be off
_MANY_VALUES = 100
_SCATTERED = 8.0


def regions(path: Path, volume: Volume, axis: int) -> list[Region]:
    """The regions of a label map by frame of its volume, in the viewer's frame; 0 and NaN are background.

    A label map of one volume holds for every volume of a file that has several.

    Raises:
        OSError: It cannot be read.
        InputError: It is damaged, lies elsewhere than the volume, or holds no labels.
    """
    labels = open_volume(path)
    _check_place(labels, volume)
    scatter = _Scatter()
    found: list[Region] = []
    for index in range(labels.slices(axis)):
        plane = _whole(labels.plane(axis, index))
        of_plane = [(index, value, region) for value, region in masks.instances(plane)] if plane.any() else []
        scatter.add(of_plane)
        found += of_plane
    if labels.volumes == volume.volumes:
        return found
    count = volume.shape[axis]
    return [(index + turn * count, value, region) for turn in range(volume.volumes) for index, value, region in found]


class _Scatter:
    """Tells an image that was mistaken for a label map: hundreds of values, each strewn over the slice."""

    def __init__(self) -> None:
        self._values: set[int] = set()
        self._regions = 0
        self._parts = 0

    def add(self, found: list[Region]) -> None:
        self._values.update(value for _, value, _ in found)
        self._regions += len(found)
        self._parts += sum(region.components for _, _, region in found)
        if len(self._values) > _MANY_VALUES and self._parts > _SCATTERED * self._regions:
            raise InputError(
                f"holds {len(self._values)} values and more, each in {self._parts / self._regions:.0f} parts a slice: "
                "an image or a map of probabilities, not labels; cut it at a threshold, or name another file",
                kind="labels",
            )


def _check_place(labels: Volume, volume: Volume) -> None:
    if labels.channels != 1 or labels.dtype.kind not in "biuf":
        raise InputError(f"holds {labels.dtype} values; labels are one whole number a voxel", kind="labels")
    if labels.shape != volume.shape or labels.volumes not in (1, volume.volumes):
        raise InputError(
            f"is {_size(labels)} voxels, its volume '{volume.name}' {_size(volume)}; resample it onto the volume's "
            "grid with nearest-neighbour interpolation",
            kind="shape",
        )
    corners = np.array([[x, y, z, 1] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * [*labels.shape, 1]
    off = float(np.linalg.norm(((labels.affine - volume.affine) @ corners.T)[:3], axis=0).max())
    if off > _TOLERANCE * min(volume.spacing):
        raise InputError(
            f"lies {off:.3g} mm away from its volume '{volume.name}' by their affines; resample it onto the volume's "
            "grid, or mend its header",
            kind="affine",
        )


def _whole(plane: NDArray[Any]) -> NDArray[Any]:
    """Labels as whole numbers; the file may store them as floats."""
    if plane.dtype.kind in "biu":
        return plane
    values = np.where(np.isnan(plane), 0, plane)
    broken = values[values != np.rint(values)]
    if broken.size or not np.isfinite(values).all():
        what = f"{broken.flat[0]:g}" if broken.size else "infinity"
        raise InputError(
            f"holds {what}, which is no label: labels are whole numbers; cut a map of probabilities at a threshold "
            "(such as 0.5) and save it as integers",
            kind="labels",
        )
    if np.abs(values).max(initial=0) > np.iinfo(np.int32).max:
        raise InputError(f"holds {np.abs(values).max():g}, too large for a label; save it as integers", kind="labels")
    return values.astype(np.int32)


def _size(volume: Volume) -> str:
    shape = "x".join(map(str, volume.shape))
    return shape if volume.volumes == 1 else f"{shape}x{volume.volumes}"
