"""Progress for other programs: ``TRIPTYCH_PROGRESS=FILE`` makes ``generate`` and ``export`` write it there as JSON.

The file is replaced four times a second at most, so who reads it always sees a whole document: done, failed, total and
committed (images), rate (images a second of late), bottleneck (what is waited for most) and at (seconds since the
epoch).
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generators.run import Progress

VARIABLE = "TRIPTYCH_PROGRESS"
_EVERY = 0.25
"""Seconds between two writes."""
_LATELY = 30.0
"""Seconds that the rate is of."""


@contextmanager
def of_generation() -> Iterator[Callable[[Progress], None] | None]:
    """A function to call with how far a run is; None where no file is wanted."""
    with _wanted() as file:

        def watch(said: Progress) -> None:
            assert file is not None  # noqa: S101 - it is only called when there is one
            counts = {"done": said.done, "failed": said.failed, "total": said.total, "committed": said.committed}
            file.tell({**counts, "bottleneck": said.bottleneck}, said.done + said.failed)

        yield watch if file else None


@contextmanager
def of_images() -> Iterator[Callable[[int, int], None] | None]:
    """A function to call with the images that are done and their total; None where no file is wanted."""
    with _wanted() as file:
        yield (lambda done, total: file.tell({"done": done, "total": total}, done)) if file else None


class _File:
    """Takes how far something is, and writes it when it is time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: deque[tuple[float, int]] = deque()
        self._told: dict[str, Any] = {}
        self._next = 0.0

    def tell(self, said: dict[str, Any], completed: int) -> None:
        """Take what is known now."""
        now = time.monotonic()
        self._told = said
        if now >= self._next:
            self._seen.append((now, completed))
            while len(self._seen) > 2 and now - self._seen[0][0] > _LATELY:
                self._seen.popleft()
            self._next = now + _EVERY
            self.write()

    def write(self) -> None:
        """Replace the file; a disk that is full stops nothing."""
        if not self._told:
            return
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        rate = (after - before) / (last - first) if last > first else 0.0
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            temporary.write_text(json.dumps({**self._told, "rate": round(rate, 2), "at": time.time()}))
            temporary.replace(self._path)


@contextmanager
def _wanted() -> Iterator[_File | None]:
    path = os.environ.get(VARIABLE)
    if not path:
        yield None
        return
    file = _File(Path(path))
    try:
        yield file
    finally:
        file.write()
