"""The volumes under some paths, each with its label maps, one a unit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from catalog.errors import UsageError
from catalog.ingest import files
from catalog.ingest.contract import Options, Unit
from catalog.ingest.nifti import pairing
from catalog.lake.keys import digest

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A volume with its label maps, or (``problem``) what stands in the way of it."""

    path: Path
    source: str
    labels: tuple[Path, ...] = ()
    subset: str | None = None
    problem: str | None = None
    unlabelled: bool = False
    """The folder of label maps that was given holds none for this volume."""


def check(paths: Sequence[Path], options: Options) -> None:
    """Refuse options that cannot be meant.

    Raises:
        UsageError: An axis that a volume does not have, label maps that do not exist or cannot be told apart.
    """
    if options.axis not in (0, 1, 2):
        raise UsageError(f"--axis is {options.axis}; a volume has 0 (sagittal), 1 (coronal) and 2 (axial)")
    labels = options.labels
    if labels is None:
        return
    if not labels.exists():
        raise UsageError(f"--labels: no such file or folder: '{labels}'")
    if labels.is_dir():
        return
    volumes = list(islice(entries(paths, options), 2))
    if len(volumes) > 1:
        several = ", ".join(f"'{files.shown(volume.path.name)}'" for volume in volumes)
        raise UsageError(
            f"--labels '{labels}' is one label map, but there are several volumes ({several}, ...); "
            "give a folder that holds a label map of each volume's name"
        )
    if not volumes and any(_same(path, labels) for path in paths):
        raise UsageError(f"--labels '{labels}' is the volume itself; give its label map")


def units(paths: Iterable[Path], options: Options) -> Iterator[Unit]:
    """A unit for every volume, in the order of folders and names."""
    for entry in entries(paths, options):
        named = [file for labels in entry.labels for file in (labels, pairing.table(labels)) if file is not None]
        stamps = [files.stamp(file) for file in (entry.path, *named)]
        key = digest("nifti", _VERSION, entry.source, options.copy, options.axis, options.labels, *stamps)
        yield Unit(key=key, name=files.shown(str(entry.path)), payload=entry)


def entries(paths: Iterable[Path], options: Options) -> Iterator[Entry]:
    """Every volume under ``paths``; label maps of other volumes are not volumes."""
    named: dict[Path, list[Path]] = {}
    for path in paths:
        root = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and links are kept as given
        if root.is_dir():
            yield from _walked(root, options)
        elif pairing.is_volume(root.name):
            named.setdefault(root.parent, []).append(root)
    for folder, given in named.items():
        yield from _named(folder, list(dict.fromkeys(given)), options)


def _walked(root: Path, options: Options) -> Iterator[Entry]:
    source = options.source or files.shown(root.name) or "nifti"
    troubles: list[Entry] = []

    def cannot(error: OSError) -> None:
        why = f"the folder cannot be listed ({error.strerror}); check its rights"
        troubles.append(Entry(Path(error.filename), source, problem=why))

    seen: set[str] = set()
    for name, folders, names in os.walk(root, onerror=cannot, followlinks=True):
        folder = Path(name)
        if folder != root and pairing.folder_of_images(folder):
            yield from _orphans(folder, names, source)
            continue
        folders[:] = sorted(inner for inner in folders if not _again(folder / inner, seen))
        found = sorted(file for file in names if pairing.is_volume(file) and not file.startswith("._"))
        maps = pairing.label_maps(found)
        claimed = {label for labels in maps.values() for label in labels}
        subset = files.subset_of(folder, root)
        apart = pairing.folder_of_labels(folder) if options.labels is None and found else None
        for file in found:
            if file not in claimed and not _is_labels(folder / file, options):
                entry = _entry(folder / file, source, maps.get(file, ()), options, subset)
                more = pairing.within(apart, folder / file) if apart else ()
                yield replace(entry, labels=(*entry.labels, *more))
    yield from troubles


def _orphans(folder: Path, names: Sequence[str], source: str) -> Iterator[Entry]:
    """The label maps of a folder of label maps that no volume of the folder of images claims."""
    images = pairing.folder_of_images(folder)
    volumes = _volumes(images) if images else set()
    claimed = {label.name for name in volumes for label in pairing.within(folder, folder / name)}
    for name in sorted(filter(pairing.is_volume, names)):
        if name not in claimed and not name.startswith("._"):
            why = f"the label map '{files.shown(name)}' has no volume of its name in '{images}'; add it, or rename"
            yield Entry(folder / name, source, problem=why)


def _named(folder: Path, given: Sequence[Path], options: Options) -> Iterator[Entry]:
    """Files named one by one find their label maps, too; a label map named alone is a volume."""
    names = {path.name for path in given}
    around = sorted(names | _volumes(folder))
    maps = pairing.label_maps(around)
    claimed = {label for name in names for label in maps.get(name, ())}
    for path in given:
        if path.name not in claimed and not _is_labels(path, options):
            source = options.source or files.shown(pairing.stem(path.name))
            yield _entry(path, source, maps.get(path.name, ()), options, None)


def _volumes(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as found:
            return {item.name for item in found if pairing.is_volume(item.name) and not item.name.startswith("._")}
    except OSError:
        return set()


def _entry(path: Path, source: str, beside: Sequence[str], options: Options, subset: str | None) -> Entry:
    given = options.labels
    if given is None:
        return Entry(path, source, tuple(path.with_name(name) for name in beside), subset)
    if given.is_file():
        return Entry(path, source, (given,), subset)
    labels = pairing.within(given, path)
    return Entry(path, source, labels, subset, unlabelled=not labels)


def _is_labels(path: Path, options: Options) -> bool:
    """Whether a file is what ``--labels`` names, or lies in it."""
    given = options.labels
    return given is not None and path.resolve().is_relative_to(given.resolve())


def _again(folder: Path, seen: set[str]) -> bool:
    """Whether a linked folder was entered before, or leads back to one it lies in."""
    if not folder.is_symlink():
        return False
    real = os.path.realpath(folder)
    looped = real in seen or Path(os.path.realpath(folder.parent)).is_relative_to(real)
    seen.add(real)
    return looped


def _same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)
