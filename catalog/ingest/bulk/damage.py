"""What is wrong with a table before a row of it is read."""

from __future__ import annotations

from pathlib import Path

from catalog.errors import InputError

_LFS = b"version https://git-lfs"
_PARQUET = b"PAR1"


def check(path: Path) -> None:
    """Look at the ends of a file.

    Raises:
        InputError: It is empty ("empty"), a git-lfs pointer ("pointer"), a Parquet file that breaks off ("truncated")
            or no Parquet at all ("format"), or it cannot be opened ("unreadable").
    """
    try:
        size, head, tail = _ends(path)
    except OSError as error:
        raise InputError(f"cannot open '{path}': {error.strerror}; mend the path or its rights") from error
    if size == 0:
        raise InputError(f"'{path}' is empty (0 bytes); copy or download it again", kind="empty")
    if head.startswith(_LFS):
        raise InputError(
            f"'{path}' is a git-lfs pointer of {size} bytes, not the data; run: git lfs pull", kind="pointer"
        )
    if path.suffix.casefold() in (".parquet", ".pq"):
        _check_parquet(path, size, head, tail)


def _ends(path: Path) -> tuple[int, bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(len(_LFS))
        size = file.seek(0, 2)
        file.seek(max(size - 4, 0))
        return size, head, file.read(4)


def _check_parquet(path: Path, size: int, head: bytes, tail: bytes) -> None:
    if not head.startswith(_PARQUET):
        raise InputError(
            f"'{path}' is not a Parquet file: it begins with {head[:8]!r}, not {_PARQUET!r}", kind="format"
        )
    if tail != _PARQUET or size < 12:
        raise InputError(
            f"'{path}' breaks off: the Parquet footer is missing after {size} bytes; copy or download it again",
            kind="truncated",
        )
