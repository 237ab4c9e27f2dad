"""Says in one line why a lake could not be written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from catalog.errors import LakeError, TriptychError

_FULL = ("No space left", "disk is full", "disk I/O error")
_READ_ONLY = ("readonly", "read-only", "Read-only", "Permission denied")


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn what DuckDB and the operating system say of writing to the lake at ``root`` into our errors.

    Raises:
        LakeError: The lake is read-only.
        TriptychError: The disk is full, or something else stopped the write.
    """
    try:
        yield
    except TriptychError:
        raise
    except (duckdb.Error, OSError) as error:
        raise _ours(error, root) from error


def _ours(error: duckdb.Error | OSError, root: Path) -> TriptychError:
    whole = str(error).strip()
    text = whole.splitlines()[0]
    if getattr(error, "errno", None) == errno.ENOSPC or any(sign in whole for sign in _FULL):
        return TriptychError(
            f"no space left for '{root}'; nothing half-written is visible: free some space and run again"
        )
    if isinstance(error, PermissionError) or any(sign in whole for sign in _READ_ONLY):
        return LakeError(f"the lake at '{root}' is read-only ({text}); choose one that you may write to")
    return TriptychError(f"cannot write to the lake at '{root}': {text}")
