"""The files of an input, in an order that is the same every time, and the units they are read in."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from catalog.ingest.contract import Options, Unit
from catalog.ingest.dicom import dicomdir
from catalog.ingest.dicom.sniff import Kind, sniff

_VERSION = 1
_MOST_FILES = 384
_MEAN_FILES = 192
_MOST_COPIED = 64 << 20
_ANNOTATIONS = 16


class File(NamedTuple):
    """A DICOM file found; ``root`` is the input it was found in."""

    path: str
    root: str
    size: int
    modified: int
    kind: Kind


class Problem(NamedTuple):
    """Something that cannot be read. ``identifiers`` are hidden in ``path`` when the failure is written."""

    path: str
    error: str
    message: str
    item: str | None = None
    image_id: str | None = None
    identifiers: tuple[str, ...] = ()


Entry = File | Problem


def units(paths: Sequence[Path], options: Options) -> Iterator[Unit]:
    """Images in units of a few hundred files, then the annotations of them, few at a time."""
    annotations: list[Entry] = []
    chunk: list[Entry] = []
    for entry in files(paths):
        if isinstance(entry, File) and entry.kind == "annotation":
            annotations.append(entry)
            continue
        chunk.append(entry)
        if _full(chunk, options):
            yield _unit(chunk, options, after_images=False)
            chunk = []
    if chunk:
        yield _unit(chunk, options, after_images=False)
    for start in range(0, len(annotations), _ANNOTATIONS):
        yield _unit(annotations[start : start + _ANNOTATIONS], options, after_images=True)


def files(paths: Iterable[Path]) -> Iterator[Entry]:
    """Every DICOM file under ``paths``, and what is missing."""
    for path in paths:
        root = str(Path(os.path.abspath(path)))  # noqa: PTH100 - resolve() would follow links, and links are kept as given
        if Path(root).is_dir():
            yield from _walk(root, root)
        else:
            yield from _one(root, str(Path(root).parent), named=True)


def _walk(folder: str, root: str, above: tuple[str, ...] = ()) -> Iterator[Entry]:
    """The files under ``folder``, by name. A linked folder is entered unless it leads back to one it lies in."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield Problem(folder, "unreadable", f"the folder cannot be listed ({type(error).__name__}); check its rights")
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, root, above)
        elif entry.is_dir():
            here, linked = os.path.realpath(folder), os.path.realpath(entry.path)
            if not any(Path(inside).is_relative_to(linked) for inside in (here, *above)):
                yield from _walk(entry.path, root, (*above, here))
        elif not entry.name.startswith("._"):  # resource forks that macOS leaves beside files
            yield from _one(entry.path, root)


def _one(path: str, root: str, *, named: bool = False) -> Iterator[Entry]:
    try:
        found = Path(path).stat()
    except OSError:
        yield Problem(path, "missing", "the file does not exist or cannot be reached; check the path and its rights")
        return
    if not stat.S_ISREG(found.st_mode):
        if named:
            yield Problem(path, "unreadable", "this is neither a file nor a folder; give one of these")
        return
    kind = sniff(path, named=named)
    if kind == "directory":
        yield from _directory(path, root, named=named)
    elif kind is not None:
        yield File(path, root, found.st_size, found.st_mtime_ns, kind)


def _directory(path: str, root: str, *, named: bool) -> Iterator[Entry]:
    """What a DICOMDIR refers to. In a folder that is walked anyway only its missing files are news."""
    listing = dicomdir.read(path)
    if listing.problem:
        yield Problem(path, "unreadable", listing.problem, identifiers=listing.identifiers)
    for reference in listing.references:
        if reference.found is None:
            message = "the DICOMDIR refers to a file that is not there; copy the whole medium and run again"
            yield Problem(path, "missing", message, item=reference.name, identifiers=listing.identifiers)
        elif named:
            yield from _one(reference.found, root, named=True)


def _full(chunk: list[Entry], options: Options) -> bool:
    """Whether a unit ends here. Names decide, so a file added to a folder changes one unit and not all after it."""
    if len(chunk) >= _MOST_FILES or zlib.crc32(os.fsencode(Path(chunk[-1].path).name)) % _MEAN_FILES == 0:
        return True
    return options.copy and sum(entry.size for entry in chunk if isinstance(entry, File)) >= _MOST_COPIED


def _unit(entries: list[Entry], options: Options, *, after_images: bool) -> Unit:
    parts = [part for entry in entries for part in entry]
    key = options.keys("dicom", _VERSION, options.source, options.copy, *parts)
    what = "annotation files" if after_images else "files"
    return Unit(
        key=key,
        name=f"{len(entries)} DICOM {what}",
        payload=tuple(entries),
        items=len(entries),
        after_images=after_images,
    )
