"""A folder that appears whole or not at all, and the files in it with their checksums.

Everything is written into a hidden folder beside the final one, which is renamed at the very end. A hidden folder whose
lock is free belongs to a dead process; the next export to the same place removes it.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from catalog.errors import UsageError

MANIFEST = "manifest.json"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of an export."""

    path: str
    """Relative to the export."""
    bytes: int
    sha256: str


class HashedFile(io.RawIOBase):
    """A file that is written from front to back, and hashed on the way."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, hex."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Append bytes or a buffer of bytes."""
        view = memoryview(data).cast("B")
        self._file.write(view)
        self._hash.update(view)
        self.size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        """Bytes written."""
        return self.size

    def close(self) -> None:
        """Close the file; its checksum stays."""
        self._file.close()
        super().close()


@dataclass(slots=True)
class Output:
    """The folder that an export writes into, and the files written so far."""

    root: Path
    files: list[DataFile] = field(default_factory=list)

    @contextmanager
    def file(self, name: str) -> Iterator[HashedFile]:
        """A new file; it is listed once it is whole."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with HashedFile(path) as file:
            yield file
        self.files.append(DataFile(name, file.size, file.sha256))

    def take_in(self, name: str) -> None:
        """List a file that another program has written into the folder."""
        path = self.root / name
        with path.open("rb") as file:
            self.files.append(DataFile(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()))

    def rename(self, old: str, new: str) -> None:
        """Give a listed file its final name."""
        (self.root / old).replace(self.root / new)
        self.files = [replace(file, path=new) if file.path == old else file for file in self.files]


@contextmanager
def new_folder(out: Path, *, overwrite: bool) -> Iterator[Output]:
    """A folder to write into, which becomes ``out`` when the block ends well and is removed when it does not.

    Raises:
        UsageError: ``out`` is a file, holds something, or (with ``overwrite``) holds something other than an export.
    """
    out = out.expanduser().absolute()
    require_free(out, overwrite=overwrite)
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(out)
    partial = out.with_name(f"{_prefix(out)}{os.getpid()}-{uuid4().hex[:8]}")
    partial.mkdir()
    lock = FileLock(partial / _LOCK)
    lock.acquire()
    try:
        yield Output(partial)
        (partial / _LOCK).unlink()
        _put(partial, out, overwrite=overwrite)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        lock.release()


def require_free(out: Path, *, overwrite: bool) -> None:
    """Refuse a place that something else is in.

    Raises:
        UsageError: ``out`` is a file, holds something, or (with ``overwrite``) holds something other than an export.
    """
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir():
        raise UsageError(f"'{out}' is a file; name a folder for the export")
    if not any(out.iterdir()):
        return
    if not overwrite:
        raise UsageError(f"'{out}' is not empty; name another folder, or pass overwrite (--overwrite)")
    if not (out / MANIFEST).is_file():
        raise UsageError(f"'{out}' holds no {MANIFEST}, so it is no export and is not replaced; name another folder")


def _put(partial: Path, out: Path, *, overwrite: bool) -> None:
    """Move the finished folder to its place. An earlier export stands aside first, and comes back if that fails."""
    require_free(out, overwrite=overwrite)
    if not out.exists() or not any(out.iterdir()):
        partial.replace(out)
        return
    old = partial.with_name(f"{partial.name}-old")
    out.rename(old)
    try:
        partial.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _remove_abandoned(out: Path) -> None:
    prefix = _prefix(out)
    for folder in [item for item in out.parent.iterdir() if item.name.startswith(prefix) and item.is_dir()]:
        try:
            with FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue


def _prefix(out: Path) -> str:
    return f".{out.name}.partial-"
