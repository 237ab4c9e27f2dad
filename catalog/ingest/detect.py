"""Which reader an input is for, told by its files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from catalog.errors import InputError, UsageError
from catalog.ingest.nifti.pairing import is_table

Kind = Literal["dicom", "nifti", "images", "medtrinity", "coco", "manifest"]
KINDS: tuple[Kind, ...] = get_args(Kind)
RASTER = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")
COCO_LIST = re.compile(rb'"(?:annotations|images)"\s*:\s*\[')
"""What a COCO file has near its start."""
_LOOKED_INTO = 5_000
"""Files whose names say nothing that are looked into."""


def detect(paths: Sequence[Path]) -> tuple[tuple[Kind, ...], list[str]]:
    """The kinds of input in ``paths``, each to be read by its own reader, and what is left alone.

    A table that lies among other files says something of them that only its maker knows, so it is not taken for images.
    Pictures beside a COCO file or MedTrinity's tables are theirs; what else lies beside MedTrinity's is left alone.

    Raises:
        UsageError: A path does not exist, or no file is of a kind we know.
    """
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise UsageError(f"no such file or folder: '{gone}'")
    first = _first_of_each(paths)
    if not first:
        empty = next((path for path in paths if path.is_dir() and not any(path.iterdir())), None)
        problem = f"'{empty}' is an empty folder" if empty else f"no file of a known kind under '{paths[0]}'"
        raise UsageError(f"{problem}; name another path, or the kind with --as {'|'.join(KINDS)}")
    theirs = _left_to_others(first, paths)
    joined = "medtrinity" in first  # whose reader lists every picture that it has no use for
    told: list[Kind] = [kind for kind in theirs if not (joined and kind == "images")]
    notes = [f"left alone: {name} input such as '{first[name]}'; take it in with --as {name}" for name in told]
    return tuple(kind for kind in KINDS if kind in first and kind not in theirs), notes


def _left_to_others(first: Mapping[Kind, Path], paths: Sequence[Path]) -> list[Kind]:
    """Kinds that are not read because of others that are."""
    if "medtrinity" in first:
        return [kind for kind in first if kind != "medtrinity"]
    theirs: list[Kind] = ["images"] if "coco" in first and "images" in first else []
    if "manifest" in first and len(first) > 1 and first["manifest"] not in paths:
        theirs.append("manifest")
    return theirs


def _first_of_each(paths: Sequence[Path]) -> dict[Kind, Path]:
    """The first file of every kind, those named one by one before those in folders."""
    found: dict[Kind, Path] = {}
    looked = 0
    for file in (file for path in sorted(paths, key=Path.is_dir) for file in _files(path)):
        kind = _kind(file)
        if kind is None and looked < _LOOKED_INTO and file.is_file():
            looked += 1
            kind = _kind_by_content(file)
        if kind is not None:
            found.setdefault(kind, file)
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            yield Path(folder, name)


def _kind(file: Path) -> Kind | None:
    name = file.name.casefold()
    if name.endswith((".nii", ".nii.gz")):
        return "nifti"
    if name.endswith(RASTER):
        return "images"
    if name.endswith((".dcm", ".ima", ".dicom")) or name == "dicomdir":
        return "dicom"
    if name.endswith((".tar", ".tar.zst", ".tzst")):
        return "medtrinity"
    return None


def _kind_by_content(file: Path) -> Kind | None:
    name = file.name.casefold()
    if is_table(file):
        return None
    if name.endswith((".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")):
        return _kind_of_table(file)
    if name.endswith(".json"):
        return "coco" if _says_annotations(file) else None
    return "dicom" if _is_dicom(file) else None


def _kind_of_table(file: Path) -> Kind:
    from catalog.ingest.medtrinity import sniff

    try:
        return "medtrinity" if sniff([file]) else "manifest"
    except InputError:
        return "medtrinity" if file.suffix == ".parquet" else "manifest"


def _says_annotations(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(1 << 20)
    return COCO_LIST.search(head) is not None


def _is_dicom(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            stream.seek(128)
            return stream.read(4) == b"DICM"
    except OSError:
        return False
