"""NIfTI volumes, a plane at a time, in the frame that a viewer shows them in.

The frame: the volume is turned to canonical RAS (axes are swapped and flipped, nothing is resampled).
Axis 0 is sagittal, 1 coronal, 2 axial. A plane is turned so that axial shows the patient's right on the
viewer's left and anterior up, coronal right on the left and superior up, sagittal anterior on the left and
superior up.
Slice i lies at canonical index i of its axis: it counts from left, posterior or inferior.

A file with more than three dimensions holds several volumes. Their slices follow one another:
frame = volume * n + slice, where n is the number of slices of one volume along the axis.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError, MissingExtraError

AXES = ("SAGITTAL", "CORONAL", "AXIAL")
MAX_COMPRESSED_BYTES = 4 << 30
"""A .nii.gz is held in memory decompressed; a larger one has to be made a .nii, which is read by slice."""
_MAX_RATIO = 1032  # what DEFLATE can reach at most
_PLANE_AXES = ((1, 2), (0, 2), (0, 1))
_TO_MM = {"meter": 1000.0, "micron": 0.001}
_FARTHEST = 1e9  # mm: what no scanner reaches
_WINDOW_SAMPLES = 60  # along each axis


@dataclass(slots=True, weakref_slot=True)
class _Layout:
    """How a file's own axes become canonical ones."""

    file_axis: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]


