"""What a licence allows: its SPDX id, and whether copies of the data may be passed on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from catalog.vocabulary.matching import key
from catalog.vocabulary.terms import read_rows

_URL_AROUND = re.compile(r"^https?://(www\.)?|/(deed|legalcode)(\.\w+)?/?$", re.I)
_CLOSING_WORD = re.compile(r"licen[cs]e$")
_CUSTOM = re.compile(r"LicenseRef-[A-Za-z0-9.-]+", re.I)


@dataclass(frozen=True, slots=True)
class License:
    """A licence as given, understood.

    ``spdx`` is null when none was given or it is not known; ``redistributable`` only when none was given.
    """

    spdx: str | None
    redistributable: bool | None
    known: bool


def license_of(text: str | None) -> License:
    """The licence that ``text`` names, by SPDX id, common name or Creative Commons address.

    Only a licence known to allow redistribution does: unknown words, and ``LicenseRef-`` ids, do not.

    >>> license_of("CC BY 4.0")
    License(spdx='CC-BY-4.0', redistributable=True, known=True)
    >>> license_of(None).redistributable is None, license_of("ask the hospital").redistributable
    (True, False)
    """
    words = _URL_AROUND.sub("", text.strip()) if text else ""
    spelling = key(words)
    if not spelling:
        return License(None, None, known=False)
    known = _by_key().get(spelling) or _by_key().get(_CLOSING_WORD.sub("", spelling))
    return known or License(words if _CUSTOM.fullmatch(words) else None, False, known=False)


@cache
def _by_key() -> dict[str, License]:
    return {
        key(word): License(row["spdx"], row["redistributable"] == "true", known=True)
        for row in read_rows("licenses")
        for word in (row["spdx"], *row["synonyms"].split("|"))
        if word
    }
