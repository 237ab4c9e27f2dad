"""Times, their middle and their 95th percentile, and what a process used."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

Answer = TypeVar("Answer")
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Seconds of many questions."""

    p50: float
    p95: float
    times: int
    """How many were timed."""


def stats(seconds: Sequence[float]) -> Stats:
    """The middle and the 95th percentile."""
    last = quantiles(seconds, n=20, method="inclusive")[18] if len(seconds) > 1 else seconds[0]
    return Stats(p50=median(seconds), p95=last, times=len(seconds))


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Seconds and answer of one call."""
    begin = time.perf_counter()
    answer = work()
    return time.perf_counter() - begin, answer


def two_cores() -> None:
    """Keep this process and its children to two cores, which is what every engine then takes its threads from."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def peak_mb() -> float:
    """The most memory that this process has held at once, in MiB.

    Linux's own count of this program: that of ``getrusage`` is inherited from the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")) / 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
