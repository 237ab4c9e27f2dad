"""``triptych compact``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.progress import of_files
from tui.session import counted

if TYPE_CHECKING:
    from catalog.lake.upkeep import Compaction
    from tui.session import Session

_UNITS = ("B", "kB", "MB", "GB", "TB")


def compact(
    *,
    expire: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Merge small files and put rows in order, so that queries stay fast; others read and write meanwhile.

    Files that were replaced stay a day, for queries that still read them.

    Example: triptych compact

    Example: triptych compact --expire 7d

    Parameters
    ----------
    expire
        Forget the snapshots older than this age (30m, 12h, 7d) or moment (2026-01-31T12:00, UTC), and free their space.
    as_json
        Print what was done as one JSON object.
    """
    with session.lake(write=True) as lake:
        with of_files(session) as watch:
            done = lake.compact(expire=expire, watch=watch)
        _tell(done, session, as_json=as_json, expired=expire is not None)
    return 0


def summary(done: Compaction) -> dict[str, Any]:
    """What one compaction did, as JSON has it."""
    from dataclasses import asdict

    return asdict(done)


def _tell(done: Compaction, session: Session, *, as_json: bool, expired: bool) -> None:
    if as_json:
        output.document(summary(done))
    else:
        for line in _lines(done):
            print(line)
    if not done.tables:
        session.say("the files are in order already")
    cleared = done.cleared
    if expired and not cleared.snapshots and not cleared.files:
        session.say("no snapshot is older, nothing was freed")
    if cleared.waiting_files:
        wait = f"{counted(cleared.waiting_files, 'replaced file')} ({size(cleared.waiting_bytes)})"
        session.say(f"kept for queries that may still read: {wait}; a later triptych compact --expire AGE frees them")


def _lines(done: Compaction) -> list[str]:
    width = max((len(item.table) for item in done.tables), default=0)
    lines = [
        f"{item.table:<{width}}  {counted(item.files_before, 'file')} -> {item.files_after:,}, "
        f"{size(item.bytes_before)} -> {size(item.bytes_after)}, {item.seconds:.1f} s"
        for item in done.tables
    ]
    cleared = done.cleared
    if cleared.snapshots or cleared.files:
        said = f"{counted(cleared.snapshots, 'snapshot')} expired, {counted(cleared.files, 'file')} deleted"
        lines.append(f"{said}, {size(cleared.bytes)} freed")
    return lines


def size(count: int) -> str:
    """An amount of bytes for people.

    >>> size(46_000_000)
    '46.0 MB'
    """
    amount, unit = float(count), _UNITS[0]
    for larger in _UNITS[1:]:
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
