"""Begins a job on the lake of a browser, and plans one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import LakeError, TriptychError
from tui import jobs
from tui.jobs import ourselves
from tui.jobs.record import shown

if TYPE_CHECKING:
    from catalog.lake.layout import Layout

_CANCELLED = "the plan was cancelled"


def begin(layout: Layout, what: str, words: Sequence[str]) -> jobs.Job:
    """Run a command line on a lake as a job.

    Raises:
        LakeError: While a browser reads it, no other process can open the lake.
        TriptychError: The job did not come up.
    """
    require_shared(layout, words)
    return jobs.start(layout.root, what, words)


def require_shared(layout: Layout, words: Sequence[str]) -> None:
    """Refuse a lake that only one process at a time can open.

    Raises:
        LakeError: It is one.
    """
    if not layout.readable_beside_a_writer:
        kind = f"the metadata of this lake are a {layout.metadata_kind} file, which one process at a time can open"
        raise LakeError(f"{kind}; leave the browser and run: {shown(layout.root, words)}")


class Planning:
    """A dry run in a process of its own: it loads a model, and can be ended at any moment."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False

    def run(self, root: Path, words: Sequence[str]) -> dict[str, Any]:
        """The plan, as ``generate --dry-run --json`` prints it.

        Raises:
            TriptychError: It cannot be planned, or was cancelled.
        """
        argv = [*ourselves.argv("tui"), "--lake", str(root), "--quiet", *words, "--dry-run", "--json"]
        with subprocess.Popen(  # noqa: S603 - our own program, words and all
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=ourselves.environment(),
        ) as process:
            self._process = process
            if self._cancelled:
                process.kill()
            out, err = process.communicate()
        if self._cancelled:
            raise TriptychError(_CANCELLED)
        if process.returncode:
            last = next(iter(err.strip().splitlines()[-1:]), f"exit code {process.returncode}, and nothing was said")
            raise TriptychError(last.removeprefix("error: "))
        plan: dict[str, Any] = json.loads(out)
        return plan

    def cancel(self) -> None:
        """End it; nothing of it is kept anywhere."""
        self._cancelled = True
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
