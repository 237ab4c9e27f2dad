"""What kind of thing a region shows, told from its label."""

from __future__ import annotations

import re
from functools import lru_cache

from catalog.records import RoiKind
from catalog.vocabulary import load

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LESION = frozenset({"lesion", "tumor", "tumour", "nodule", "mass", "polyp", "cancer"})
_CELL = frozenset({"cell", "nucleus", "nuclei"})
_DEVICE = frozenset({"pacemaker", "catheter", "tube", "wire", "implant", "device"})
_PLURALS = {"masses": "mass", **{f"{word}s": word for word in _LESION | _CELL | _DEVICE if word != "mass"}}


@lru_cache(maxsize=4096)
def kind_of(label: str | None) -> RoiKind:
    """The kind of a region by its label: a disease, an organ, a cell, a device, else ``other``.

    Whole words count, in either number and however they are joined. The last word says what a thing is: a cancer cell
    is a cell, a renal cell carcinoma a lesion.

    >>> kind_of("lung_nodule"), kind_of("left kidney"), kind_of("TumorCells"), kind_of("chest tube"), kind_of("dog")
    ('lesion', 'organ', 'cell', 'device', 'other')
    """
    words = [_PLURALS.get(word.casefold(), word.casefold()) for word in _WORD.findall(label or "")]
    if not label or not words:
        return "other"
    if _known("disease", label, words):
        return "lesion"
    if words[-1] in _CELL:  # the organs of the vocabulary hold cells, too
        return "cell"
    if _LESION.intersection(words):
        return "lesion"
    return "organ" if _known("organ", label, words) else _thing(words)


def _known(vocabulary: str, label: str, words: list[str]) -> bool:
    terms = load(vocabulary)
    return (terms.find(label) or terms.find(" ".join(words))) is not None


def _thing(words: list[str]) -> RoiKind:
    if _CELL.intersection(words):
        return "cell"
    return "device" if _DEVICE.intersection(words) else "other"
