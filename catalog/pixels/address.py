"""Pixel addresses: what ``images.uri`` says, written and read in one place.

A plain absolute path stands for itself. Everything else names its scheme, path and member percent-encoded,
so that neither ``!`` nor ``#`` nor a newline in a name can be taken for punctuation::

    /data/scan.dcm                                 a file
    tar:/data/shard_1.tar!images/a%20b.png#512,9000    9,000 bytes at 512 of a plain tar
    tarzst:/data/shard_1.tar.zst!images/a.png      a member of a compressed tar, read in sequence
    parquet:/data/train-0.parquet!41               image.bytes of row 41, from 0 over the whole file
    lance:<sha256>                                 bytes copied into the lake
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

from catalog.errors import InputError

Scheme = Literal["file", "tar", "tarzst", "parquet", "lance"]

_TAR = re.compile(r"tar:(?P<path>[^!#]+)!(?P<member>[^!#]+)#(?P<offset>\d{1,19}),(?P<size>\d{1,19})", re.ASCII)
_TARZST = re.compile(r"tarzst:(?P<path>[^!#]+)!(?P<member>[^!#]+)", re.ASCII)
_PARQUET = re.compile(r"parquet:(?P<path>[^!#]+)!(?P<row>\d{1,19})", re.ASCII)
_LANCE = re.compile(r"lance:(?P<key>[0-9a-f]{64})", re.ASCII)
_COMPOUND: dict[Scheme, re.Pattern[str]] = {
    "tar": _TAR,
    "tarzst": _TARZST,
    "parquet": _PARQUET,
    "lance": _LANCE,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the bytes of an image lie. Fields that the scheme has no use for are None."""

    scheme: Scheme
    path: str | None
    """File, tar or Parquet; may hold ``~<key>`` components from ``KeyedHash.hide``. None for ``lance``."""
    member: str | None = None
    """Name inside a tar."""
    row: int | None = None
    """Row of a Parquet file, from 0."""
    offset: int | None = None
    """First byte of the member's data in a plain tar."""
    size: int | None = None
    """Bytes of the member's data."""
    key: str | None = None
    """SHA-256, hex, of bytes in the lake."""

    @property
    def name(self) -> str:
        """The name the bytes go by: the member of a tar, else the path, else nothing."""
        return self.member or (self.path if self.scheme == "file" else None) or ""


def parse(uri: str) -> Address:
    """Read a pixel address.

    Raises:
        InputError: It names a scheme but does not have its form, or it is empty or holds a NUL.
    """
    scheme = next((known for known in _COMPOUND if uri.startswith(f"{known}:")), None)
    if scheme is None:
        if not uri or "\0" in uri:
            raise InputError(f"the pixel address {uri!r} is not a path; ingest it again", kind="address")
        return Address("file", uri)
    found = _COMPOUND[scheme].fullmatch(uri)
    if found is None:
        raise InputError(f"the pixel address {uri!r} does not have the form {_FORMS[scheme]}", kind="address")
    parts = found.groupdict()
    return Address(
        scheme,
        _decoded(parts.get("path")),
        member=_decoded(parts.get("member")),
        row=_number(parts.get("row")),
        offset=_number(parts.get("offset")),
        size=_number(parts.get("size")),
        key=parts.get("key"),
    )


def tar_member(path: str, member: str, offset: int, size: int) -> str:
    """The address of ``size`` bytes at ``offset`` of a plain tar, the data of ``member``."""
    return f"tar:{_encoded(path)}!{_encoded(member)}#{offset},{size}"


def tarzst_member(path: str, member: str) -> str:
    """The address of a member of a ``.tar.zst``."""
    return f"tarzst:{_encoded(path)}!{_encoded(member)}"


def parquet_row(path: str, row: int) -> str:
    """The address of the embedded image of a Parquet row, counted from 0 over the whole file."""
    return f"parquet:{_encoded(path)}!{row}"


def lance(sha256: str) -> str:
    """The address of bytes copied into the lake."""
    return f"lance:{sha256}"


_FORMS: dict[Scheme, str] = {
    "tar": "tar:PATH!MEMBER#OFFSET,SIZE",
    "tarzst": "tarzst:PATH!MEMBER",
    "parquet": "parquet:PATH!ROW",
    "lance": "lance:SHA256",
}


def _encoded(text: str) -> str:
    return quote(text, safe="/", errors="surrogateescape")


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text, errors="surrogateescape")


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
