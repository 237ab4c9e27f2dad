"""The header of a DICOM file, up to its pixels, with the few values that are asked of it.

pydicom parses; around it the meta header is read by hand, the rest is parsed from one block of memory, and values are
decoded only when asked for. That makes a header cost less than a bare ``dcmread(stop_before_pixels=True)``.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from catalog.errors import InputError
from catalog.ingest.dicom import privacy, tags, uids
from catalog.ingest.dicom.deflated import inflate
from catalog.ingest.dicom.quiet import unreadable

_PREFIX = 1 << 16
_SAMPLE = 1 << 14
_LONG_VRS = (b"OB", b"OW", b"UN", b"UT", b"SQ")
_TAG_AND_LENGTH = 8
_UNDEFINED = 0xFFFFFFFF


class Pixels(NamedTuple):
    """Where the pixel data are: their tag, first byte, length (None: encapsulated) and what the file holds after it."""

    tag: int
    offset: int
    length: int | None
    available: int


@dataclass(frozen=True, slots=True)
class Header:
    """A header. Values are as in the file, without padding; an empty one counts as absent."""

    path: str
    size: int
    transfer_syntax: str
    dataset: Any
    elements: dict[int, Any]
    pixels: Pixels | None
    whole: bool
    """Whether the file reaches to the end of the last element of its header."""
    first_pixels: bytes
    """The first bytes of the pixel data, as far as they came with the header: they tell one content from another."""

    def raw(self, tag: int) -> bytes | None:
        """The bytes of a value."""
        value = getattr(self.elements.get(tag), "value", None)
        return value if isinstance(value, bytes) else None

    def text(self, tag: int) -> str | None:
        """A value as text, decoded by the character set of the file."""
        raw = self.raw(tag)
        if raw is None:
            return None
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii").strip(" \0") or None
        return str(self.dataset[tag].value).strip(" \0") or None

    def texts(self, tag: int) -> list[str]:
        """The values of a text that may have several; empty ones are left out."""
        return [part.strip() for part in (self.text(tag) or "").split("\\") if part.strip()]

    def integer(self, tag: int) -> int | None:
        """A US value."""
        raw = self.raw(tag)
        if not raw:
            return None
        little = getattr(self.elements[tag], "is_little_endian", True)
        return int.from_bytes(raw[:2], "little" if little else "big")

    def number(self, tag: int) -> int | None:
        """An IS value, or None when it is no number."""
        try:
            return int(self.text(tag) or "")
        except ValueError:
            return None

    def floats(self, tag: int, count: int) -> list[float] | None:
        """``count`` values of a DS, or None when there are others or they are not numbers."""
        try:
            values = [float(part) for part in (self.raw(tag) or b"").rstrip(b"\0 ").split(b"\\")]
        except ValueError:
            return None
        return values if len(values) == count and all(abs(value) < 1e9 for value in values) else None

    def sequence(self, tag: int) -> list[Any]:
        """The items of a sequence, as pydicom data sets."""
        return list(self.dataset[tag].value or []) if tag in self.elements else []

    def identifiers(self) -> tuple[str, ...]:
        """What must not be spelled in what we write of this file."""
        names = [text for tag in privacy.NAMES if (text := self.text(tag))]
        others = [text for tag in (*privacy.NUMBERS, *privacy.UIDS) for text in self.texts(tag)]
        others += [str(item.get("PatientID", "")) for item in self.sequence(tags.OTHER_PATIENT_IDS_SEQUENCE)]
        return privacy.identifiers(names, others, self.text(privacy.BIRTH_DATE))


def read(path: str) -> Header:
    """Read the header of the DICOM file at ``path``; its pixels are not read.

    Raises:
        InputError: It is not DICOM, ends inside the header, or cannot be parsed. The message holds nothing of it.
    """
    try:
        with Path(path).open("rb", buffering=0) as file:
            prefix = file.read(_PREFIX)
            size = os.fstat(file.fileno()).st_size
        header = _parse(path, io.BytesIO(prefix), size, prefix=prefix)
        if header is None or header.pixels is None:
            with _Watched(io.FileIO(path)) as watched:
                header = _parse(path, watched, size, prefix=prefix, last=True)
    except InputError:
        raise
    except unreadable() as error:
        raise InputError(f"the file cannot be read ({type(error).__name__}); check it and its rights") from None
    if header is None or (not header.elements and prefix[128:132] != b"DICM"):
        raise InputError(_not_dicom(prefix), kind="empty" if not prefix else "not-dicom")
    return header


def _parse(path: str, stream: BinaryIO, size: int, *, prefix: bytes, last: bool = False) -> Header | None:
    """The header in ``stream``; None when it does not parse, which ends the matter only on the ``last`` try."""
    stop = _Stop()
    try:
        syntax, dataset, stream = _dataset(path, stream, stop, _meta(prefix))
    except unreadable() as error:
        if isinstance(error, InputError):
            raise
        if last:
            message = f"the header cannot be parsed ({type(error).__name__}); the file is damaged: fetch it again"
            raise InputError(message, kind="truncated" if isinstance(error, EOFError) else "unreadable") from None
        return None
    elements = {int(tag): element for tag, element in dataset.items()}
    end = len(stream.getvalue()) if isinstance(stream, io.BytesIO) and syntax == uids.DEFLATED else size
    whole = stream.tell() <= end and not getattr(stream, "cut", False)
    pixels = stop.pixels(stream, end)
    first = prefix[pixels.offset : pixels.offset + _SAMPLE] if pixels and syntax != uids.DEFLATED else b""
    return Header(path, size, syntax, dataset, elements, pixels, whole, first)


def _dataset(path: str, stream: BinaryIO, stop: _Stop, meta: tuple[str, int] | None) -> tuple[str, Any, BinaryIO]:
    from pydicom.filereader import read_dataset, read_partial

    if meta is None:
        dataset = read_partial(stream, stop, force=True, specific_tags=tags.READ)
        return str(dataset.file_meta.get("TransferSyntaxUID", "")), dataset, stream
    syntax, start = meta
    if syntax == uids.DEFLATED:
        stream, start = inflate(path, start), 0
    stream.seek(start)
    implicit, little = syntax == uids.IMPLICIT_LITTLE, syntax != uids.EXPLICIT_BIG
    return syntax, read_dataset(stream, implicit, little, stop_when=stop, specific_tags=tags.READ), stream


class _Stop:
    """Stops pydicom at the pixel data and remembers what it was told of them."""

    def __init__(self) -> None:
        self.seen: tuple[int, str | None, int] | None = None

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        if tag not in tags.PIXELS:  # a set: comparing pydicom's tags costs more than hashing them
            return False
        self.seen = (int(tag), vr, length)
        return True

    def pixels(self, stream: BinaryIO, end: int) -> Pixels | None:
        if self.seen is None:
            return None
        tag, vr, length = self.seen
        offset = stream.tell() + (8 if vr is None else 12)
        return Pixels(tag, offset, None if length == _UNDEFINED else length, max(0, end - offset))


class _Watched(io.BufferedReader):
    """A file that notices when it ends inside what is read of it: pydicom takes that for the end of the data set."""

    cut = False

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        wanted = size or 0
        if len(data) < wanted and (data or wanted != _TAG_AND_LENGTH):
            self.cut = True
        return data


def _meta(data: bytes) -> tuple[str, int] | None:
    """The transfer syntax and the start of the data set; None when the meta header is absent or odd."""
    if data[128:132] != b"DICM":
        return None
    at, syntax = 132, ""
    while data[at : at + 2] == b"\x02\x00":
        vr = data[at + 4 : at + 6]
        if not vr.isalpha():
            return None
        start = at + (12 if vr in _LONG_VRS else 8)
        length = int.from_bytes(data[start - (4 if vr in _LONG_VRS else 2) : start], "little")
        if data[at + 2 : at + 4] == b"\x10\x00":
            syntax = data[start : start + length].rstrip(b"\0 ").decode("ascii", "replace")
        at = start + length
    return (syntax, at) if syntax.startswith(_STANDARD) else None


_STANDARD = "1.2.840.10008."


def _not_dicom(prefix: bytes) -> str:
    if not prefix:
        return "the file has 0 bytes; fetch it again"
    return "the file is not DICOM, whatever its name says; rename or remove it"
