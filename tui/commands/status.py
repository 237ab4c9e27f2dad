"""``triptych status``."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.session import counted
from tui.table import lay_out, screen


def status(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """Show rows, sources, snapshot, and for each layer and modality what is there and what is missing.

    Example: triptych status --json

    Parameters
    ----------
    as_json
        One JSON object: path, snapshot, rows, sources, coverage, failures.
    """
    from catalog.api import reports

    with session.lake() as lake:
        found = reports.status(lake)
    if as_json:
        output.document(found)
        return 0
    print(f"lake      {found['path']}\nsnapshot  {found['snapshot']}")
    print("rows      " + ", ".join(counted(count, table.removesuffix("s")) for table, count in found["rows"].items()))
    print(f"failures  {found['failures']:,}" + ("; triptych failures lists them" if found["failures"] else ""))
    _table("sources", found["sources"])
    _table("images that have each layer", matrix(found["coverage"]))
    print(f"\nin a plain DuckDB with the ducklake extension\n  {found['attach']}")
    return 0


def matrix(coverage: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a modality, a column a layer: how many images have it, and how many of these are stale, or failed."""
    rows: dict[Any, dict[str, Any]] = {}
    for part in coverage:
        row = rows.setdefault(part["modality"], {"modality": part["modality"], "images": part["images"]})
        notes = [f"{part[what]:,} {what}" for what in ("stale", "failed") if part[what]]
        row[part["layer"]] = f"{part['has']:,} ({', '.join(notes)})" if notes else part["has"]
    return sorted(rows.values(), key=lambda row: -row["images"])


def _table(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        print(f"\n{title}")
        for line in lay_out(list(rows[0]), [list(row.values()) for row in rows], screen()).lines:
            print(line)
