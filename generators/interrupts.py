"""Ctrl-C during a run: it is heard while the generator works, and kept elsewhere until the batch in hand is taken.

Python would raise it between any two steps. In the middle of an import it leaves a lock behind that nobody frees, and a
thread that stages or commits and needs the same module waits for ever.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """A block in which Ctrl-C is kept, but for the parts that say otherwise; only the main thread hears signals."""

    def __init__(self) -> None:
        self._came = self._open = False
        self._before: Any = None

    def __enter__(self) -> Self:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if error is None:
            self.check()

    def check(self) -> None:
        """Leave the run if Ctrl-C came.

        Raises:
            KeyboardInterrupt: It did.
        """
        if self._came:
            raise KeyboardInterrupt

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A part that may be left at any moment."""
        self._open = True
        try:
            self.check()
            yield
        finally:
            self._open = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._came = True
        if self._open:
            self._open = False
            raise KeyboardInterrupt
