"""Lists every file that rows may be joined to into one Parquet file, streaming, up to where each archive breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.errors import InputError
from catalog.ingest import archives
from catalog.ingest.medtrinity import headers, inputs
from catalog.pixels import address
from catalog.records import Failure

_BATCH = 20_000
_PART_BYTES = 64 << 20
SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("part", pa.int64()),
        ("base", pa.string()),
        ("uri", pa.string()),
        ("shown", pa.string()),
        ("size", pa.int64()),
        ("sha256", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("channels", pa.int64()),
        ("bit_depth", pa.int64()),
    ]
)
"""One row a file: its order, its part of 64 MB, basename, address, name for people, bytes, and what was read."""


def write(given: inputs.Inputs, target: Path, *, hashed: bool) -> list[Failure]:
    """Write the listing and say what could not be listed.

    Args:
        given: Where the files are.
        target: Parquet file with ``SCHEMA``.
        hashed: Whether the SHA-256 of every file is wanted; members of compressed tars always have theirs.
    """
    failures = [foreign(path) for path in given.foreign]
    with pq.ParquetWriter(target, SCHEMA, compression="snappy") as writer:
        for batch in _batches(_numbered(_all(given, failures, hashed=hashed))):
            writer.write_table(pa.Table.from_pylist(batch, schema=SCHEMA))
    return failures


def read_size(data: bytes) -> dict[str, int]:
    """Width, height, channels and bit_depth of a file, or nothing where it is no image."""
    try:
        return dict(zip(("width", "height", "channels", "bit_depth"), headers.size_of(data), strict=True))
    except InputError:
        return {}


def _all(given: inputs.Inputs, failures: list[Failure], *, hashed: bool) -> Iterator[dict[str, Any]]:
    loose = (path for path in given.loose)
    walked = (path for folder in given.folders for path in inputs.files(folder) if inputs.is_image(path))
    for files in (loose, walked):
        for path in files:
            yield from _file(path, failures, hashed=hashed)
    for archive in given.archives:
        yield from _archive(archive, failures, hashed=hashed)


def _file(path: Path, failures: list[Failure], *, hashed: bool) -> Iterator[dict[str, Any]]:
    try:
        str(path).encode()
        read = _told(path.read_bytes()) if hashed else {}
        yield {"base": path.name, "uri": str(path), "shown": str(path), "size": path.stat().st_size, **read}
    except UnicodeEncodeError:
        failures.append(_unnamed(str(path)))
    except OSError as error:
        reason = f"cannot open '{path}': {error.strerror}; mend its rights"
        failures.append(Failure(input=str(path), message=reason))


def _archive(path: Path, failures: list[Failure], *, hashed: bool) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for member in archives.members(path):
                yield from _member(path, member, file if hashed else None, failures)
    except InputError as error:
        failures.append(Failure(input=str(path), error=error.kind, message=str(error)))
    except OSError as error:
        reason = f"cannot open '{path}': {error.strerror}; mend the path or its rights"
        failures.append(Failure(input=str(path), message=reason))


def _member(path: Path, member: archives.Member, file: Any, failures: list[Failure]) -> Iterator[dict[str, Any]]:
    if not inputs.is_image(Path(member.name)):
        return
    base = member.name.rpartition("/")[2]
    try:
        base.encode()
    except UnicodeEncodeError:
        failures.append(_unnamed(f"{path}!{member.name}"))
        return
    data = member.data
    if member.offset is None:
        uri = address.tarzst_member(str(path), member.name)
    else:
        uri = address.tar_member(str(path), member.name, member.offset, member.size)
        if file is not None:
            file.seek(member.offset)
            data = file.read(member.size)
    shown = f"{path}!{member.name}".encode(errors="replace").decode()
    yield {"base": base, "uri": uri, "shown": shown, "size": member.size, **(_told(data) if data is not None else {})}


def _told(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), **read_size(data)}


def _numbered(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    held = part = 0
    for ordinal, row in enumerate(rows):
        held += row["size"]
        if held > _PART_BYTES:
            part, held = part + 1, row["size"]
        yield {**row, "ordinal": ordinal, "part": part}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def foreign(path: Path) -> Failure:
    """What to say of a file that is not read."""
    message = f"'{path}' is neither a table, an image nor a .tar or .tar.zst; unpack it and give the folder"
    return Failure(input=str(path), error="format", message=message)


def _unnamed(name: str) -> Failure:
    shown = name.encode(errors="backslashreplace").decode()
    return Failure(input=shown, error="name", message=f"the name '{shown}' is not UTF-8; rename the file")
