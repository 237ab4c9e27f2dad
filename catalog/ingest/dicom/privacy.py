"""Who an object is about, and how its paths are written without saying so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.lake.keys import KeyedHash

NAMES = (0x00100010, 0x00101001, 0x00101005, 0x00101060, 0x00080090)
"""Patient's Name, Other Patient Names, Birth Name, Mother's Birth Name, Referring Physician's Name."""
NUMBERS = (0x00100020, 0x00101000, 0x00080050, 0x00380010)
"""Patient ID, Other Patient IDs, Accession Number, Admission ID."""
UIDS = (0x00080018, 0x0020000D, 0x0020000E, 0x00200052)
"""SOP Instance, Study Instance, Series Instance and Frame of Reference UID."""
BIRTH_DATE = 0x00100030
TAGS = (*NAMES, *NUMBERS, *UIDS, BIRTH_DATE)


def identifiers(names: Iterable[str], others: Iterable[str], birth_date: str | None) -> tuple[str, ...]:
    """What a path must not spell: each part of a name, every number and UID, the birth date in its usual orders."""
    words = [word for name in names for word in re.split(r"[\^=\\ ,]+", name) if word]
    return (*words, *(other for other in others if other), *_dates(birth_date))


def of_dataset(dataset: Any) -> tuple[str, ...]:
    """The identifiers of a pydicom data set."""
    values = {tag: _texts(dataset, tag) for tag in TAGS}
    names = [text for tag in NAMES for text in values[tag]]
    others = [text for tag in (*NUMBERS, *UIDS) for text in values[tag]]
    return identifiers(names, others, next(iter(values[BIRTH_DATE]), None))


def hide(keys: KeyedHash, path: str, words: Sequence[str]) -> str:
    """``path`` without ``words``, and with names that are not UTF-8 replaced by their keys (no table can hold them)."""
    letters = _letters(path)
    spelled = tuple(word for word in words if _cached_letters(word) in letters)
    hidden = keys.hide(Path(path), spelled) if spelled else path
    if hidden.isprintable():
        return hidden
    return str(Path(*[part if _is_text(part) else f"~{keys(part)}" for part in Path(hidden).parts]))


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether ``text`` spells one of ``words`` of three letters or more."""
    letters = _letters(text)
    return any(len(needle) >= 3 and needle in letters for needle in map(_letters, words))


def _dates(date: str | None) -> tuple[str, ...]:
    if not date or not re.fullmatch(r"\d{8}", date):
        return ()
    year, month, day = date[:4], date[4:6], date[6:]
    return (date, day + month + year, month + day + year)


def _texts(dataset: Any, tag: int) -> list[str]:
    from pydicom.multival import MultiValue

    element = dataset.get(tag)
    if element is None or element.value is None:
        return []
    return [str(one) for one in element.value] if isinstance(element.value, MultiValue) else [str(element.value)]


def _is_text(part: str) -> bool:
    try:
        part.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1 << 12)
def _cached_letters(word: str) -> str:
    """Letters of words that come again with every file of a patient."""
    return _letters(word)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
