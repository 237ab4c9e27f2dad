"""Saves a slice from a browser, which itself only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

import catalog
from catalog.errors import LakeBusyError, UsageError

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.lake.layout import Layout

PATIENCE = 3.0
"""Seconds to wait for another process's commit before the person is told."""


def save(lake: Lake, name: str, said: Mapping[str, Any], opened: Callable[[Lake], None] = lambda _: None) -> int:
    """Save a slice of a lake that is open for reading, and say how many images it holds.

    A second ``Lake`` writes; where the metadata can only be opened once, the readers of ``lake`` stand aside meanwhile.

    Args:
        lake: The browser's.
        name: Under which it is saved.
        said: The slice, as keywords of ``Lake.slice``.
        opened: Gets the lake that writes, so that it can be interrupted.

    Raises:
        LakeBusyError: Another process is committing.
        LakeError: The lake cannot be written.
        UsageError: The name is taken or none, or the slice cannot be meant.
    """
    if not name:
        raise UsageError("a slice needs a name, such as small-ct")
    _require_quiet(lake.layout)
    with lake.slice(**said).selection.readers.aside(), catalog.open(lake.layout.root, write=True) as own:
        opened(own)
        return own.save_slice(name, **said)


def _require_quiet(layout: Layout) -> None:
    try:
        with FileLock(layout.lock, timeout=PATIENCE):
            return
    except Timeout as error:
        raise LakeBusyError("another process is committing to this lake; try again when it is done") from error
    except OSError:  # who writes says what is wrong with the lake
        return
