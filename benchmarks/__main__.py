"""Runs every workload and writes ``benchmarks/RESULTS.md`` and ``results.json``: ``python -m benchmarks --size 1m``."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import dicom_headers, export_llava, manifest_ingest, medtrinity_ingest, startup
from benchmarks.measure import ROUNDS, Row, load, machine

_SIZES = {"1m": 1_000_000, "5m": 5_000_000, "25m": 25_000_000}
_WORKLOADS = {
    "startup": startup.measure,
    "export": export_llava.measure,
    "dicom": dicom_headers.measure,
    "medtrinity": medtrinity_ingest.measure,
    "manifest": manifest_ingest.measure,
}
_HERE = Path(__file__).parent


def main() -> None:
    """Measure what was asked for and write it down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=_SIZES, default="1m", help="rows of the manifest")
    parser.add_argument("--only", choices=_WORKLOADS, help="one workload; prints, and leaves the results as they are")
    said = parser.parse_args()
    names = [said.only] if said.only else list(_WORKLOADS)
    before, rows = load(), []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            for row in _WORKLOADS[name](_SIZES[said.size], Path(folder)):
                print(_line(row), flush=True)
                rows.append(row)
    if not said.only:
        _write(said.size, rows, before)


def _write(size: str, rows: list[Row], before: float) -> None:
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    head = ["| workload | amount | seconds | CPU s | rate | peak memory | floor | ours / floor | goal | met |"]
    head.append("|---|---|---|---|---|---|---|---|---|---|")
    text = [
        "# What was measured",
        "",
        f"`make bench SIZE={size}` on {when}: {machine()}. Load of the machine before it began: {before:.1f}.",
        f"Each number is the fastest of {ROUNDS} whole processes, start included; starts are the median of 15, DICOM "
        "headers are read in warm processes. The floor ran in the same run.",
        "",
        *head,
        *[_line(row) for row in rows],
        "",
    ]
    (_HERE / "RESULTS.md").write_text("\n".join(text), encoding="utf-8")
    kept = {"size": size, "date": when, "machine": machine(), "load": before, "rows": [asdict(row) for row in rows]}
    (_HERE / "results.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _line(row: Row) -> str:
    rate = f"{row.rate:,.0f} {row.unit}/s" if row.amount > 1 else f"{row.ours.seconds * 1000:.0f} ms"
    cells = [
        row.workload,
        f"{row.amount:,}",
        f"{row.ours.seconds:.2f}",
        f"{row.ours.cpu:.2f}" if row.ours.cpu is not None else "–",
        rate,
        f"{row.ours.peak_mb:.0f} MB" if row.ours.peak_mb is not None else "–",
        f"{row.floor}: {row.floor_seconds:.2f} s",
        f"{row.ours.seconds / row.floor_seconds:.2f}",
        row.goal,
        "yes" if row.met else "no",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
