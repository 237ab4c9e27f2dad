"""Runs workloads at one size and writes ``results-SIZE.json``, ``RESULTS.md`` and the picture.

``python -m benchmarks --size 1m`` runs them all; ``--only append,compact`` some, whose results replace their old ones.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks import dicom_headers, export_llava, kept, manifest_ingest, medtrinity_ingest, report, startup
from benchmarks.kept import Results
from benchmarks.lakes import LakeFiles, disk, lake_files, lake_of
from benchmarks.measure import Row
from benchmarks.outcome import Outcome
from benchmarks.peers.running import Peers
from benchmarks.scale import SIZES, Scale
from benchmarks.timing import two_cores

_PROCESSES: dict[str, Callable[[int, Path], list[Row]]] = {
    "startup": startup.measure,
    "export": export_llava.measure,
    "dicom": dicom_headers.measure,
    "medtrinity": medtrinity_ingest.measure,
    "manifest": manifest_ingest.measure,
}
_PROCESSES_OF_SIZE = {"1m": tuple(_PROCESSES), "5m": ("startup", "manifest"), "25m": ("startup",)}
"""At larger sizes only what the size or the state of the machine changes, and what fits into the disk and the time."""


def main() -> None:
    """Measure what was asked for and write it down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1m", help="images in the lake; 200k writes no results")
    parser.add_argument("--only", help=f"some of {', '.join((*report.ORDER, *_PROCESSES))}, with commas between")
    parser.add_argument("--keep", type=Path, help="folder where lakes are kept, and found again; else a temporary one")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out, which are asked at 1m")
    said = parser.parse_args()
    two_cores()
    scale = SIZES[said.size]
    names = said.only.split(",") if said.only else [*_PROCESSES_OF_SIZE.get(said.size, ()), *report.ORDER]
    if unknown := set(names) - {*report.ORDER, *_PROCESSES}:
        parser.error(f"no workload {', '.join(sorted(unknown))}")
    results = kept.read(scale.name)
    results.stamp()
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _measure(results, names, scale, folder.resolve(), peers=scale.name in ("200k", "1m") and not said.no_peers)
    if scale.name in report.MEASURED:
        from benchmarks import picture

        report.write()
        picture.draw()


def _measure(results: Results, names: list[str], scale: Scale, folder: Path, *, peers: bool) -> None:
    for row in _processes([name for name in names if name in _PROCESSES], scale, folder):
        print(" | ".join(report.process_line(row)), flush=True)
        results.rows[row.workload] = row
        _save(results)
    asked = [name for name in names if name in report.ORDER]
    if not asked:
        return
    lake = _lake(results, scale, folder)
    _save(results)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for outcome in _outcomes(results, asked, scale, lake, Path(scratch) if peers else None):
            print("\n  ".join((report.said(outcome), *outcome.notes)), flush=True)
            results.outcomes[outcome.key] = outcome
            _save(results)


def _outcomes(results: Results, names: list[str], scale: Scale, lake: Path, scratch: Path | None) -> Iterator[Outcome]:
    from benchmarks import append, coldstart, compacting
    from benchmarks.asking import ask_all
    from benchmarks.workloads import ALL

    files = lake_files(lake)
    workloads = [ALL[name] for name in names if name in ALL]
    if workloads:
        yield from ask_all(workloads, lake, scale, files, _peers(results, scratch, files))
    if {"cold", "cold-command"} & set(names):
        yield from coldstart.measure(lake, files)
    if "append" in names:
        yield from append.measure(lake, scale)
    if "compact" in names:
        yield from compacting.measure(lake, scale)


def _peers(results: Results, scratch: Path | None, files: LakeFiles) -> Peers | None:
    if scratch is None:
        return None
    from benchmarks.asking import child
    from benchmarks.peers.running import build

    peers = build(scratch, files, child)
    print("\n".join(peers.notes), flush=True)
    results.peers = peers.notes
    return peers


def _lake(results: Results, scale: Scale, folder: Path) -> Path:
    made = lake_of(scale, folder)
    lake = {"images": scale.rows, "disk": disk(made.path)}
    if made.generate_seconds:
        lake |= {name: value for name, value in asdict(made).items() if name.endswith("seconds")}
        print(f"generated in {made.generate_seconds:.0f} s, compacted in {made.compact_seconds:.0f} s", flush=True)
    results.lake |= lake
    return made.path


def _processes(names: list[str], scale: Scale, folder: Path) -> Iterator[Row]:
    for name in names:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            yield from _PROCESSES[name](scale.rows, Path(place))


def _save(results: Results) -> None:
    if results.size in report.MEASURED:
        results.save()


if __name__ == "__main__":
    main()
