"""``triptych ingest``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from catalog.errors import UsageError
from tui import output
from tui.ambient import Ambient
from tui.progress import watching

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.ingest import Report

Kind = Literal["auto", "dicom", "nifti", "images", "medtrinity", "coco", "manifest"]


def ingest(
    *paths: Path,
    kind: Annotated[Kind, Parameter(name="--as")] = "auto",
    source: str | None = None,
    license: str | None = None,
    copy: bool = False,
    link: bool = False,
    labels: Path | None = None,
    axis: Literal[0, 1, 2] = 2,
    columns: Annotated[tuple[str, ...], Parameter(name="--map")] = (),
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Take images and their annotations in. Running it twice adds nothing; an interrupted run goes on.

    Exits with 1 when some inputs could not be read; the rest is in the lake then.

    Example: triptych ingest scans/ --source my-hospital --license CC-BY-4.0 --copy

    Example: triptych ingest table.csv --as manifest --map path=uri --map dx=disease

    Parameters
    ----------
    paths
        Files and folders.
    kind
        What they are; auto looks at them.
    source
        Collection they belong to; by default told from the input.
    license
        SPDX licence of the source, such as CC-BY-4.0.
    copy
        Take the bytes of the images into the lake.
    link
        Leave the images where they are (the default).
    labels
        Label map of a NIfTI volume; its labels become ROIs.
    axis
        Axis of a volume that its slices are perpendicular to.
    columns
        COL=FIELD: input column COL becomes our FIELD.
    as_json
        Print what was done as one JSON object.
    """
    if copy and link:
        raise UsageError("--link and --copy exclude each other; give one")
    started = datetime.now(UTC)
    with session.lake(write=True) as lake:
        options = {"kind": kind, "source": source, "license": license, "copy": copy, "labels": labels, "axis": axis}
        with watching(session, "taking in") as watch:
            report = lake.ingest(*paths, **options, columns=_map(columns), watch=watch)
        _tell(lake, report, started, session)
    if as_json:
        output.document(summary(report))
    return 1 if report.published.failures else 0


def summary(report: Report) -> dict[str, Any]:
    """What one ingest did, as JSON has it."""
    from dataclasses import asdict

    unknown = {column: dict(words.most_common()) for column, words in report.unknown.items() if words}
    counts = {"units": report.units, "skipped": report.skipped, "rows_read": report.rows_read}
    return {**asdict(report.published), **counts, "unknown": unknown}


def _tell(lake: Lake, report: Report, started: datetime, session: Ambient) -> None:
    from catalog.api.reports import failures_since

    added = report.published
    there = max(0, report.rows_read - added.images - added.filled)
    counts = {
        "images added": added.images,
        "already there": there,
        "given pixels": added.filled,
        "ROIs": added.rois,
        "descriptions": added.descriptions,
        "findings": added.findings,
    }
    session.say(", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what == "images added"))
    if report.skipped:
        session.say(f"{report.skipped:,} inputs were in the lake already")
    for column, words in report.unknown.items():
        if words:
            few = ", ".join(f"'{word}'" for word, _ in words.most_common(3))
            session.say(f"{len(words):,} {column} terms that the vocabulary does not know stay as given: {few}")
    if added.failures:
        session.say(f"{added.failures:,} failures; triptych failures lists them")
        for row in failures_since(lake, started):
            session.say(f"  {row['failures']:,} x {row['error']}, such as {row['input']}: {row['message']}")


def _map(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    wrong = next((left + equals + right for left, equals, right in pairs if not (left and right)), None)
    if wrong is not None:
        raise UsageError(f"--map '{wrong}' maps nothing; write COL=FIELD, such as --map dx=disease")
    return {left: right for left, _, right in pairs}
