"""The process of a job, ``python -m tui.jobs.process FOLDER ARGS``: runs ``triptych ARGS`` and records its end."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from tui.jobs import files
from tui.jobs.record import INTERRUPTED, PATIENCE
from tui.main import main
from tui.progress_file import VARIABLE

_NUMBERS = (
    "done", "failed", "made", "committed", "left_to_others", "seconds", "reasons", "before", "fresh",
    "format", "count", "images", "excluded", "unread", "warnings", "out",
)  # fmt: skip
"""What is kept of a summary; its examples may name files of patients."""


def run(folder: Path, words: Sequence[str]) -> int:
    """Run a command line as the job of a folder and return its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started us may have ignored it
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # a machine that goes down commits too
    os.environ[VARIABLE] = str(folder / files.PROGRESS)
    with FileLock(folder / files.LOCK, timeout=PATIENCE):
        try:
            files.write_json(folder / files.BEGUN, {"pid": os.getpid()})
            code = main(words)
        except KeyboardInterrupt:
            code = INTERRUPTED
        _record(folder, code)
    return code


def _record(folder: Path, code: int) -> None:
    sys.stdout.flush()
    out = folder / files.OUT
    files.write_json(folder / files.END, {"code": code, "at": time.time(), "summary": _summary(out)})
    out.unlink(missing_ok=True)


def _summary(out: Path) -> dict[str, Any] | None:
    try:
        said = json.loads(out.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {name: said[name] for name in _NUMBERS if name in said}


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
