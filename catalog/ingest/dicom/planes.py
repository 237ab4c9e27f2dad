"""The plane of an image in the patient: from millimetres to pixels and back to distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plane:
    """An image plane (DICOM PS3.3 C.7.6.2.1.1), in mm of the patient's frame.

    ``position`` is the centre of the first pixel; ``along`` the direction of a row, ``down`` that of a column;
    ``spacing`` the distance between row centres, then between column centres.
    """

    position: Array
    along: Array
    down: Array
    spacing: tuple[float, float]

    @property
    def normal(self) -> Array:
        """The unit vector that stands on the plane."""
        return np.cross(self.along, self.down)

    def pixels(self, points: Array) -> Array:
        """Points of shape (n, 3) in mm as (n, 2): x, y in pixels, (0, 0) being the *centre* of the first pixel."""
        offset = points - self.position
        return np.stack([offset @ self.along / self.spacing[1], offset @ self.down / self.spacing[0]], axis=1)

    def distances(self, points: Array) -> Array:
        """How far points of shape (n, 3) lie from the plane, in mm, signed."""
        return np.asarray((points - self.position) @ self.normal)

    def is_grid_of(self, other: Plane) -> bool:
        """Whether pixels of both planes lie over each other, to half a pixel."""
        shift = np.abs(self.pixels(other.position[np.newaxis])[0])
        turned = max(np.abs(self.along - other.along).max(), np.abs(self.down - other.down).max())
        return bool(shift.max() <= 0.5 and turned <= 0.01 and np.allclose(self.spacing, other.spacing, rtol=0.01))


def plane(
    position: Sequence[float] | None, orientation: Sequence[float] | None, spacing: Sequence[float] | None
) -> Plane | None:
    """A plane from three DICOM values, or None when one is missing or makes none."""
    if position is None or orientation is None or spacing is None or min(spacing) <= 0:
        return None
    along, down = np.array(orientation[:3], dtype=float), np.array(orientation[3:], dtype=float)
    if min(np.linalg.norm(along), np.linalg.norm(down)) < 0.5 or abs(along @ down) > 0.05:
        return None
    along, down = along / np.linalg.norm(along), down / np.linalg.norm(down)
    return Plane(np.array(position, dtype=float), along, down, (float(spacing[0]), float(spacing[1])))
