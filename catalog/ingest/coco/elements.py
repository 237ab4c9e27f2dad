"""Walks the lists of a large JSON object an element at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

from catalog.errors import InputError

_READ = 1 << 20
_LONGEST = 64 << 20
"""Bytes of one element; longer is a file whose quotes do not close."""
_SPACE = " \t\r\n"
_NEAR_END = 16
_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder(strict=False)


class Element(NamedTuple):
    """An element of one of the lists."""

    section: str
    """Key of the list."""
    offset: int
    """First byte in the file."""
    size: int
    """Bytes."""
    value: Any
    """Parsed byte by byte as Latin-1: its structure and numbers hold, ``parse`` gives its text."""


def walk(path: Path) -> Iterator[Element]:
    """Every element of every list of the object in a file, in order. Other values are passed over.

    Raises:
        InputError: It is no JSON object, or it breaks off ("truncated") or is damaged ("format").
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        yield from _Walk(stream, path).members()


def parse(raw: bytes) -> Any:
    """The value of an element.

    Raises:
        ValueError: The bytes are no JSON.
    """
    return json.loads(raw.decode("utf-8", "replace"), strict=False)


class _Walk:
    """A place in a file, with the text around it. One byte is one letter, so that places are bytes."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._text, self._at, self._before, self._ended = "", 0, 0, False
        if stream.read(len(_BOM)) != _BOM:
            stream.seek(0)
        self._before = stream.tell()

    def members(self) -> Iterator[Element]:
        if self._peek() != "{":
            self._fail("format", f"it begins with {self._text[self._at :][:20]!r}, not with an object")
        self._at += 1
        while self._peek() != "}":
            key, _, _ = self._value()
            self._take(":")
            yield from self._list(key)
            if self._peek() != "}":
                self._take(",")

    def _list(self, key: Any) -> Iterator[Element]:
        if self._peek() != "[":
            value, offset, size = self._value()
            if key in ("images", "annotations") and value is not None:
                self._fail("format", f"its '{key}' is {_kind(value)}, not a list", at=offset)
            return
        self._at += 1
        while self._peek() != "]":
            value, offset, size = self._value()
            yield Element(key, offset, size, value)
            if self._peek() != "]":
                self._take(",")
        self._at += 1

    def _value(self) -> tuple[Any, int, int]:
        """The value here, its offset and its size."""
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or error.pos + _NEAR_END >= len(self._text)
                if self._ended or not cut_off:
                    self._damaged(error.msg, error.pos)
            except (ValueError, RecursionError) as error:
                self._damaged(str(error), self._at)
            else:
                if end < len(self._text) or self._ended:  # a number may go on in what is not read yet
                    offset, size = self._before + self._at, end - self._at
                    self._at = end
                    return value, offset, size
            self._more()

    def _peek(self) -> str:
        """The next letter that is no space; the end of the file is an error."""
        while True:
            while self._at < len(self._text):
                letter = self._text[self._at]
                if letter not in _SPACE:
                    return letter
                self._at += 1
            if self._ended:
                self._damaged("the file ends", self._at)
            self._more()

    def _take(self, letter: str) -> None:
        if self._peek() != letter:
            self._damaged(f"expecting {letter!r}", self._at)
        self._at += 1

    def _more(self) -> None:
        """Drop what is behind and read on, twice as much each time while one value does not end."""
        kept = self._text[self._at :]
        if len(kept) > _LONGEST:
            self._damaged(f"a value of over {_LONGEST >> 20} MB", self._at)
        read = self._stream.read(max(_READ, len(kept)))
        self._before, self._text, self._at = self._before + self._at, kept + read.decode("latin-1"), 0
        self._ended = not read

    def _damaged(self, reason: str, at: int) -> NoReturn:
        kind = "truncated" if self._ended else "format"
        what = "breaks off" if self._ended else "is not JSON"
        raise InputError(
            f"'{self._path}' {what} at byte {self._before + at}: {reason}; copy or download it again", kind=kind
        )

    def _fail(self, kind: str, reason: str, *, at: int = 0) -> NoReturn:
        wanted = "give one object with the lists 'images', 'annotations' and 'categories'"
        raise InputError(f"'{self._path}' is no COCO file: {reason} (byte {at}); {wanted}", kind=kind)


def _kind(value: Any) -> str:
    return {dict: "an object", str: "text", bool: "true or false"}.get(type(value), "a number")
