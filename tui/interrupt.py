"""Ctrl-C stops DuckDB at once, and pressed three times everything.

Python runs its own handler only between two steps of the main thread, so a long query would have to end first. The
signal also writes a byte to a socket, and a thread that waits for it interrupts the query. What is being committed or
computed is waited for; whoever cannot wait leaves at the third Ctrl-C, as if the process were killed, which is safe.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

_AT_ONCE = 3
"""Presses of Ctrl-C that end the process without waiting."""
_SAID_BY_DUCKDB = "Query interrupted"
"""The RuntimeError of a query that noticed the signal before our thread did."""


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` when Ctrl-C arrives, and raise KeyboardInterrupt for whatever error that leads to.

    Only the main thread receives signals; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = threading.Event()
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(ear, stop, came), daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        if came.is_set() or str(error) == _SAID_BY_DUCKDB:
            stop()
            raise KeyboardInterrupt from error
        raise
    except KeyboardInterrupt:
        stop()
        raise
    finally:
        signal.set_wakeup_fd(before)
        mouth.close()
        watcher.join()
        ear.close()


def _watch(ear: socket.socket, stop: Callable[[], None], came: threading.Event) -> None:
    presses = 0
    while numbers := ear.recv(64):
        presses += numbers.count(signal.SIGINT)
        if presses >= _AT_ONCE:
            _leave()
        if presses == _AT_ONCE - 1:
            print("finishing what is under way; press Ctrl-C once more to leave at once", file=sys.stderr, flush=True)
        if signal.SIGINT in numbers:
            came.set()
            stop()


def _leave() -> NoReturn:
    """End here and now; threads of libraries would stop Python from ending in order."""
    shown = "\x1b[?25h" if sys.stderr.isatty() else ""
    print(f"{shown}left at once; the next run goes on from what was finished", file=sys.stderr, flush=True)
    os._exit(130)
