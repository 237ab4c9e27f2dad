"""Which images a live run works on, so that runs side by side do not do the same work.

A run names the images that it has taken in files of its staging folder. What they say holds for as long as its process
lives, which the lock of that folder tells. Two runs that did the same work after all would do no harm: a commit leaves
out what the lake holds. Runs with another fingerprint do other work.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from catalog.lake.keys import digest
from catalog.lake.layout import Layout

Keys = NDArray[np.int64]


class Claims:
    """What one run has taken of the work of a generator with a fingerprint."""

    def __init__(self, layout: Layout, run_folder: Path, generator: str, fingerprint: str) -> None:
        self.others = False
        """Whether another run has been seen at the same work."""
        self._staging, self._folder = layout.staging, run_folder
        self._name = f"claim-{digest(generator, fingerprint)}"
        self._read: dict[Path, Keys] = {}
        self._count = 0

    def take(self, keys: Keys, size: int) -> NDArray[np.bool_]:
        """Take up to ``size`` of the first images that no other live run has taken.

        Args:
            keys: Row keys of what is left to do, in order.
            size: Images at most.

        Returns:
            Which of ``keys`` were taken; none when others do all that is left.
        """
        with FileLock(self._staging / "claims.lock"):
            mine = ~np.isin(keys, self._taken())
            mine[np.flatnonzero(mine)[size:]] = False
            if mine.any():
                self._save(keys[mine])
        return mine

    def _save(self, keys: Keys) -> None:
        self._count += 1
        temporary = self._folder / f".{self._name}"
        with temporary.open("wb") as file:
            np.save(file, keys)
        temporary.replace(self._folder / f"{self._name}-{self._count}.npy")

    def _taken(self) -> Keys:
        """The row keys that other live runs have taken."""
        files = list(self._files())
        self.others |= bool(files)
        self._read = {file: self._read[file] if file in self._read else _keys(file) for file in files}
        return np.concatenate(list(self._read.values())) if self._read else np.empty(0, np.int64)

    def _files(self) -> Iterator[Path]:
        for folder in sorted({file.parent for file in self._staging.glob(f"*/{self._name}-*.npy")}):
            if folder != self._folder and _held(Path(f"{folder}.lock")):
                yield from folder.glob(f"{self._name}-*.npy")


def _held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def _keys(file: Path) -> Keys:
    try:
        found: Keys = np.load(file, allow_pickle=False)
    except FileNotFoundError:  # the run has just ended
        return np.empty(0, np.int64)
    return found
