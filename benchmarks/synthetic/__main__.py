"""Writes a synthetic MedTrinity into a lake: ``python -m benchmarks.synthetic LAKE --rows 1000000 --seed 1``."""

from __future__ import annotations

import argparse
import resource
import sys
import time

from benchmarks.synthetic.write import generate
from catalog.errors import TriptychError


def main() -> None:
    """Make the rows and say how fast."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthetic", description=__doc__)
    parser.add_argument("lake", help="folder of the lake; made if there is none")
    parser.add_argument("--rows", type=int, required=True, help="images to add")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other rows")
    parser.add_argument("--captions", type=float, default=0.0, help="share of the images to describe, 0 to 1")
    parser.add_argument("--start", type=int, default=0, help="first row of the seed, to go on after an earlier run")
    said = parser.parse_args()
    begin = time.perf_counter()
    try:
        made = generate(said.lake, rows=said.rows, seed=said.seed, captions=said.captions, start=said.start)
    except TriptychError as error:
        parser.error(str(error))
    seconds = time.perf_counter() - begin
    rows, peak = made.images + made.rois, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{made.images:,} images, {made.rois:,} regions, {made.descriptions:,} descriptions in {seconds:.1f} s: "
        f"{rows / seconds:,.0f} images and regions/s, peak memory {peak:,.0f} MB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
