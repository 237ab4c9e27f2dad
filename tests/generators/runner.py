"""Runs a test's generator in a process of its own: ``python -m tests.generators.runner LAKE``."""

from __future__ import annotations

import sys

import catalog
from generators.device import Place
from generators.run import generate
from generators.work import Options, Work
from tests.generators.making import Bright


def main() -> int:
    """Make the regions of all pictures; say how many."""
    with catalog.open(sys.argv[1], write=True) as lake:
        work = Work(Bright(), lake.slice().selection, Place(), Options(workers=2))
        try:
            report = generate(work)
        except KeyboardInterrupt:
            return 130
    print(report.tally.done, report.left, flush=True)
    return 1 if report.tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
