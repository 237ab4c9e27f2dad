"""The reader of image folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from catalog import records
from catalog.errors import InputError
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.images import listing
from catalog.ingest.images.listing import Entry
from catalog.ingest.images.pairing import Mask
from catalog.ingest.roi_kinds import kind_of
from catalog.lake.keys import digest
from catalog.pixels import address
from catalog.records import Failure, Image, Record, Roi

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.geometry.masks import MaskRegion

_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class ImagesReader:
    """Reads PNG, JPEG, TIFF, ... and the masks beside them (see ``catalog.ingest.contract.Reader``)."""

    kind: ClassVar[str] = "images"
    parallel: ClassVar[bool] = True

    paths: Sequence[Path]
    options: Options

    def units(self) -> Iterator[Unit]:
        """The images found, folder by folder."""
        return listing.units(self.paths, self.options)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read the images of one unit with their masks."""
        reading = _Reading(self.options, _source(self.paths, self.options))
        found = [record for entry in unit.payload for record in reading.entry(entry)]
        return Batch(tables=records.tables(found), blobs=reading.blobs())


class _Reading:
    """One unit on its way into records."""

    def __init__(self, options: Options, source: str) -> None:
        self._options, self._source = options, source
        self._blobs: dict[str, tuple[str, bytes]] = {}

    def entry(self, entry: Entry) -> Iterator[Record]:
        if entry.orphan:
            yield _failure(entry.path, "orphan", f"the mask '{entry.path}' has no image of its name; add it, or rename")
            return
        try:
            yield from self._image(entry)
        except InputError as error:
            yield _failure(entry.path, error.kind, _named(error, entry.path))

    def blobs(self) -> pa.Table | None:
        """The bytes to copy."""
        import pyarrow as pa

        if not self._blobs:
            return None
        names, data = zip(*self._blobs.values(), strict=True)
        return pa.table(
            {
                "sha256": pa.array(list(self._blobs), pa.string()),
                "name": pa.array(names, pa.string()),
                "data": pa.array(data, pa.large_binary()),
            }
        )

    def _image(self, entry: Entry) -> Iterator[Record]:
        from catalog.pixels.raster import probe

        data = _read(entry.path)
        sha256 = hashlib.sha256(data).hexdigest()
        frames = probe(data).frames
        for frame in range(frames):
            info = probe(data, frame)
            number = frame if frames > 1 else None
            image = Image(
                image_id=digest("images", self._source, entry.path.name, sha256, frame),
                source=self._source,
                file_name=entry.path.name,
                subset=entry.subset,
                uri=self._uri(entry.path, sha256, data),
                frame=number,
                width=info.width,
                height=info.height,
                channels=info.channels,
                bit_depth=info.bit_depth,
                sha256=sha256,
                series_key=self._options.keys("file", sha256) if frames > 1 else None,
                slice_index=number,
                content_hash=sha256,
            )
            yield image
            for mask in entry.masks:
                yield from self._mask(mask, image, frame)

    def _uri(self, path: Path, sha256: str, data: bytes) -> str:
        if not self._options.copy:
            return str(path)
        self._blobs[sha256] = (path.name, data)
        return address.lance(sha256)

    def _mask(self, mask: Mask, image: Image, frame: int) -> Iterator[Record]:
        try:
            found = _regions(mask, image, frame)
        except InputError as error:
            yield _failure(mask.path, error.kind, _named(error, mask.path), image.image_id)
            return
        for label, region in found:
            yield Roi(
                image_id=image.image_id,
                label=label,
                kind=kind_of(label),
                origin="source_mask",
                width=image.width or 0,
                height=image.height or 0,
                **region.fields(),
            )


def _regions(mask: Mask, image: Image, frame: int) -> list[tuple[str, MaskRegion]]:
    """The regions of a mask of its image's size.

    Raises:
        InputError: It cannot be read, is no mask, or has another size.
    """
    from catalog.ingest.images.masks import regions
    from catalog.pixels.raster import raster_values

    values = raster_values(_read(mask.path), frame)
    height, width = values.shape[:2]
    if (width, height) != (image.width, image.height):
        raise InputError(
            f"the mask is {width}x{height}, its image '{image.file_name}' {image.width}x{image.height}; "
            "make them the same size",
            kind="mask-size",
        )
    return list(regions(values, mask.label))


def _read(path: Path) -> bytes:
    try:
        str(path).encode()
        data = path.read_bytes()
    except UnicodeEncodeError as error:
        raise InputError("the name is not valid UTF-8; rename the file", kind="name") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", kind="unreadable") from error
    if not data:
        raise InputError("the file is empty (0 bytes); copy or download it again", kind="empty")
    if data.startswith(_POINTER):
        raise InputError("this is a git-lfs pointer, not the image; run git lfs pull", kind="pointer")
    return data


def _source(paths: Sequence[Path], options: Options) -> str:
    first = paths[0] if paths[0].is_dir() else paths[0].parent
    return options.source or first.name or "images"


def _failure(path: Path, error: str, message: str, image_id: str | None = None) -> Failure:
    shown = str(path).encode("utf-8", "replace").decode()
    return Failure(input=shown, error=error, message=message, image_id=image_id)


def _named(error: InputError, path: Path) -> str:
    """The message, with the file's name where it does not have it."""
    text = str(error)
    shown = path.name.encode("utf-8", "replace").decode()
    return text if shown in text else f"'{shown}': {text}"
