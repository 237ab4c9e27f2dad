"""The reader of NIfTI volumes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from catalog import records
from catalog.errors import InputError, MissingExtraError
from catalog.ingest import files
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.nifti import listing, names, pairing
from catalog.ingest.nifti.listing import Entry
from catalog.ingest.roi_kinds import kind_of
from catalog.lake.keys import digest
from catalog.pixels import address
from catalog.records import Failure, Image, Record, Roi

if TYPE_CHECKING:
    from catalog.pixels.volume import Volume

_POINTER = b"version https://git-lfs"
_MOST_SLICES = 1_000_000
_MOST_COPIED = (1 << 31) - 1  # one value of Parquet


@dataclass(frozen=True, slots=True)
class NiftiReader:
    """Reads ``.nii`` and ``.nii.gz`` files and the label maps beside them (see ``catalog.ingest.contract.Reader``).

    A volume becomes its slices along ``options.axis``, in the viewer's frame. ``frame`` counts the slices of all
    volumes of a file, ``slice_index`` those of one (see ``catalog.pixels.volume``). No free text of a header is read.

    Raises:
        UsageError: The options cannot be meant.
        MissingExtraError: nibabel is not installed.
    """

    kind: ClassVar[str] = "nifti"
    parallel: ClassVar[bool] = True

    paths: Sequence[Path]
    options: Options

    def __post_init__(self) -> None:
        if find_spec("nibabel") is None:
            raise MissingExtraError("nibabel", extra="medical")
        listing.check(self.paths, self.options)

    def units(self) -> Iterator[Unit]:
        """The volumes found, in the order of folders and names."""
        return listing.units(self.paths, self.options)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read one volume with its label maps."""
        reading = _Reading(self.options)
        found = list(reading.records(unit.payload))
        return Batch(tables=records.tables(found), blobs=files.blob_table(reading.blobs))


class _Reading:
    """One volume on its way into records."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.blobs: dict[str, tuple[str, bytes]] = {}

    def records(self, entry: Entry) -> Iterator[Record]:
        if entry.problem is not None:
            yield files.failure(entry.path, "unreadable", entry.problem)
            return
        try:
            volume, images = self._volume(entry)
        except InputError as error:
            yield files.failed(entry.path, error)
            return
        yield from images
        if entry.unlabelled:
            yield _unlabelled(entry, self._options)
        for labels in entry.labels:
            yield from self._labels(labels, volume, images)

    def _volume(self, entry: Entry) -> tuple[Volume, list[Image]]:
        from catalog.pixels.volume import open_volume

        _check_name(entry.path)
        try:
            _check_pointer(entry.path)
            volume = open_volume(entry.path)
            volume.load()
            slices = volume.slices(self._options.axis)
            if slices > _MOST_SLICES:
                raise InputError(f"'{volume.name}' has {slices} slices; choose another --axis", kind="large")
            with entry.path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            uri = self._copied(entry.path) if self._options.copy else str(entry.path)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}; check the path and its rights") from error
        return volume, list(self._slices(volume, entry, sha256=sha256, uri=uri))

    def _slices(self, volume: Volume, entry: Entry, *, sha256: str, uri: str) -> Iterator[Image]:
        from catalog.pixels.volume import AXES

        axis = self._options.axis
        width, height = (size for along, size in enumerate(volume.shape) if along != axis)
        for frame in range(volume.slices(axis)):
            position, orientation = volume.place(axis, frame)
            yield Image(
                image_id=digest("nifti", entry.source, entry.path.name, sha256, axis, frame),
                source=entry.source,
                file_name=entry.path.name,
                subset=entry.subset,
                uri=uri,
                frame=frame,
                width=width,
                height=height,
                channels=volume.channels,
                bit_depth=8 * volume.dtype.itemsize // volume.channels,
                sha256=sha256,
                view=AXES[axis],
                series_key=self._options.keys("file", sha256),
                slice_index=frame % volume.shape[axis],
                axis=axis,
                position=position,
                orientation=orientation,
                pixel_spacing=volume.pixel_spacing(axis),
                content_hash=sha256,
            )

    def _copied(self, path: Path) -> str:
        from catalog.ingest.nifti.header import without_free_text

        data = without_free_text(path.read_bytes())
        if len(data) > _MOST_COPIED:
            raise InputError(f"'{path.name}' has {len(data)} bytes, too many to copy; use --link", kind="large")
        sha256 = hashlib.sha256(data).hexdigest()
        self.blobs[sha256] = (path.name, data)
        return address.lance(sha256)

    def _labels(self, path: Path, volume: Volume, images: Sequence[Image]) -> Iterator[Record]:
        from catalog.ingest.nifti.labels import regions

        called: names.Names = {}
        table = pairing.table(path)
        try:
            called = names.read(table) if table else {}
        except InputError as error:
            yield files.failed(table or path, error)
        try:
            _check_name(path)
            _check_pointer(path)
            found = regions(path, volume, self._options.axis)
        except InputError as error:
            yield files.failed(path, error)
            return
        except OSError as error:
            yield files.failed(path, InputError(f"cannot be read: {error.strerror}; check the path and its rights"))
            return
        for frame, value, region in found:
            label = called.get(value, f"label {value}")
            image = images[frame]
            yield Roi(
                image_id=image.image_id,
                label=label,
                kind=kind_of(label),
                origin="source_mask",
                width=image.width or 0,
                height=image.height or 0,
                **region.fields(),
            )


def _check_name(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise InputError("the name is not valid UTF-8; rename the file", kind="name") from error


def _check_pointer(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(len(_POINTER)) == _POINTER:
            raise InputError("this is a git-lfs pointer, not the data; run git lfs pull", kind="pointer")


def _unlabelled(entry: Entry, options: Options) -> Failure:
    name = entry.path.name
    message = f"no label map of '{name}' in '{options.labels}'; add {pairing.stem(name)}.nii.gz, or leave --labels out"
    return files.failure(entry.path, "unlabelled", message)
