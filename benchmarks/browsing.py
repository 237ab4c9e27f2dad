"""The browser on a lake: starts, facets, rows, pictures, typing, and its memory over an hour of use.

    python -m benchmarks.browsing LAKE [--actions 2000] [--only starts,typing,...] [--out FILE]

The lake is only read. Every part runs in a process of its own, in a terminal of 160 columns and 45 lines; pictures come
from a small lake that is made for it. The newest number of every part is kept in ``results-browser.json`` (or FILE),
and ``BROWSER.md`` beside it is written anew from that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catalog
from benchmarks.browser import results
from benchmarks.browser.journey import travelled
from benchmarks.browser.pictures import lake_of_pictures
from benchmarks.browser.starting import starts, typing
from benchmarks.measure import load


def main() -> None:
    """Measure, and say every number as it comes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browsing", description=__doc__)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--actions", type=int, default=2_000, help="of the random use")
    parser.add_argument(
        "--times", type=int, default=10, help="starts; everything else is measured more often by as much"
    )
    parser.add_argument("--only", default=",".join(_PARTS), help=f"parts, of {', '.join(_PARTS)}")
    parser.add_argument("--out", type=Path, default=results.KEPT)
    said = parser.parse_args()
    measure(said.lake, said.only.split(","), times=said.times, actions=said.actions, out=said.out)


def measure(lake: Path, parts: list[str], *, times: int, actions: int, out: Path) -> None:
    """Measure some parts and keep what was found.

    Raises:
        SystemExit: No such part, or one that came to no end.
    """
    if unknown := set(parts) - set(_PARTS):
        raise SystemExit(f"no part {sorted(unknown)[0]!r}; known are {', '.join(_PARTS)}")
    with catalog.open(lake) as opened:
        images = opened.slice().count()
    out.parent.mkdir(parents=True, exist_ok=True)
    kept = results.read(out)
    for part in parts:
        busy, began = load(), time.perf_counter()
        found = _PARTS[part](lake, times, actions)
        kept.take(part, found, images=images, load=max(busy, load()), seconds=time.perf_counter() - began)
        kept.save(out)
        print(f"{part}, {time.perf_counter() - began:.0f} s, load {load():.1f}", file=sys.stderr)
        for line in kept.lines(part):
            print(line, flush=True)
    results.write_page(kept, out.with_name("BROWSER.md"))


def _looking(lake: Path, times: int, actions: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return travelled(lake_of_pictures(Path(folder) / "pictures", each=4 * times), "looking")


_PARTS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    "starts": lambda lake, times, actions: starts(lake, times=times),
    "clicking": lambda lake, times, actions: travelled(lake, "clicking", clicks=6 * times),
    "leafing": lambda lake, times, actions: travelled(lake, "leafing", jumps=5 * times),
    "looking": _looking,
    "typing": lambda lake, times, actions: typing(lake, lines=times),
    "roaming": lambda lake, times, actions: travelled(lake, "roaming", actions=actions),
}


if __name__ == "__main__":
    main()
