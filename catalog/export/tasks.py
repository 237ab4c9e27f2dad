"""Cuts the images of an export into tasks, so that every file and archive is read in the way that it is fast in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from catalog.errors import InputError
from catalog.pixels import address
from catalog.pixels.source import PixelSource

TOGETHER = 8
"""Images of one file or archive that one task takes; their bytes may be held together."""
_RANDOM = ("lance:", "tar:")
"""Where images are read as fast in any order, by several threads."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """Some images whose pixels are saved one after the other."""

    rows: list[Row]
    ordered: bool = False
    """Whether the tasks of its file must be done in turn, as it is read from front to back."""
    data: bytes | None = None
    """What lies at the address of the rows, where that has been read already."""
    error: InputError | None = None
    """Why it could not be read."""


def tasks(rows: Iterator[Row], source: PixelSource) -> Iterator[Task]:
    """Tasks for rows that come ordered by file; a compressed archive is read here, in one pass."""
    for container, group in groupby(rows, key=_container):
        if container.startswith("tarzst:"):
            yield from _of_archive(list(group), source)
        else:
            yield from _of_file(container, group)


def _of_file(container: str, group: Iterator[Row]) -> Iterator[Task]:
    first = list(islice(group, TOGETHER))
    ordered = not container.startswith(_RANDOM) and (len(first) > 1 or "!" in (first[0]["uri"] or ""))
    yield Task(first, ordered)
    while some := list(islice(group, TOGETHER)):
        yield Task(some, ordered)


def _of_archive(rows: list[Row], source: PixelSource) -> Iterator[Task]:
    """One task a member, in the order of the archive; then what the archive does not hold, or not any more."""
    waiting: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        waiting[row["uri"]].append(row)
    broken = None
    try:
        uris = {address.parse(uri).name: uri for uri in waiting}
        for member, data in source.walk(rows[0]["uri"], uris):
            yield Task(waiting.pop(uris.pop(member)), data=data)
            if not uris:
                return
    except InputError as error:
        broken = error
    for uri, missed in waiting.items():
        gone = InputError(f"the archive of {uri!r} has no such member; was it replaced, or cut short?", kind="missing")
        yield Task(missed, error=broken or gone)


def _container(row: Row) -> str:
    uri = row["uri"] or ""
    return "lance:" if uri.startswith("lance:") else uri.split("!")[0]
