"""Which label maps belong to a volume, told by their names, and the tables that name their labels.

A label map has the stem of its volume and a word for it (``t1_seg.nii.gz``, ``t1-labels.nii``), or the part of the stem
that the volumes of a case share (``case7-seg`` belongs to ``case7-t1`` and ``case7-t2``), or the word alone
(``segmentation.nii.gz`` belongs to every volume of its folder). In a folder of label maps the stem of the volume alone
will do, too, with or without the number of a channel (``case_0000.nii.gz`` and ``case.nii.gz``); such a folder may
stand beside the folder of the volumes (``imagesTr`` and ``labelsTr``).
A table of names has the stem of its label map (``case_seg.txt``) or its whole name (``case_seg.nii.txt``), or is the
``dataset.json`` of the data set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SUFFIXES = (".nii.gz", ".nii")
TABLES = (".txt", ".csv", ".tsv", ".json", ".label", ".lut")
_LABELS = re.compile(r"(?:(?P<owner>.+)[_.-])?(?:d?seg|segmentation|masks?|labels?|labelmap)", re.IGNORECASE)
_LABEL_FOLDER = re.compile(r"(?:labels?|masks?|segs?|segmentations?)(?P<part>(?:[_-]?[a-z]+)?)", re.IGNORECASE)
_IMAGE_FOLDER = re.compile(r"(?:images?|imgs?|volumes?)(?P<part>(?:[_-]?[a-z]+)?)", re.IGNORECASE)
_CHANNEL = re.compile(r"_\d{4}$")


def is_volume(name: str) -> bool:
    """Whether a file name is that of a NIfTI file."""
    return name.casefold().endswith(SUFFIXES)


def stem(name: str) -> str:
    """A file name without ``.nii`` or ``.nii.gz``."""
    lower = name.casefold()
    return next((name[: -len(suffix)] for suffix in SUFFIXES if lower.endswith(suffix)), name)


def label_maps(names: Sequence[str]) -> dict[str, list[str]]:
    """The label maps of each volume among the NIfTI files of one folder; what is claimed as one is no volume."""
    by_owner: dict[str, list[str]] = {}
    for name in names:
        if match := _LABELS.fullmatch(stem(name)):
            by_owner.setdefault(match["owner"] or "", []).append(name)
    volumes = [name for name in names if not _LABELS.fullmatch(stem(name))]
    stems = {stem(name) for name in volumes}
    shared = {owner: maps for owner, maps in by_owner.items() if owner not in stems}
    found = {name: by_owner.get(stem(name)) or _of_case(stem(name), shared) for name in volumes}
    return {name: maps for name, maps in found.items() if maps}


def within(folder: Path, volume: Path) -> tuple[Path, ...]:
    """The label maps of ``volume`` in a folder of label maps."""
    for own in dict.fromkeys((stem(volume.name), _CHANNEL.sub("", stem(volume.name)))):
        words = ("", "_seg", "_mask", "_label", "_labels", "-seg", "_dseg", "_segmentation")
        found = tuple(place for word in words if (place := _first(folder, own + word)))
        if found:
            return found
    return ()


def folder_of_labels(folder: Path) -> Path | None:
    """The folder of label maps that stands beside a folder of images."""
    return _partner(folder, _IMAGE_FOLDER, _LABEL_FOLDER)


def folder_of_images(folder: Path) -> Path | None:
    """The folder of images that stands beside a folder of label maps."""
    return _partner(folder, _LABEL_FOLDER, _IMAGE_FOLDER)


def _partner(folder: Path, mine: re.Pattern[str], other: re.Pattern[str]) -> Path | None:
    """The folder beside ``folder`` that is named as ``other``, for the same part."""
    match = mine.fullmatch(folder.name)
    if match is None:
        return None
    with os.scandir(folder.parent) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir())
    fitting = (name for name in names if (found := other.fullmatch(name)) and found["part"] == match["part"])
    return next((folder.with_name(name) for name in fitting), None)


def table(labels: Path) -> Path | None:
    """The table that names the values of a label map."""
    return next((place for place in _tables(labels) if place.is_file()), None)


def is_table(file: Path) -> bool:
    """Whether a file has the name of a table of names (or another companion) of a NIfTI file beside it."""
    if not file.name.casefold().endswith(TABLES):
        return False
    own = file.name[: -len(file.suffix)]
    return is_volume(own) or _first(file.parent, own) is not None


def _of_case(own: str, shared: Mapping[str, list[str]]) -> list[str]:
    """The label maps of the longest part of a stem that has any."""
    cuts = (own[:place] for place in range(len(own) - 1, -1, -1) if place == 0 or own[place] in "_.-")
    return next((shared[cut] for cut in cuts if cut in shared), [])


def _tables(labels: Path) -> Iterator[Path]:
    for own in (stem(labels.name), f"{stem(labels.name)}.nii", labels.name):
        yield from (labels.with_name(own + suffix) for suffix in TABLES)
    yield from (folder / "dataset.json" for folder in (labels.parent, labels.parent.parent))


def _first(folder: Path, own: str) -> Path | None:
    places = (folder / (own + suffix) for suffix in SUFFIXES)
    return next((place for place in places if place.is_file()), None)
