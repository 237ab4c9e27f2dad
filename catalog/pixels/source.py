"""The bytes behind a pixel address, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from catalog.errors import InputError
from catalog.lake.keys import KeyedHash
from catalog.pixels.address import Address, parse
from catalog.pixels.archives import TarZstReader
from catalog.pixels.parquet import ParquetImages

if TYPE_CHECKING:
    from catalog.pixels.volume import Volume

_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(slots=True)
class PixelSource:
    """Opens pixel addresses. Safe to use from several threads; reads in the order of an archive are cheap.

    Args:
        keys: The hash of the lake, which finds files whose names it has hidden.
        blobs: The bytes in the lake with a SHA-256; raises LookupError where there are none.
    """

    keys: KeyedHash
    blobs: Callable[[str], bytes] | None = None
    _archives: TarZstReader = field(default_factory=TarZstReader, repr=False)
    _tables: ParquetImages = field(default_factory=ParquetImages, repr=False)
    _volume: tuple[str, Volume] | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def read(self, uri: str) -> bytes:
        """All bytes of one image file.

        Raises:
            InputError: The address is malformed ("address"), leads nowhere ("missing"), its data ends early
                ("truncated") or cannot be read ("unreadable"). Messages show no name that is hidden.
        """
        address = parse(uri)
        try:
            data = self._read(address)
        except FileNotFoundError as error:
            raise _gone(address) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(f"cannot read {address.path!r}: {reason}", kind="unreadable") from error
        if data.startswith(_LFS):
            raise InputError(
                f"{uri!r} is a git-lfs pointer, not the image; fetch the data with: git lfs pull",
                kind="pointer",
            )
        return data

    def path(self, uri: str) -> Path | None:
        """The file itself, so that a part of it can be read; None where the bytes lie inside something else.

        Raises:
            InputError: As ``read`` does, when the address is malformed or the file is gone.
        """
        address = parse(uri)
        if address.scheme != "file":
            return None
        try:
            found = self._located(address)
            found.stat()
        except FileNotFoundError as error:
            raise _gone(address) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(f"cannot read {address.path!r}: {reason}", kind="unreadable") from error
        return found

    def walk(self, uri: str, members: Container[str]) -> Iterator[tuple[str, bytes]]:
        """Those of ``members`` that lie in the ``.tar.zst`` of an address, with their bytes, in one pass over it.

        Raises:
            InputError: The archive is gone ("missing"), breaks off ("truncated") or cannot be read ("unreadable").
        """
        address = parse(uri)
        try:
            yield from TarZstReader().walk(self._located(address), members, shown=str(address.path))
        except FileNotFoundError as error:
            raise _gone(address) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(f"cannot read {address.path!r}: {reason}", kind="unreadable") from error

    def volume(self, uri: str, data: Path | bytes) -> Volume:
        """The volume at an address whose file or bytes are given; the last one is kept, as its slices come in turn.

        Raises:
            InputError: It is no volume, or damaged.
        """
        from catalog.pixels.volume import open_volume, volume_from_bytes

        with self._lock:
            if self._volume is None or self._volume[0] != uri:
                self._volume = None
                volume = volume_from_bytes(data) if isinstance(data, bytes) else open_volume(data)
                volume.load()
                self._volume = (uri, volume)
            return self._volume[1]

    def close(self) -> None:
        """Let go of the archive, table and volume that were read last; the source stays usable."""
        with self._lock:
            self._archives.close()
            self._tables.close()
            self._volume = None

    def _read(self, address: Address) -> bytes:
        if address.key is not None:
            return self._blob(address.key)
        path = self._located(address)
        if address.member is not None and address.offset is not None and address.size is not None:
            return _span(path, address, offset=address.offset, size=address.size)
        if address.member is not None:
            with self._lock:
                return self._archives.read(path, address.member, shown=str(address.path))
        if address.row is not None:
            with self._lock:
                return self._tables.read(path, address.row, shown=str(address.path))
        return path.read_bytes()

    def _located(self, address: Address) -> Path:
        path = address.path or ""
        return self.keys.find(path) if "~" in path else Path(path)

    def _blob(self, key: str) -> bytes:
        if self.blobs is None:
            raise InputError(f"the pixels lance:{key} lie in a lake; open them through that lake", kind="missing")
        try:
            return self.blobs(key)
        except LookupError as error:
            raise InputError(
                f"the lake holds no pixels with SHA-256 {key}; run: triptych check", kind="missing"
            ) from error


def _span(path: Path, address: Address, *, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        available = os.fstat(file.fileno()).st_size - offset
        if available < size:
            raise InputError(
                f"{address.path!r} ends {size - max(available, 0)} bytes before the end of its member "
                f"{address.member!r}; fetch the archive again",
                kind="truncated",
            )
        file.seek(offset)
        return file.read(size)


def _gone(address: Address) -> InputError:
    return InputError(
        f"no file at {address.path!r}; was it moved, or is its disk not mounted? (--copy keeps the pixels in the lake)",
        kind="missing",
    )
