"""The reader of image folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from catalog import records
from catalog.errors import InputError
from catalog.ingest import files
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.images import listing
from catalog.ingest.images.listing import Entry
from catalog.ingest.images.pairing import Mask
from catalog.ingest.roi_kinds import kind_of
from catalog.lake.keys import digest
from catalog.pixels import address
from catalog.records import Image, Record, Roi

if TYPE_CHECKING:
    import pyarrow as pa

    from catalog.geometry.masks import MaskRegion


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
        reading = _Reading(self.options, files.source_name(self.paths, self.options))
        found = [record for entry in unit.payload for record in reading.entry(entry)]
        return Batch(tables=records.tables(found), blobs=reading.blobs())


class _Reading:
    """One unit on its way into records."""

    def __init__(self, options: Options, source: str) -> None:
        self._options, self._source = options, source
        self._blobs: dict[str, tuple[str, bytes]] = {}

    def entry(self, entry: Entry) -> Iterator[Record]:
        if entry.orphan:
            yield files.failure(
                entry.path, "orphan", f"the mask '{entry.path.name}' has no image; add it, or rename it"
            )
            return
        try:
            yield from self._image(entry)
        except InputError as error:
            yield files.failed(entry.path, error)

    def blobs(self) -> pa.Table | None:
        """The bytes to copy."""
        return files.blob_table(self._blobs)

    def _image(self, entry: Entry) -> Iterator[Record]:
        from catalog.pixels.raster import probe
        from catalog.pixels.whole import check_whole

        data = files.read_bytes(entry.path)
        check_whole(data)
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
            yield files.failed(mask.path, error, image_id=image.image_id)
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

    values = raster_values(files.read_bytes(mask.path), frame)
    height, width = values.shape[:2]
    if (width, height) != (image.width, image.height):
        raise InputError(
            f"the mask is {width}x{height}, its image '{image.file_name}' {image.width}x{image.height}; "
            "make them the same size",
            kind="mask-size",
        )
    return list(regions(values, mask.label))
