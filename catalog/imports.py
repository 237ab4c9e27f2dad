"""Imports that Ctrl-C cannot cut in two.

An extension that is interrupted while it is imported may abort the process, and whoever needs the half-imported package
afterwards may wait for ever.
"""

from __future__ import annotations

import signal
import sys
import threading
from importlib import import_module
from typing import Any


def whole(name: str) -> Any:
    """The module of this name; Ctrl-C during its import arrives when it is imported.

    Raises:
        ImportError: It is not installed, or cannot be loaded.
    """
    if name in sys.modules or threading.current_thread() is not threading.main_thread():
        return import_module(name)
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        return import_module(name)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
        if came and callable(before):
            before(signal.SIGINT, None)  # the signal itself would be counted twice
