"""Worker processes that leave Ctrl-C to the process that they work for, and end when it dies.

A pool's workers wait for work on a pipe whose other end they hold, too, so they would wait for ever.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, parent_process, resource_tracker
from typing import TypeVar

Answer = TypeVar("Answer")
_PATIENCE = 1.0
"""Seconds until it is looked for dead workers that nobody has noticed."""


@contextmanager
def unheard() -> Iterator[None]:
    """A block whose new processes do not hear Ctrl-C, which a terminal sends to all of them; ours comes afterwards."""
    resource_tracker.ensure_running()  # which lets signals in again when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Let this worker process end with its parent; for a pool's ``initializer``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def answer(pool: ProcessPoolExecutor, future: Future[Answer]) -> Answer:
    """What a pool's worker made, waited for.

    A worker that is killed while it sends its answer leaves half of it behind, and the pool would wait for the rest for
    ever: then its other workers are ended, too.

    Raises:
        BrokenProcessPool: A worker has died.
    """
    while True:
        try:
            return future.result(timeout=_PATIENCE)
        except TimeoutError:
            if future.done():  # the work itself raised it
                return future.result()
            workers = list((pool._processes or {}).values())
            if any(worker.exitcode is not None for worker in workers):
                for worker in workers:
                    worker.kill()
                pool._result_queue._writer.close()  # type: ignore[attr-defined] # so that the half answer ends
