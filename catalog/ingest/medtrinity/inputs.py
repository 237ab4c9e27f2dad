"""What the paths of one ingest hold: metadata tables, archives, folders of files, and what is none of these."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.ingest import archives
from catalog.ingest.bulk import tables

_TABLES = (*tables.PARQUET, ".jsonl", ".ndjson")
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")
_FOREIGN = (".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".7z", ".rar", ".zst")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sorted paths, absolute."""

    tables: list[Path] = field(default_factory=list)
    archives: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    """Folders that may hold images, to be walked."""
    loose: list[Path] = field(default_factory=list)
    """Images named one by one."""
    foreign: list[Path] = field(default_factory=list)
    """Archives of a kind that is not read."""

    @property
    def brings_files(self) -> bool:
        """Whether images may be joined to the rows."""
        return bool(self.archives or self.loose or self.folders)


def sniff(paths: Sequence[Path]) -> bool:
    """Whether every table among the files is MedTrinity-shaped: id and caption, and image or file_name.

    Raises:
        InputError: A table is damaged.
    """
    found = [path for path in paths if path.name.casefold().endswith(_TABLES)]
    return bool(found) and all(_shaped(set(tables.columns_of(path))) for path in found)


def sort(paths: Sequence[Path]) -> Inputs:
    """Tell apart what the paths hold; folders are walked without being kept in memory."""
    inputs = Inputs()
    for path in (Path(given).absolute() for given in paths):
        if not path.is_dir():
            _put(inputs, path, loose=True)
            continue
        holds_images = False
        for one in files(path):
            holds_images |= _put(inputs, one, loose=False)
        if holds_images:
            inputs.folders.append(path)
    return inputs


def files(folder: Path) -> Iterator[Path]:
    """Every file under a folder, sorted folder by folder."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(here, name)


def is_image(path: Path) -> bool:
    """Whether the name says image."""
    return path.name.casefold().endswith(_IMAGES)


def _put(inputs: Inputs, path: Path, *, loose: bool) -> bool:
    """Put one file where it belongs; says whether it is an image."""
    name = path.name.casefold()
    if name.endswith(_TABLES):
        inputs.tables.append(path)
    elif archives.is_archive(path):
        inputs.archives.append(path)
    elif name.endswith(_FOREIGN) or (loose and not is_image(path)):
        inputs.foreign.append(path)
    elif is_image(path):
        if loose:
            inputs.loose.append(path)
        return True
    return False


def _shaped(columns: set[str]) -> bool:
    return {"id", "caption"} <= columns and bool({"image", "file_name"} & columns)
