"""What readers of files have in common: reading one whole, naming it in a failure, and knowing it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import InputError
from catalog.ingest.contract import Options
from catalog.records import Failure

if TYPE_CHECKING:
    import pyarrow as pa

_POINTER = b"version https://git-lfs"
_SUBSETS = {"train", "training", "val", "valid", "validation", "test", "testing"}


def read_bytes(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        InputError: Its name is not UTF-8 ("name"), it cannot be read ("unreadable"), is empty ("empty"), or is a
            git-lfs pointer ("pointer").
    """
    try:
        str(path).encode()
        data = path.read_bytes()
    except UnicodeEncodeError as error:
        raise InputError("the name is not valid UTF-8; rename the file", kind="name") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", kind="unreadable") from error
    if not data:
        raise InputError("the file is empty (0 bytes); copy or download it again", kind="empty")
    if data.startswith(_POINTER):
        raise InputError("this is a git-lfs pointer, not the data; run git lfs pull", kind="pointer")
    return data


def failure(path: Path, error: str, message: str, *, item: str | None = None, image_id: str | None = None) -> Failure:
    """A failure of a file."""
    return Failure(input=shown(str(path)), error=error, message=message, item=item, image_id=image_id)


def failed(path: Path, error: InputError, *, image_id: str | None = None) -> Failure:
    """A failure of a file from what reading it raised; the message names the file."""
    text, name = str(error), shown(path.name)
    return failure(path, error.kind, text if name in text else f"'{name}': {text}", image_id=image_id)


def shown(text: str) -> str:
    """``text`` with what is not UTF-8 in it replaced, so that a table can hold it."""
    return text.encode("utf-8", "replace").decode()


def stamp(path: Path) -> tuple[str, int, int]:
    """Name, size and modification time: what changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0)
    return (str(path), found.st_size, found.st_mtime_ns)


def source_name(paths: Sequence[Path], options: Options) -> str:
    """The source of images: as said, else the name of the first folder given or of the first file's folder."""
    first = paths[0] if paths[0].is_dir() else paths[0].parent
    return options.source or shown(first.name) or "images"


def subset_of(folder: Path, root: Path) -> str | None:
    """The folder named for a part of the source (train, val, test) at or below ``root``."""
    return next((part for part in (*folder.relative_to(root).parts, root.name) if part.casefold() in _SUBSETS), None)


def blob_table(blobs: Mapping[str, tuple[str, bytes]]) -> pa.Table | None:
    """Bytes to copy, {sha256: (name, data)}, as a batch carries them; None when there are none."""
    import pyarrow as pa

    if not blobs:
        return None
    names, data = zip(*blobs.values(), strict=True)
    return pa.table(
        {
            "sha256": pa.array(list(blobs), pa.string()),
            "name": pa.array(names, pa.string()),
            "data": pa.array(data, pa.large_binary()),
        }
    )
