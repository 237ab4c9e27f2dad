"""Finds annotation files under the given paths, and the images they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from catalog.errors import InputError
from catalog.ingest.detect import COCO_LIST

_SUBSET = re.compile(r"(?:^|[^a-z])(train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?)((?:-?dev)?\d{0,4})(?![a-z])", re.I)
_GENERIC = re.compile(r"(?:annotations?|images?|labels?|data|coco|jsons?)", re.I)
_POINTER = b"version https://git-lfs"
_LOOKED_AT = 1 << 20
_MOST_FOLDERS = 1_000
"""Folders below the given ones that are looked into for an image."""


def annotation_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files given, and every JSON file of the folders given that lists images or annotations."""
    seen: set[Path] = set()
    for path in paths:
        found = _in_folder(path) if path.is_dir() else [path] if path.suffix.casefold() == ".json" else []
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def subset_of(file: Path) -> str | None:
    """The part of its source that an annotation file covers, as ``train`` in ``instances_train2017.json``."""
    match = _SUBSET.search(file.stem) or _SUBSET.search(file.parent.name)
    return match[1] if match else None


def source_of(file: Path) -> str:
    """A name for the collection: the folder that is no mere ``annotations`` or ``train``, else the file's stem."""
    names = [folder.name for folder in islice(file.parents, 2)]
    return next((name for name in names if name and not _says_nothing(name)), file.stem)


class Finder:
    """Looks for the images of one annotation file."""

    def __init__(self, file: Path, paths: Sequence[Path]) -> None:
        self._folders = list(dict.fromkeys(folder for folder in _folders(file, paths) if folder.is_dir()))

    def find(self, name: str) -> Path | None:
        """Where an image lies, by the path its file name gives below a likely folder, else by the name alone."""
        plain = name.replace("\\", "/")
        for spelled in dict.fromkeys((name, plain, plain.rpartition("/")[2])):
            for folder in self._folders if spelled else ():
                if _is_file(folder / spelled):
                    return folder / spelled
        return None


def check_name(name: object) -> str:
    """The file name of an image.

    Raises:
        InputError: It is no text, or empty.
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"its 'file_name' is {name!r}; give it the name of the image's file", kind="name")
    return name


def _folders(file: Path, paths: Sequence[Path]) -> Iterator[Path]:
    """Where the images of an annotation file may lie, the likeliest first."""
    match = _SUBSET.search(file.stem)
    splits = [match[1] + match[2], match[1]] if match else []
    near = [file.parent, file.parent.parent]
    for folder in near:
        for split in splits:
            yield from (folder / split, folder / "images" / split)
    for folder in near:
        yield from (folder, folder / "images")
    given = [path if path.is_dir() else path.parent for path in paths]
    yield from given
    for folder in given:
        yield from islice(_below(folder), _MOST_FOLDERS)


def _below(folder: Path) -> Iterator[Path]:
    for name, folders, _ in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        yield Path(name)


def _in_folder(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.casefold() == ".json" and _is_coco(file))


def _is_coco(file: Path) -> bool:
    """Whether it is worth opening; what is empty or cannot be read is, so that it is told."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_LOOKED_AT)
    except IsADirectoryError:
        return False
    except OSError:
        return True
    return not head or head.startswith(_POINTER) or COCO_LIST.search(head) is not None


def _is_file(path: Path) -> bool:
    try:
        str(path).encode()
        return path.is_file()
    except (OSError, ValueError):  # too long, or no name that a file can have
        return False


def _says_nothing(name: str) -> bool:
    return _GENERIC.fullmatch(name) is not None or _SUBSET.fullmatch(name) is not None
