"""The engine itself: what planning, staging and committing cost where a generator does nothing.

    python -m benchmarks.generating LAKE [--images 900000]   a synthetic lake that may be changed

``nothing`` writes one short text an image; the plan is made with nine of ten images done; a fresh process is timed
until the first images are ready for the generator, after a run that was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import catalog
from catalog.api import Lake
from generators.contract import Generator, Item, Text
from generators.device import Place
from generators.run import Begun, generate, run_with
from generators.work import Options, Work

TURNS = 5


@dataclass
class Nothing(Generator):
    """A text that is always the same."""

    name = "bench-nothing"
    layer = "coarse_caption"
    reads = "metadata"
    batch_size = 4_096
    turn: int = 0

    def prepare(self, item: Item) -> None:
        """Nothing."""

    def generate(self, batch: Sequence[Any]) -> list[list[Text]]:
        """One text an image."""
        return [[Text("Nothing.")] for _ in batch]


def main() -> None:
    """Measure on a lake and print one line of JSON a workload."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generating", description=__doc__)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--images", type=int, help="to make texts for; without, nine of ten are done")
    parser.add_argument("--until-ready", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.until_ready:
        _until_ready(said.lake)
        return
    with catalog.open(said.lake, write=True) as lake:
        if said.images:
            _say(_through(lake, said.images))
        else:
            _fill(lake)
        _say(_plans(lake))
    _say(_resume(said.lake))


def work_of(lake: Lake, limit: int | None = None) -> Work:
    """The generator on the whole lake."""
    return Work(Nothing(), lake.slice().selection, Place(), Options(workers=0, limit=limit))


def _fill(lake: Lake) -> None:
    """Say of nine images in ten, drawn at random, that they are done."""
    from catalog.lake.commit import locked

    work = work_of(lake)
    with locked(lake.layout) as connection:
        connection.execute(
            """
            INSERT INTO outcomes BY NAME
            SELECT
                i.image_key, i.profile, i.modality, 'coarse_caption' AS layer, $generator AS generator,
                'metadata' AS reads, $fingerprint AS fingerprint, xor(i.profile::UBIGINT, v.digest) AS input_hash,
                'done' AS status, 1 AS made, 1 AS attempt, 'bench' AS run_id, now() AS created_at
            FROM images AS i
            JOIN view_digests AS v
                ON v.view IS NOT DISTINCT FROM i.view AND v.laterality IS NOT DISTINCT FROM i.laterality
            WHERE hash(image_key) % 10 <> 0
            ORDER BY image_key
            """,
            {"generator": work.kind, "fingerprint": work.fingerprint},
        )


def _through(lake: Lake, images: int) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    report = generate(work_of(lake, images))
    seconds = time.perf_counter() - began
    assert report.committed == images, report
    rate = {"images": images, "seconds": round(seconds, 2), "images_per_second": round(images / seconds)}
    return {"workload": "engine, a generator that does nothing", **rate, "cpu": round(time.process_time() - cpu, 2)}


def _plans(lake: Lake) -> dict[str, Any]:
    from catalog.slices.pending import pending

    work, times = work_of(lake), []
    for _ in range(TURNS):
        began = time.perf_counter()
        found = pending(work.selection, work.asked)
        times.append(round(time.perf_counter() - began, 2))
    counts = {"images": found.images, "missing": found.count("missing"), "fresh": found.count("fresh")}
    return {"workload": "plan", **counts, "seconds": sorted(times)}


def _resume(lake: Path) -> dict[str, Any]:
    """Kill a run, and time the next one from the start of its process until it has images in hand."""
    command = [sys.executable, "-m", "benchmarks.generating", str(lake), "--until-ready"]
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        times.append(round(time.perf_counter() - began, 2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return {"workload": "resume after a kill: process start to the first batch", "seconds": sorted(times)}


def _until_ready(path: Path) -> None:
    def ready(begun: Begun) -> None:
        next(begun.chunks.entries())
        print("ready", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

    with catalog.open(path, write=True) as lake:
        run_with(work_of(lake), ready)


def _say(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
