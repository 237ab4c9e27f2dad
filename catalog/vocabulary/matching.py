"""When two spellings mean the same word: case, spaces, punctuation, accents and a plural do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The letters and digits of ``text``, case folded and without accents, cut at everything else.

    >>> words("Lung_Left (X-Ray)")
    ['lung', 'left', 'x', 'ray']
    """
    folded = text.replace("&", " and ").casefold()
    return _WORD.findall(folded if folded.isascii() else _without_accents(folded))


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def key(text: str) -> str:
    """What all spellings of a word share.

    >>> key("X-Ray") == key("xray") == key("X ray")
    True
    """
    return "".join(words(text))


def spellings(text: str, *, without: Collection[str] = ()) -> Iterator[str]:
    """Keys to look ``text`` up by, the most literal first: as given, in the other number, then less words."""
    given = words(text)
    yield from _numbers("".join(given))
    fewer = [word for word in given if word not in without]
    if len(fewer) < len(given):
        yield from _numbers("".join(fewer))


def _numbers(spelling: str) -> Iterator[str]:
    """A key, its singulars and its plural. Short words keep their s: they are mostly abbreviations."""
    yield spelling
    if len(spelling) <= 3:
        return
    if spelling.endswith("ies"):
        yield spelling[:-3] + "y"
    if spelling.endswith("es"):
        yield spelling[:-2]
    if spelling.endswith("s") and not spelling.endswith(("ss", "us", "is")):
        yield spelling[:-1]
    yield spelling + "s"
