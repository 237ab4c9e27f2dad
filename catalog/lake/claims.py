"""Which images a live run works on, so that runs side by side do not do the same work.

A run says in its staging folder which ranges of row keys it has taken. What it says holds for as long as its process
lives, which the lock of its staging folder tells. Two runs that did the same work after all would do no harm: a commit
leaves out what the lake holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from catalog.lake.layout import Layout

Range = tuple[int, int]
_FILE = "claims.json"


class Claims:
    """What one run has taken of a generator's work."""

    def __init__(self, layout: Layout, run_folder: Path, generator: str) -> None:
        self.others = False
        """Whether another run has been seen at the same work."""
        self._staging, self._folder, self._generator = layout.staging, run_folder, generator
        self._ranges: list[Range] = []

    def take(self, keys: NDArray[np.int64], size: int) -> slice:
        """Take up to ``size`` of the first images that no other live run has taken, as a slice of ``keys``.

        Args:
            keys: Row keys of what is left to do, in order.
            size: Images at most.

        Returns:
            A part of ``keys``; an empty one when others do all that is left.
        """
        with FileLock(self._staging / "claims.lock"):
            taken = [span for folder in self._live() for span in _read(folder, self._generator)]
            self.others |= bool(taken)
            part = _first_free(keys, taken, size)
            if part.start < part.stop:
                self._ranges.append((int(keys[part.start]), int(keys[part.stop - 1])))
                self._save()
        return part

    def _save(self) -> None:
        said = {"generator": self._generator, "ranges": self._ranges}
        temporary = self._folder / f".{_FILE}"
        temporary.write_text(json.dumps(said), encoding="utf-8")
        temporary.replace(self._folder / _FILE)

    def _live(self) -> Iterator[Path]:
        """The staging folders of other runs whose process lives."""
        for file in sorted(self._staging.glob(f"*/{_FILE}")):
            if file.parent != self._folder and _held(Path(f"{file.parent}.lock")):
                yield file.parent


def _held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def _read(folder: Path, generator: str) -> list[Range]:
    try:
        said = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:  # the run has just ended
        return []
    return [(low, high) for low, high in said["ranges"]] if said["generator"] == generator else []


def _first_free(keys: NDArray[np.int64], taken: list[Range], size: int) -> slice:
    free = np.ones(keys.size, dtype=bool)
    for low, high in taken:
        free[np.searchsorted(keys, low) : np.searchsorted(keys, high, side="right")] = False
    if not free.any():
        return slice(keys.size, keys.size)
    first = int(free.argmax())
    rest = free[first : first + size]
    return slice(first, first + (rest.size if rest.all() else int(rest.argmin())))
