"""Starts jobs, finds them again and stops them."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from catalog.errors import TriptychError
from tui import state
from tui.jobs import files, ourselves
from tui.jobs.record import PATIENCE, Job, read

KEPT = 50
"""Jobs of a lake that are remembered."""
_EVERY = 0.02


def start(lake: Path, what: str, words: Sequence[str]) -> Job:
    """Run a command line on a lake in the background; back once its process is under way.

    Args:
        lake: Folder of the lake.
        what: What it is called, in a word or two.
        words: ``generate`` or ``export`` and what stands behind it, without ``--json``.

    Raises:
        TriptychError: The state folder cannot be written, or the process did not come up.
    """
    root = lake.resolve()
    try:
        folder = _new_folder(root)
        said = {"what": what, "lake": str(root), "words": [*words], "began": time.time()}
        files.write_json(folder / files.JOB, said)
        process = _process(folder, ["--lake", str(root), "--quiet", *words, "--json"])
    except OSError as error:
        raise TriptychError(f"cannot start a job in '{_place(root)}': {error.strerror or error}") from error
    threading.Thread(target=process.wait, daemon=True).start()
    _wait(folder, process)
    _prune(root)
    job = read(folder)
    if job is None or job.state == "starting" or (job.state == "killed" and not (folder / files.BEGUN).exists()):
        raise TriptychError(f"the job did not come up: {files.tail(folder)[-1:] or 'it said nothing'}")
    return job


def all_jobs(lake: Path) -> list[Job]:
    """The jobs of a lake, the latest first."""
    return [job for folder in reversed(_folders(lake)) if (job := read(folder)) is not None]


def live_jobs(lake: Path) -> list[Job]:
    """The jobs of a lake whose processes live, the latest first; looks at no other."""
    going = [folder for folder in reversed(_folders(lake)) if not (folder / files.END).exists()]
    return [job for folder in going if (job := read(folder)) is not None and job.is_live]


def stop(job: Job) -> bool:
    """Tell a job to stop, as Ctrl-C does: what is done is committed. Told three times it leaves at once.

    Returns:
        Whether it was there to be told.
    """
    if not files.is_held(job.folder):
        return False
    (job.folder / files.STOP).touch()
    try:
        os.kill(int(files.read_json(job.folder / files.BEGUN)["pid"]), signal.SIGINT)
    except (KeyError, ProcessLookupError):  # it has just begun, or ended
        return False
    return True


def _place(root: Path) -> Path:
    return state.folder() / "jobs" / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _folders(lake: Path) -> list[Path]:
    """The folders of a lake's jobs, the oldest first."""
    try:
        with os.scandir(_place(lake.resolve())) as found:
            return sorted(Path(entry.path) for entry in found if entry.is_dir())
    except OSError:
        return []


def _new_folder(root: Path) -> Path:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(2)}"
    folder = _place(root) / name
    folder.mkdir(mode=0o700, parents=True)
    (state.folder() / "jobs").chmod(0o700)
    return folder


def _process(folder: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
    """The process, in a session of its own: neither the terminal nor the end of this process reaches it."""
    with (folder / files.LOG).open("wb") as log, (folder / files.OUT).open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - our own program, words and all
            [*ourselves.argv("tui.jobs.process"), str(folder), *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            start_new_session=True,
            env=ourselves.environment(),
        )


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the process holds its lock, or has ended."""
    until = time.monotonic() + PATIENCE
    while not (folder / files.BEGUN).exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(_EVERY)
    if process.poll() is not None and not (folder / files.BEGUN).exists():
        files.write_json(folder / files.END, {"code": process.returncode, "at": time.time()})


def _prune(root: Path) -> None:
    """Forget the oldest jobs that have ended."""
    for folder in _ended(_folders(root)[:-KEPT]):
        shutil.rmtree(folder, ignore_errors=True)


def _ended(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        job = read(folder)
        if job is None or not job.is_live:
            yield folder
