"""The files of a job, and JSON that is there whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

JOB, LOCK, BEGUN, PROGRESS, LOG, OUT, STOP, END = (
    "job.json", "lock", "begun.json", "progress.json", "log", "out", "stop", "end.json",
)  # fmt: skip
_TAIL = 64 * 1024
"""Bytes of a log that are read."""


def write_json(file: Path, value: Any) -> None:
    """Write a document; who reads meanwhile sees the one of before."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    temporary.replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """A document; empty when it is not there, or is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_held(folder: Path) -> bool:
    """Whether the process of a job lives."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


def tail(folder: Path) -> list[str]:
    """The last lines of a job's log."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()]
