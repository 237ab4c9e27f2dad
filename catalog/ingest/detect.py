"""Which reader an input is for, told by its files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from catalog.errors import InputError, UsageError
from catalog.ingest.nifti.pairing import is_table

Kind = Literal["dicom", "nifti", "images", "medtrinity", "coco", "manifest"]
KINDS: tuple[Kind, ...] = get_args(Kind)
RASTER = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")
COCO_LIST = re.compile(rb'"(?:annotations|images)"\s*:\s*\[')
"""What a COCO file has near its start."""
_LOOKED_AT = 5_000
"""Files of a folder that are looked at."""


def detect(paths: Sequence[Path]) -> tuple[tuple[Kind, ...], list[str]]:
    """The kinds of input in ``paths``, each to be read by its own reader, and what was left alone.

    A table that lies among other files says something of them that only its maker knows, so it is not taken for images.

    Raises:
        UsageError: A path does not exist, or no file is of a kind we know.
    """
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise UsageError(f"no such file or folder: '{gone}'")
    seen = [(kind, file) for path in paths for file in islice(_files(path), _LOOKED_AT) if (kind := _kind(file))]
    found = {kind for kind, _ in seen}
    if not found:
        raise UsageError(f"nothing to take in under '{paths[0]}'; name the kind with --as {'|'.join(KINDS)}")
    if "medtrinity" in found:
        return ("medtrinity",), []
    if "coco" in found:
        found.discard("images")
    aside = [file for kind, file in seen if kind == "manifest" and file not in paths] if len(found) > 1 else []
    if aside and not any(kind == "manifest" and file in paths for kind, file in seen):
        found.discard("manifest")
        return _in_order(found), [f"left alone: the table '{aside[0]}'; to take it in, name it with --as manifest"]
    return _in_order(found), []


def _in_order(found: set[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind in found)


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
    return _kind_by_content(file, name)


def _kind_by_content(file: Path, name: str) -> Kind | None:
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
