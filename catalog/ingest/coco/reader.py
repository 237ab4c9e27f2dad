"""The reader of COCO files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from catalog import records
from catalog.errors import InputError
from catalog.ingest.bulk.scratch import Scratch
from catalog.ingest.coco import regions
from catalog.ingest.coco.finding import Finder, annotation_files, source_of, subset_of
from catalog.ingest.coco.images import Collection, take
from catalog.ingest.coco.index import Index, build, read_elements
from catalog.ingest.coco.text import clean
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.lake.keys import digest
from catalog.records import Failure, Record

_IMAGES = 500
"""Images of a unit."""
_ANNOTATIONS = 10_000
"""Annotations of a unit, unless one image has more."""
_COPIED_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Images start to stop (exclusive) of a COCO file."""

    index: Index
    start: int
    files: tuple[Path | None, ...]
    """Where each image lies."""
    failures: tuple[Failure, ...] = ()
    """What is wrong with the file's lists."""


class CocoReader:
    """Reads COCO files: instances, captions, and results with scores (see ``catalog.ingest.contract.Reader``).

    Images lie beside the file, in ``images`` or a folder named for its subset there or one folder up, or under another
    of the paths. An image that is not found keeps its row and its regions, without pixels.
    """

    kind: ClassVar[str] = "coco"
    parallel: ClassVar[bool] = True

    def __init__(self, paths: Sequence[Path], options: Options) -> None:
        self._paths = [Path(path).absolute() for path in paths]
        self._options = options
        self._scratch = Scratch()

    def units(self) -> Iterator[Unit]:
        """Each file's images, a few hundred at a time; a file that cannot be read is a unit of one failure."""
        for place, path in enumerate(annotation_files(self._paths)):
            try:
                index = build(path, self._scratch, name=f"coco{place}")
            except InputError as error:
                yield self._failed(path, error)
                continue
            yield from self._units_of(index)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read the images of one unit with their annotations."""
        del lookup
        part = unit.payload
        if not isinstance(part, Part):
            return Batch(tables=records.tables([part]))
        try:
            batch = Batch(tables=records.tables([*part.failures, *self._records(part)]))
        except (ValueError, OSError) as error:
            reason = clean(" ".join(str(error).split())[:300])
            message = f"'{part.index.path}' cannot be read any more: {reason}; has it changed? Run again"
            return Batch(tables=records.tables([Failure(input=_shown(part.index.path), message=clean(message))]))
        if self._options.copy and "images" in batch.tables:
            from catalog.ingest.manifest.copying import take_bytes

            take_bytes(batch, self._options.keys, part.index.path)
        return batch

    def _records(self, part: Part) -> Iterator[Record]:
        index, stop = part.index, part.start + len(part.files)
        collection = self._collection(index)
        starts = index.starts()[part.start : stop + 1].tolist()
        entries = read_elements(index.path, index.image_places()[part.start : stop])
        for place, (said, file) in enumerate(zip(entries, part.files, strict=True)):
            taken = take(said, file, collection)
            yield from taken.failures
            if taken.image is None:
                continue
            yield taken.image
            places = index.annotation_places()[starts[place] : starts[place + 1]]
            for annotation in read_elements(index.path, places):
                if taken.framed or isinstance(annotation.get("caption"), str):
                    said_here = annotation if taken.framed else {"caption": annotation["caption"]}
                    yield from regions.read(said_here, taken.image, index.labels, path=collection.path)

    def _collection(self, index: Index) -> Collection:
        source = clean(self._options.source or source_of(index.path))
        return Collection(_shown(index.path), source, subset_of(index.path), index.licenses)

    def _units_of(self, index: Index) -> Iterator[Unit]:
        finder = Finder(index.path, self._paths)
        counts, failures = index.starts(), index.failures
        start, files, size = 0, list[Path | None](), 0
        for place, said in enumerate(read_elements(index.path, index.image_places())):
            files.append(finder.find(_name(said)))
            size += _stamp(files[-1])[0] if self._options.copy else 0
            many = counts[place + 1] - counts[start] >= _ANNOTATIONS
            if len(files) >= _IMAGES or many or size >= _COPIED_BYTES:
                yield self._unit(Part(index, start, tuple(files), failures))
                start, files, size, failures = place + 1, [], 0, ()
        if files:
            yield self._unit(Part(index, start, tuple(files), failures))

    def _unit(self, part: Part) -> Unit:
        path, stop = part.index.path, part.start + len(part.files)
        stamps = [(str(file), *_stamp(file)) for file in part.files]
        key = digest(self.kind, *_identity(path), part.start, stop, stamps, self._options.source, self._options.copy)
        name = f"{path.name} images {part.start}-{stop}"
        return Unit(key=key, name=clean(name), payload=part, items=len(part.files))

    def _failed(self, path: Path, error: InputError) -> Unit:
        failure = Failure(input=_shown(path), error=error.kind, message=clean(str(error)))
        return Unit(key=digest(self.kind, *_identity(path), "unread"), name=clean(path.name), payload=failure)


def _name(said: Any) -> str:
    name = said.get("file_name")
    return name if isinstance(name, str) else ""


def _identity(path: Path) -> tuple[object, ...]:
    return (str(path), *_stamp(path))


def _stamp(path: Path | None) -> tuple[int, int]:
    """Size and time of change, 0 where there is no file."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        found = None
    return (found.st_size, found.st_mtime_ns) if found is not None else (0, 0)


def _shown(path: Path) -> str:
    return clean(str(path))
