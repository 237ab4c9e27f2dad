"""A folder for what a reader works out on the way. It goes when its maker does; copies in other processes leave it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_MEMORY = "450MB"


class Scratch:
    """A temporary folder. A pickled copy names the same folder and does not remove it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="triptych-"))
        weakref.finalize(self, _remove, self.folder, os.getpid())

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return _lent, (self.folder,)

    def file(self, name: str) -> Path:
        """A file of the folder, which need not exist."""
        return self.folder / name

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A private DuckDB that keeps to its memory and spills into the folder."""
        import duckdb

        settings = {"memory_limit": _MEMORY, "temp_directory": str(self.folder / "spill"), "threads": str(_cores())}
        return duckdb.connect(config=settings)  # type: ignore[arg-type]


def _lent(folder: Path) -> Scratch:
    scratch = object.__new__(Scratch)
    scratch.folder = folder
    return scratch


def _remove(folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # a forked child inherits the finalizer, not the folder
        shutil.rmtree(folder, ignore_errors=True)


def _cores() -> int:
    return min(os.cpu_count() or 1, 8)
