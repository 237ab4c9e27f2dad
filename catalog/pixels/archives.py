"""Members of a compressed tar, which can only be read in sequence."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tarfile import TarError, TarFile, TarInfo

from zstandard import ZstdDecompressor, ZstdError

from catalog.errors import InputError


@dataclass(slots=True)
class TarZstReader:
    """Keeps one archive open: a member that lies ahead is reached by reading on, one behind by starting over.

    Members asked for in archive order cost one pass over it; in any other order, up to one pass each.
    """

    _path: Path | None = None
    _tar: TarFile | None = None
    _members: Iterator[TarInfo] = field(default_factory=lambda: iter(()))
    _open: ExitStack = field(default_factory=ExitStack)

    def read(self, path: Path, member: str, *, shown: str) -> bytes:
        """The bytes of ``member``; ``shown`` is how messages call the archive.

        Raises:
            InputError: The archive lacks the member ("missing") or breaks off before its end ("truncated").
            OSError: The archive cannot be opened.
        """
        ahead = self._path == path
        try:
            data = self._forward(member) if ahead else None
            if data is None:
                self._start(path)
                data = self._forward(member)
        except (TarError, EOFError, ZstdError) as error:
            self.close()
            raise InputError(
                f"{shown!r} breaks off before its member {member!r} ({error}); fetch the archive again",
                kind="truncated",
            ) from error
        if data is None:
            raise InputError(f"{shown!r} has no member {member!r}; was the archive replaced?", kind="missing")
        return data

    def walk(self, path: Path, members: Container[str], *, shown: str) -> Iterator[tuple[str, bytes]]:
        """Those of ``members`` that the archive holds, in its own order and one pass, however they lie in it.

        Raises:
            InputError: The archive breaks off ("truncated"); what comes before the break is yielded.
            OSError: The archive cannot be opened.
        """
        try:
            self._start(path)
            for info in self._members:
                if info.isfile() and info.name in members and self._tar is not None:
                    file = self._tar.extractfile(info)
                    if file is not None:
                        yield info.name, file.read()
        except (TarError, EOFError, ZstdError) as error:
            raise InputError(f"{shown!r} breaks off ({error}); fetch the archive again", kind="truncated") from error
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the archive."""
        self._open.close()
        self._path, self._tar, self._members = None, None, iter(())

    def __del__(self) -> None:
        self.close()

    def _forward(self, member: str) -> bytes | None:
        for info in self._members:
            if info.name == member and self._tar is not None:
                file = self._tar.extractfile(info)
                return None if file is None else file.read()
        return None

    def _start(self, path: Path) -> None:
        self.close()
        file = self._open.enter_context(path.open("rb"))
        stream = self._open.enter_context(ZstdDecompressor().stream_reader(file, read_across_frames=True))
        self._tar = self._open.enter_context(TarFile.open(fileobj=stream, mode="r|"))
        self._path, self._members = path, _unkept(self._tar)


def _unkept(tar: TarFile) -> Iterator[TarInfo]:
    """The members in order; the tar's own list of them, which would grow with the archive, is kept empty."""
    while (info := tar.next()) is not None:
        yield info
        tar.members.clear()  # type: ignore[attr-defined]
