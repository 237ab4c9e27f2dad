"""Times whole processes, and says what machine they ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took; CPU seconds and peak memory are unknown where processes were warm before."""

    seconds: float
    cpu: float | None = None
    peak_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results: a workload, what it took, its floor in the same run, and the goal."""

    workload: str
    amount: int
    unit: str
    ours: Cost
    floor: str
    floor_seconds: float
    goal: str
    met: bool

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.amount / self.ours.seconds


def run(command: Sequence[str], *, allowed: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end, its output thrown away; its children count to its CPU seconds and its peak memory.

    Raises:
        SystemExit: It failed.
    """
    # A process of its own in between, so that the peak is not that of an earlier command.
    script = (
        "import os, resource, subprocess, sys, time; start = time.perf_counter(); "
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode; "
        "wall = time.perf_counter() - start; used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    code, wall, cpu, peak = done.stdout.split()
    if int(code) not in allowed:
        raise SystemExit(f"{' '.join(command)} failed with {code}")
    return Cost(float(wall), float(cpu), float(peak))


def python(code: str, *arguments: str) -> Cost:
    """Run Python code in a process of its own."""
    return run([sys.executable, "-c", code, *arguments])


def triptych(*arguments: str, allowed: tuple[int, ...] = (0,)) -> Cost:
    """Run the command line as users do."""
    return run([str(Path(sys.executable).with_name("triptych")), "--quiet", *arguments], allowed=allowed)


def median(costs: Sequence[Cost]) -> Cost:
    """The cost in the middle, by seconds."""
    return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]


def best(work: Callable[[int], Cost]) -> Cost:
    """The fastest of three rounds: on a machine that others use, too, the one that was disturbed least."""
    return min((work(number) for number in range(ROUNDS)), key=lambda cost: cost.seconds)


def machine() -> str:
    """The machine, in words."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "polars", "pydicom", "pylance"))
    system = f"{platform.system()} {platform.machine()}"
    return (
        f"{_cpu()}, {os.cpu_count()} cores, {_memory()} GiB, {system}; Python {platform.python_version()}, {packages}"
    )


def load() -> float:
    """How busy the machine was in the last minute, in processes that wanted to run."""
    return os.getloadavg()[0]


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
