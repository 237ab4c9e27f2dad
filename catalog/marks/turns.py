"""Turns: one thread works at a time, the others wait, and each can be told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from catalog.errors import QueryError


class Turns:
    """Threads that wait for something, or for their turn to work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopped: dict[int, bool] = {}
        """Threads that wait or work, and whether they have been told to stop."""
        self._busy = False

    def tell(self) -> None:
        """Let those who wait look again at what they wait for."""
        with self._changed:
            self._changed.notify_all()

    def stop(self, *, of: int | None = None) -> None:
        """Tell every thread, or one, to stop."""
        with self._changed:
            for thread in self._stopped:
                self._stopped[thread] = self._stopped[thread] or of in (None, thread)
            self._changed.notify_all()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until a condition holds.

        Raises:
            QueryError: The thread was told to stop.
        """
        with self._listed() as stopped, self._changed:
            self._changed.wait_for(lambda: stopped() or until())
            _require_not(stopped)

    @contextmanager
    def turn(self) -> Iterator[Callable[[], bool]]:
        """Wait for a turn, and have it; gives what says whether to stop.

        Raises:
            QueryError: The thread was told to stop, before or meanwhile.
        """
        with self._listed() as stopped:
            with self._changed:
                self._changed.wait_for(lambda: stopped() or not self._busy)
                _require_not(stopped)
                self._busy = True
            try:
                yield stopped
                _require_not(stopped)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    @contextmanager
    def _listed(self) -> Iterator[Callable[[], bool]]:
        thread = threading.get_ident()
        with self._changed:
            self._stopped[thread] = False
        try:
            yield lambda: self._stopped[thread]
        finally:
            with self._changed:
                del self._stopped[thread]


def _require_not(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise QueryError("interrupted")
