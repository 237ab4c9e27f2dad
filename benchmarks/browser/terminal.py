"""A terminal of 160 columns and 45 lines: it answers as one without pictures does, and tells what has been written."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect

WIDE = (45, 160)
"""Lines and columns."""
_CELL = (20, 10)
"""Pixels of a cell, height and width, which terminals tell with the size of their window."""
_ASKED, _ANSWER = b"\x1b[c", b"\x1b[?62;22c"
"""What the terminal is, and that it is a VT220 with colours and without pictures in pixels."""
_LEFT_OUT = ("TMUX", "STY", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES")


class Terminal:
    """A Python module that runs in a terminal; what it writes is thrown away once it has been looked at."""

    def __init__(self, arguments: Sequence[str], *, state: Path, tmux: bool = False) -> None:
        """Start ``python -m ARGUMENTS``; ``state`` is the folder that it takes for the person's own.

        With ``tmux`` it is told that it runs inside of that, where no terminal is asked for pictures.
        """
        kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        env = {**kept, "TERM": "xterm-256color", "XDG_STATE_HOME": str(state), "PYTHONPATH": os.pathsep.join(sys.path)}
        env |= {"TMUX": "/tmp/none,0,0"} if tmux else {}  # noqa: S108 - nobody opens it
        self.began = time.perf_counter()
        self._process = pexpect.spawn(
            sys.executable, ["-m", *arguments], dimensions=WIDE, env=env, maxread=1 << 16, timeout=None
        )
        lines, columns = WIDE
        window = struct.pack("HHHH", lines, columns, columns * _CELL[1], lines * _CELL[0])
        fcntl.ioctl(self._process.child_fd, termios.TIOCSWINSZ, window)
        self._process.delaybeforesend = None
        self._written = b""

    def until(self, pattern: bytes, *, within: float = 60.0) -> float:
        """Seconds from now until ``pattern`` (a regular expression) is among what is written from now on.

        Raises:
            TimeoutError: It was not, or the process has ended.
        """
        began, looked_for = time.perf_counter(), re.compile(pattern)
        while not looked_for.search(self._written):
            left = began + within - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"{pattern!r} was not written within {within} s; at last {self._written[-400:]!r}")
        return time.perf_counter() - began

    def forget(self) -> None:
        """Look only at what is written from now on."""
        self._written = b""

    def send(self, keys: str) -> None:
        """Press keys."""
        self._process.send(keys)

    def pause(self, seconds: float) -> None:
        """Let it run for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def ended(self) -> int:
        """Wait until it has ended, and give its exit code."""
        while self._read(None):
            self._written = self._written[-4_000:]
        self._process.close()
        return int(self._process.exitstatus if self._process.exitstatus is not None else -1)

    @property
    def last(self) -> str:
        """What was written at last, for who looks for an error."""
        return self._written[-2_000:].decode(errors="replace")

    def _read(self, seconds: float | None) -> bool:
        """Take what has been written; whether the process still lives."""
        try:
            found = self._process.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        if _ASKED in found:
            self._process.send(_ANSWER)
        self._written += found
        return True
