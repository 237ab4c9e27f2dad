"""Ctrl-C stops DuckDB at once.

Python runs its own handler only between two steps of the main thread, so a long query would have to end first. The
signal also writes a byte to a socket, and a thread that waits for it interrupts the query.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
    while numbers := ear.recv(64):
        if signal.SIGINT in numbers:
            came.set()
            stop()
