"""Worker processes that end when the process that they work for dies.

A pool's workers wait for work on a pipe whose other end they hold, too, so they would wait for ever.
"""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import connection, parent_process


def end_with_parent() -> None:
    """Let this worker process end with its parent, and leave Ctrl-C to that; for a pool's ``initializer``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
