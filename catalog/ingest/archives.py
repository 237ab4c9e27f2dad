"""The files in a ``.tar`` or ``.tar.zst``, in order, up to where the archive breaks."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tarfile import TarFile, TarInfo
from typing import IO, BinaryIO

from catalog.errors import InputError

PLAIN = (".tar",)
COMPRESSED = (".tar.zst", ".tzst")
SUFFIXES = PLAIN + COMPRESSED
_LFS = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file of an archive."""

    name: str
    size: int
    """Bytes."""
    offset: int | None
    """Where its bytes begin in a plain tar; None in a compressed one."""
    data: bytes | None = None
    """Its bytes, where the archive can only be read through."""


def is_archive(path: Path) -> bool:
    """Whether the name says tar or tar.zst."""
    return path.name.casefold().endswith(SUFFIXES)


def members(path: Path) -> Iterator[Member]:
    """The regular files of an archive that are whole, in order.

    Raises:
        InputError: After the last whole member, where the archive breaks ("truncated") or is none at all ("archive",
            "empty", "pointer"); the message names the byte and the last member that was kept.
    """
    last: str | None = None
    with ExitStack() as stack:
        file = stack.enter_context(_opened(path))
        try:
            for member in _compressed(file, stack) if _is_compressed(path) else _plain(file, stack):
                last = member.name
                yield member
        except _BreakError as error:
            raise _broken(path, file.tell() if error.at is None else error.at, last, str(error)) from error


class _BreakError(Exception):
    """Where and why reading stopped; ``at`` None means wherever the file stands."""

    def __init__(self, reason: str, at: int | None = None) -> None:
        super().__init__(reason)
        self.at = at


def _is_compressed(path: Path) -> bool:
    return path.name.casefold().endswith(COMPRESSED)


def _opened(path: Path) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot open '{path}': {error.strerror}; mend the path or its rights") from error
    head = file.read(len(_LFS))
    file.seek(0)
    if head and not head.startswith(_LFS):
        return file
    file.close()
    if not head:
        raise InputError(f"'{path}' is empty (0 bytes); download it again", kind="empty")
    raise InputError(f"'{path}' is a git-lfs pointer, not the data; run: git lfs pull", kind="pointer")


def _plain(file: BinaryIO, stack: ExitStack) -> Iterator[Member]:
    size = file.seek(0, 2)
    file.seek(0)
    for tar, info in _infos(file, "r:", stack):
        if info.offset_data + info.size > size:
            raise _BreakError(f"its member '{info.name}' needs {info.size} bytes from {info.offset_data}", size)
        if info.isreg() and not info.issparse():
            yield Member(info.name, info.size, info.offset_data)
        del tar


def _compressed(file: BinaryIO, stack: ExitStack) -> Iterator[Member]:
    from zstandard import ZstdDecompressor

    stream = stack.enter_context(ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False))
    for tar, info in _infos(stream, "r|", stack):
        if info.isreg() and not info.issparse():
            data = _whole(tar, info)
            yield Member(info.name, info.size, None, data)


def _whole(tar: TarFile, info: TarInfo) -> bytes:
    from zstandard import ZstdError

    try:
        inside = tar.extractfile(info)
        data = inside.read() if inside is not None else b""
    except (tarfile.TarError, ZstdError, EOFError) as error:
        raise _BreakError(f"in its member '{info.name}': {error}") from error
    if len(data) != info.size:
        raise _BreakError(f"its member '{info.name}' has {len(data)} of {info.size} bytes")
    return data


def _infos(file: IO[bytes], mode: str, stack: ExitStack) -> Iterator[tuple[TarFile, TarInfo]]:
    """Headers in order. The module's own loop takes garbage for the end; this one insists on the closing zeros."""
    from zstandard import ZstdError

    ends: list[str] = []
    try:
        tar = stack.enter_context(
            TarFile.open(fileobj=file, mode=mode, tarinfo=_noting(ends), errors="surrogateescape")  # type: ignore[call-overload]
        )
        while (info := tar.next()) is not None:
            yield tar, info
            tar.members.clear()  # the list of members would grow with the archive
    except (tarfile.TarError, ZstdError, EOFError) as error:
        raise _BreakError(str(error)) from error
    if not ends or ends[-1] != "EOFHeaderError":
        raise _BreakError("it has no end-of-archive mark")


def _noting(ends: list[str]) -> type[TarInfo]:
    class Noting(TarInfo):
        """Notes how the headers ended."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Noting:
            try:
                return super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError as error:
                ends.append(type(error).__name__)
                raise

    return Noting


def _broken(path: Path, at: int, last: str | None, reason: str) -> InputError:
    if last is None:
        return InputError(
            f"'{path}' cannot be read as an archive ({reason}, byte {at}); download it again", kind="archive"
        )
    return InputError(
        f"'{path}' breaks off at byte {at} ({reason}); everything up to '{last}' is kept; download it again",
        kind="truncated",
    )
