"""The images under some paths, folder by folder, in units of a bounded size."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.ingest.contract import Options, Unit
from catalog.ingest.detect import RASTER
from catalog.ingest.images.pairing import Mask, Pairs, is_mask_folder, mask_folders, pair
from catalog.lake.keys import digest

_FILES = 256
_COPIED_BYTES = 64 << 20
_SUBSETS = {"train", "training", "val", "valid", "validation", "test", "testing"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An image with its masks, or (``orphan``) a mask that no image claims."""

    path: Path
    masks: tuple[Mask, ...] = ()
    subset: str | None = None
    orphan: bool = False


def units(paths: Iterable[Path], options: Options) -> Iterator[Unit]:
    """Units of a few hundred images; one folder's images may share a unit with the next one's."""
    chunk: list[Entry] = []
    size = 0
    for entry in entries(paths):
        chunk.append(entry)
        size += _size(entry.path) if options.copy else 0
        if len(chunk) >= _FILES or size >= _COPIED_BYTES:
            yield _unit(chunk, options)
            chunk, size = [], 0
    if chunk:
        yield _unit(chunk, options)


def entries(paths: Iterable[Path]) -> Iterator[Entry]:
    """Every image under ``paths`` with its masks, folders and names in order."""
    files: dict[Path, list[Path]] = {}
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        else:
            files.setdefault(path.parent, []).append(path)
    for given in files.values():
        yield from _given(given)


def _given(files: Sequence[Path]) -> Iterator[Entry]:
    """Files named one by one find their masks, too."""
    folder = files[0].parent
    pairs = _pairs(folder, folder)
    claimed = {mask.path for masks in pairs.images.values() for mask in masks}
    for file in sorted(set(files) - claimed):
        yield Entry(file, tuple(pairs.images.get(file, ())), _subset(folder, folder))


def _in_folder(root: Path) -> Iterator[Entry]:
    for name, folders, _ in os.walk(root, followlinks=True):
        folders.sort()
        folder = Path(name)
        if any(is_mask_folder(Path(part)) for part in folder.relative_to(root).parts):
            continue
        pairs = _pairs(folder, root)
        subset = _subset(folder, root)
        yield from (Entry(path, tuple(masks), subset) for path, masks in pairs.images.items())
        if pairs.images:
            yield from (Entry(path, orphan=True) for path in sorted(pairs.orphans))


def _pairs(folder: Path, root: Path) -> Pairs:
    masks = {place: _rasters(place) for place in mask_folders(folder, root) if folder != place}
    return pair(_rasters(folder), masks)


def _rasters(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as found:
        names = sorted(item.name for item in found if item.is_file() and _is_raster(item.name))
    return [folder / name for name in names]


def _is_raster(name: str) -> bool:
    return name.casefold().endswith(RASTER) and not name.startswith(".")


def _subset(folder: Path, root: Path) -> str | None:
    parts = folder.relative_to(root).parts if folder != root else ()
    return next((part for part in (*parts, root.name) if part.casefold() in _SUBSETS), None)


def _unit(chunk: Sequence[Entry], options: Options) -> Unit:
    files = [path for entry in chunk for path in (entry.path, *(mask.path for mask in entry.masks))]
    stats = [(str(path), *_stamp(path)) for path in files]
    key = digest("images", options.source, options.copy, stats)
    first, last = chunk[0].path, chunk[-1].path
    name = f"{first}" if first == last else f"{first} … {last.name}"
    return Unit(key=key, name=name, payload=tuple(chunk), items=len(chunk))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def _size(path: Path) -> int:
    return _stamp(path)[0]
