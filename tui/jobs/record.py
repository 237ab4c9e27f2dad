"""One job as its folder tells it."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tui.jobs import files

State = Literal["starting", "running", "stopping", "done", "failed", "stopped", "killed"]
LIVE: tuple[State, ...] = ("starting", "running", "stopping")
INTERRUPTED = 130
PATIENCE = 60.0
"""Seconds that a process may take until it holds its lock."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    done: int = 0
    failed: int = 0
    total: int = 0
    committed: int = 0
    """Images whose outcome is in the lake."""
    rate: float = 0.0
    """Images a second of late."""
    bottleneck: str = ""
    """What it waits for most."""
    at: float = 0.0
    """When that was (seconds since the epoch)."""

    @property
    def completed(self) -> int:
        """Images that are through, well or not."""
        return self.done + self.failed

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None where that cannot be known."""
        return (self.total - self.completed) / self.rate if self.rate > 0 and self.total else None


@dataclass(frozen=True)
class Job:
    """A command in the background."""

    folder: Path
    what: str
    """In a word or two: the generator, or "export llava"."""
    lake: Path
    words: tuple[str, ...]
    """The command line behind ``triptych --lake PATH``."""
    began: float
    """When it was started (seconds since the epoch)."""
    state: State
    progress: Progress | None = None
    """None until it has said how far it is."""
    code: int | None = None
    """Its exit code; None while it lives, and when it was killed."""
    ended: float | None = None
    summary: dict[str, Any] | None = None
    """What it did, in numbers; None when it did not come to its end."""

    @property
    def id(self) -> str:
        """Its name among the jobs of the lake; they sort by when they were started."""
        return self.folder.name

    @property
    def is_live(self) -> bool:
        """Whether its process lives."""
        return self.state in LIVE

    @property
    def command(self) -> str:
        """The command line that does the same in a shell."""
        return shown(self.lake, self.words)

    @cached_property
    def last_line(self) -> str:
        """The last line of its log, without its "error:"."""
        return next(iter(files.tail(self.folder)[-1:]), "").removeprefix("error: ")


def shown(lake: Path, words: Sequence[str]) -> str:
    """A command line on a lake, as one writes it in a shell."""
    return shlex.join(["triptych", "--lake", str(lake), *words])


def read(folder: Path) -> Job | None:
    """The job of a folder; None when there is none, or it is still being made."""
    said = files.read_json(folder / files.JOB)
    try:
        what, lake, words = str(said["what"]), Path(said["lake"]), tuple(map(str, said["words"]))
        began = float(said["began"])
    except (KeyError, TypeError, ValueError):
        return None
    state, end = _state(folder, began)
    progress = _progress(files.read_json(folder / files.PROGRESS))
    return Job(folder, what, lake, words, began, state, progress, end.get("code"), end.get("at"), end.get("summary"))


def _progress(said: dict[str, Any]) -> Progress | None:
    known = {item.name for item in fields(Progress)}
    return Progress(**{name: value for name, value in said.items() if name in known}) if said else None


def _state(folder: Path, began: float) -> tuple[State, dict[str, Any]]:
    if end := files.read_json(folder / files.END):
        return _ended(end), end
    if files.is_held(folder):
        return ("stopping" if (folder / files.STOP).exists() else "running"), {}
    if end := files.read_json(folder / files.END):  # it ended meanwhile
        return _ended(end), end
    if not (folder / files.BEGUN).exists() and time.time() - began < PATIENCE:
        return "starting", {}
    end = {"code": None, "at": time.time()}
    with contextlib.suppress(OSError):
        files.write_json(folder / files.END, end)
    return "killed", end


def _ended(end: dict[str, Any]) -> State:
    code, summary = end.get("code"), end.get("summary")
    if code is None:
        return "killed"
    if code == INTERRUPTED:
        return "stopped"
    return "done" if code == 0 or summary else "failed"
