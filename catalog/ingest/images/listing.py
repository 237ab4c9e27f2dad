"""The images under some paths, folder by folder, in units of a bounded size."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.ingest import files
from catalog.ingest.contract import Options, Unit
from catalog.ingest.detect import RASTER
from catalog.ingest.images.pairing import Mask, Pairs, is_mask_folder, mask_folders, pair
from catalog.lake.keys import digest

_FILES = 256
_COPIED_BYTES = 64 << 20


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
        size += files.stamp(entry.path)[1] if options.copy else 0
        if len(chunk) >= _FILES or size >= _COPIED_BYTES:
            yield _unit(chunk, options)
            chunk, size = [], 0
    if chunk:
        yield _unit(chunk, options)


def entries(paths: Iterable[Path]) -> Iterator[Entry]:
    """Every image under ``paths`` with its masks, folders and names in order."""
    single: dict[Path, list[Path]] = {}
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        else:
            single.setdefault(path.parent, []).append(path)
    for given in single.values():
        yield from _given(given)


def _given(given: Sequence[Path]) -> Iterator[Entry]:
    """Files named one by one find their masks, too."""
    folder = given[0].parent
    pairs = _pairs(folder, folder)
    claimed = {mask.path for masks in pairs.images.values() for mask in masks}
    for file in sorted(set(given) - claimed):
        yield Entry(file, tuple(pairs.images.get(file, ())), files.subset_of(folder, folder))


def _in_folder(root: Path) -> Iterator[Entry]:
    claimed: set[Path] = set()
    masks: list[Path] = []
    for name, folders, _ in os.walk(root, followlinks=True):
        folders.sort()
        folder = Path(name)
        if any(is_mask_folder(Path(part)) for part in folder.relative_to(root).parts):
            masks += _rasters(folder)
            continue
        pairs = _pairs(folder, root)
        claimed.update(mask.path for of_image in pairs.images.values() for mask in of_image)
        yield from _entries(pairs, files.subset_of(folder, root))
    yield from (Entry(path, orphan=True) for path in masks if path not in claimed)


def _entries(pairs: Pairs, subset: str | None) -> Iterator[Entry]:
    yield from (Entry(path, tuple(masks), subset) for path, masks in pairs.images.items())
    yield from (Entry(path, orphan=True) for path in pairs.orphans)


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


def _unit(chunk: Sequence[Entry], options: Options) -> Unit:
    read = [path for entry in chunk for path in (entry.path, *(mask.path for mask in entry.masks))]
    key = digest("images", options.source, options.copy, [files.stamp(path) for path in read])
    first, last = chunk[0].path, chunk[-1].path
    name = f"{first}" if first == last else f"{first} … {last.name}"
    return Unit(key=key, name=name, payload=tuple(chunk), items=len(chunk))