@dataclass
class Volume:
    """One NIfTI file, opened lazily. Not thread-safe while the first plane is read."""

    name: str
    shape: tuple[int, int, int]
    """Voxels along canonical R, A, S."""
    volumes: int
    """How many volumes of this shape the file holds."""
    spacing: tuple[float, float, float]
    """Voxel size in mm along canonical R, A, S."""
    affine: NDArray[np.float64]
    """4x4, canonical voxel index to mm, RAS."""
    dtype: np.dtype[Any]
    """As stored."""
    channels: int
    _proxy: Any = field(repr=False)
    _layout: _Layout = field(repr=False)

    def slices(self, axis: int) -> int:
        """Number of planes perpendicular to canonical ``axis``, over all volumes of the file."""
        return self.shape[axis] * self.volumes

    def plane(self, axis: int, index: int) -> NDArray[Any]:
        """Plane ``index`` along ``axis``: (height, width), of colour (height, width, channels); scaled.

        Raises:
            IndexError: The volume has no such plane.
            InputError: The file is cut off or damaged.
        """
        if not 0 <= index < self.slices(axis):
            raise IndexError(f"no slice {index} of {self.slices(axis)} along axis {axis} of '{self.name}'")
        which, at = divmod(index, self.shape[axis])
        u, v = _PLANE_AXES[axis]
        stored = self._layout
        at = self.shape[axis] - 1 - at if stored.flipped[axis] else at
        block = self._raw[..., which]
        across: list[slice | int] = [slice(None)] * 3
        across[stored.file_axis[axis]] = at
        flat = block[tuple(across)]
        if stored.file_axis[u] < stored.file_axis[v]:
            flat = flat.swapaxes(0, 1)
        # Rows now run along v and columns along u; both are shown from high to low.
        rows, columns = (slice(None) if stored.flipped[along] else slice(None, None, -1) for along in (v, u))
        return self._scaled(np.asarray(flat[rows, columns]))

    def place(self, axis: int, index: int) -> tuple[list[float], list[float]]:
        """Where a plane lies, in DICOM's terms (LPS, mm): its first pixel; cosines of rows, columns."""
        u, v = _PLANE_AXES[axis]
        voxel = [self.shape[0] - 1.0, self.shape[1] - 1.0, self.shape[2] - 1.0, 1.0]
        voxel[axis] = float(index % self.shape[axis])
        to_lps = np.array([-1.0, -1.0, 1.0])
        position = (self.affine @ np.array(voxel))[:3] * to_lps
        cosines = -self.affine[:3, [u, v]] / np.linalg.norm(self.affine[:3, [u, v]], axis=0) * to_lps[:, None]
        return [float(x) for x in position], [float(x) for x in cosines.T.ravel()]

    def pixel_spacing(self, axis: int) -> list[float]:
        """Distance in mm between row centres, then between column centres, of a plane along ``axis``."""
        u, v = _PLANE_AXES[axis]
        return [self.spacing[v], self.spacing[u]]

    @cached_property
    def window(self) -> tuple[float, float]:
        """The 0.5th and 99.5th percentile of (every n-th of) the voxels, so that all slices look alike."""
        steps = tuple(slice(None, None, max(1, size // _WINDOW_SAMPLES)) for size in self._raw.shape[:3])
        sample = self._scaled(np.asarray(self._raw[(*steps, slice(None, None, max(1, self.volumes // 4)))]))
        finite = sample[np.isfinite(sample)]
        if finite.size == 0:
            return 0.0, 1.0
        low, high = np.percentile(finite, (0.5, 99.5))
        return float(low), float(high)

    def load(self) -> None:
        """Read what is compressed now, so that damage shows here.

        Raises:
            InputError: The file is cut off or damaged.
        """
        _ = self._raw

    @cached_property
    def _raw(self) -> NDArray[Any]:
        """Voxels as stored, (x, y, z, volumes) in the file's own axes; mapped from disk if not compressed."""
        try:
            stored = self._proxy.get_unscaled()
        except (OSError, EOFError, ValueError, OverflowError, zlib.error, MemoryError) as error:
            raise InputError(
                f"'{self.name}' is cut off or damaged ({error}); copy it again from its source",
                kind="truncated",
            ) from error
        voxels: NDArray[Any] = np.asanyarray(stored)
        return voxels.reshape((*_three(stored.shape), self.volumes), order="F")

    def _scaled(self, stored: NDArray[Any]) -> NDArray[Any]:
        if stored.dtype.fields:
            return np.stack([np.asarray(stored[name]) for name in stored.dtype.names or ()], axis=-1)
        if np.iscomplexobj(stored):
            return np.asarray(np.abs(stored))
        slope, intercept = self._proxy.slope, self._proxy.inter
        if (slope, intercept) == (1, 0):
            return stored.astype(stored.dtype.newbyteorder("="), copy=False)
        return np.asarray(stored * np.float64(slope) + np.float64(intercept))


def open_volume(path: str | os.PathLike[str]) -> Volume:
    """Open a NIfTI file (.nii, .nii.gz) without reading its voxels.

    Raises:
        InputError: It is not NIfTI, is empty, is shorter than its header says, or holds no volume.
        FileNotFoundError: There is no such file.
    """
    path = Path(path)
    size = path.stat().st_size
    nibabel = _nibabel()
    try:
        with _quiet(nibabel):
            image = nibabel.load(path)
    except (
        OSError,
        EOFError,
        ValueError,
        zlib.error,
        nibabel.filebasedimages.ImageFileError,
        nibabel.spatialimages.HeaderDataError,
    ) as error:
        raise InputError(
            f"'{path.name}' ({size} bytes) cannot be read as NIfTI: {_plain(error, path)}", kind=_kind(size)
        ) from error
    return _volume(image, path.name, size=size, compressed=path.suffix == ".gz")


def volume_from_bytes(data: bytes, *, name: str = "volume.nii") -> Volume:
    """Open the bytes of a NIfTI file, compressed or not.

    Raises:
        InputError: As ``open_volume``.
    """
    nibabel = _nibabel()
    try:
        plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        kind = nibabel.Nifti2Image if plain[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") else nibabel.Nifti1Image
        with _quiet(nibabel):
            image = kind.from_bytes(plain)
    except (OSError, EOFError, ValueError, zlib.error, nibabel.spatialimages.HeaderDataError) as error:
        raise InputError(
            f"'{name}' ({len(data)} bytes) cannot be read as NIfTI: {error}", kind=_kind(len(data))
        ) from error
    return _volume(image, name, size=len(plain), compressed=False)


def to_uint8(plane: NDArray[Any], lo: float, hi: float) -> NDArray[np.uint8]:
    """A plane as 8-bit grey: ``lo`` and below black, ``hi`` and above white; what is not finite is black."""
    if plane.ndim == 3 and plane.dtype == np.uint8:
        return plane
    span = hi - lo if hi > lo else 1.0
    grey = (plane.astype(np.float64) - lo) * (255.0 / span)
    return np.clip(np.nan_to_num(grey, nan=0.0, posinf=255.0, neginf=0.0), 0, 255).round().astype(np.uint8)


def _nibabel() -> Any:
    try:
        import nibabel
    except ImportError as error:
        raise MissingExtraError("nibabel", extra="medical") from error
    return nibabel


@contextmanager
def _quiet(nibabel: Any) -> Iterator[None]:
    """Keep nibabel from writing to stderr what it thinks of a header: what matters is raised."""
    logger = nibabel.imageglobals.logger
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _volume(image: Any, name: str, *, size: int, compressed: bool) -> Volume:
    from nibabel.orientations import inv_ornt_aff

    if getattr(image, "affine", None) is None or not image.shape or min(image.shape) < 1:
        raise InputError(f"'{name}' holds no volume but {type(image).__name__} {image.shape}", kind="shape")
    _check_size(image, name, size=size, compressed=compressed)
    three = _three(image.shape)
    turn = _turn(image.affine, name)
    axes = [int(np.flatnonzero(turn[:, 0] == axis)[0]) for axis in range(3)]
    affine = image.affine @ inv_ornt_aff(turn, three)
    affine[:3] *= _TO_MM.get(_unit(image.header), 1.0)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    dtype = image.get_data_dtype()
    return Volume(
        name=name,
        shape=(three[axes[0]], three[axes[1]], three[axes[2]]),
        volumes=int(np.prod(image.shape[3:], dtype=np.int64)),
        spacing=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        affine=affine,
        dtype=dtype,
        channels=len(dtype.fields) if dtype.fields else 1,
        _proxy=image.dataobj,
        _layout=_Layout((axes[0], axes[1], axes[2]), tuple(bool(turn[axis, 1] < 0) for axis in axes)),  # type: ignore[arg-type]
    )


def _turn(affine: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Canonical axis and sign of each axis of the file, as nibabel gives them."""
    from nibabel.orientations import io_orientation

    if np.isfinite(affine).all() and np.abs(affine).max() < _FARTHEST:
        with np.errstate(all="ignore"):
            turn: NDArray[np.float64] = io_orientation(affine)
        if np.isfinite(turn).all():
            return turn
    raise InputError(f"the affine of '{name}' does not span space; mend its header's sform", kind="affine")


def _unit(header: Any) -> str:
    try:
        return str(header.get_xyzt_units()[0])
    except KeyError:  # a code of no meaning
        return "unknown"


def _check_size(image: Any, name: str, *, size: int, compressed: bool) -> None:
    """Refuse a header that promises more voxels than the file can hold, before memory is asked for."""
    voxels = int(np.prod([int(n) for n in image.shape], dtype=object))
    need = voxels * image.get_data_dtype().itemsize
    if compressed and need > MAX_COMPRESSED_BYTES and need <= size * _MAX_RATIO:
        raise InputError(
            f"'{name}' holds {need} bytes compressed; more than {MAX_COMPRESSED_BYTES} are read only from a"
            " plain .nii: decompress it with gunzip",
            kind="large",
        )
    if need > (size * _MAX_RATIO if compressed else size - int(image.dataobj.offset)):
        raise InputError(
            f"the header of '{name}' promises {'x'.join(map(str, image.shape))} voxels ({need} bytes), the"
            f" file has {size} bytes; copy it again from its source",
            kind="truncated",
        )


def _three(shape: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*shape, 1, 1)[:3]
    return int(x), int(y), int(z)


def _kind(size: int) -> str:
    return "empty" if size == 0 else "unreadable"


def _plain(error: BaseException, path: Path) -> str:
    return str(error).replace(str(path), path.name)
