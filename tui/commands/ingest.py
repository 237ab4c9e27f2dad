"""``triptych ingest``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.diagnostics import one_line
from tui.input_flags import DEFAULT, Input
from tui.progress import of_units
from tui.session import counted

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.ingest import Report
    from tui.session import Session


def ingest(
    *paths: Path,
    flags: Input = DEFAULT,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Take images and their annotations in. Running it twice adds nothing; an interrupted run goes on.

    Exits with 1 when some inputs could not be read; the rest is in the lake then.

    Example: triptych ingest scans/ --source my-hospital --license CC-BY-4.0 --copy

    Example: triptych ingest slides/ --set modality=Histopathology --set organ=breast

    Example: triptych ingest table.csv --as manifest --map path=uri --map dx=disease

    Parameters
    ----------
    paths
        Files and folders.
    as_json
        Print what was done as one JSON object.
    """
    started = datetime.now(UTC)
    options = flags.options()
    with session.lake(write=True) as lake:
        with of_units(session) as watch:
            report = lake.ingest(*paths, **options, watch=watch)
        _tell(lake, report, started, session)
    if as_json:
        output.document(summary(report))
    return 1 if report.published.failures else 0


def summary(report: Report) -> dict[str, Any]:
    """What one ingest did, as JSON has it."""
    from dataclasses import asdict

    unknown = {column: dict(words.most_common()) for column, words in report.unknown.items() if words}
    counts = {"units": report.units, "skipped": report.skipped, "rows_read": report.rows_read}
    return {**asdict(report.published), **counts, "unknown": unknown, "notes": report.notes}


def _tell(lake: Lake, report: Report, started: datetime, session: Session) -> None:
    from catalog.api.reports import failures_since

    added = report.published
    reasons = failures_since(lake, started, few=1_000) if added.failures else []
    refused = sum(row["failures"] for row in reasons if row["error"] == "conflict")
    counts = {
        "ROI": added.rois,
        "description": added.descriptions,
        "finding": added.findings,
    }
    there = max(0, report.rows_read - added.images - added.filled - refused)
    said = [f"{counted(added.images, 'image')} added"]
    said += [f"{there:,} already there"] if there else []
    said += [f"{added.filled:,} given pixels"] if added.filled else []
    said += [f"{added.relicensed:,} given another licence"] if added.relicensed else []
    said += [counted(count, what) for what, count in counts.items() if count]
    said += [f"{counted(report.skipped, 'input')} in the lake already"] if report.skipped else []
    session.say(", ".join(said))
    for column, words in report.unknown.items():
        if words:
            few = ", ".join(f"'{one_line(word)}'" for word, _ in words.most_common(3))
            session.say(f"not in the vocabulary, kept as given: {len(words):,} of {column}, such as {few}")
    for note in report.notes:
        session.say(one_line(note))
    if added.failures:
        session.say(f"not read: {added.failures:,}; triptych failures lists them")
    for row in reasons[:3]:
        where = "" if row["input"] in row["message"] else f"{row['input']}: "
        session.say(f"  {row['failures']:,} x {row['error']}, such as: {one_line(where + row['message'])}")
