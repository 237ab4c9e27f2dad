"""The controlled words: one canonical name for each modality, region, organ, disease and source."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from catalog.errors import UnknownTermError, UsageError, did_you_mean
from catalog.vocabulary.matching import key, spellings

_FILES = {
    "modality": "modalities",
    "region": "regions",
    "organ": "organs",
    "disease": "diseases",
    "source": "sources",
}
_NOT_THE_ORGAN = frozenset({"left", "right", "bilateral", "both", "structure", "region"})
_FEW = 30


@dataclass(frozen=True, slots=True)
class Term:
    """A canonical name with its other spellings.

    ``ids`` maps an ontology (DCM, SCT, UBERON, MONDO, HP) to the code there. ``parent`` is the broader term:
    an organ's region, else a term of the same vocabulary. ``modality`` is set on sources only: the one that
    the whole collection has by its published definition.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict, hash=False)
    parent: str | None = None
    modality: str | None = None


class Vocabulary:
    """The terms of one kind, found by any of their spellings."""

    def __init__(self, name: str, terms: Iterable[Term]) -> None:
        self.name = name
        self.terms = tuple(terms)
        self._by_key = {key(word): term for term in self.terms for word in (term.name, *term.synonyms)}
        # "left kidney" is a kidney, on a side that belongs to laterality; SNOMED says "liver structure".
        self._ignored = _NOT_THE_ORGAN if name == "organ" else frozenset()

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def names(self) -> tuple[str, ...]:
        """The canonical names, in the order of the file."""
        return tuple(term.name for term in self.terms)

    def find(self, text: str) -> Term | None:
        """The term that ``text`` is a spelling of, or None."""
        candidates = spellings(text, without=self._ignored)
        return next((self._by_key[spelling] for spelling in candidates if spelling in self._by_key), None)

    def resolve(self, text: str) -> Term:
        """The term that ``text`` is a spelling of.

        Raises:
            UnknownTermError: No term is spelled so; the message names the nearest ones.
        """
        term = self.find(text)
        if term is None:
            raise UnknownTermError(f"no {self.name} '{text}' in the vocabulary{self._hint(text)}")
        return term

    def _hint(self, text: str) -> str:
        near = did_you_mean(text, [word for term in self.terms for word in (term.name, *term.synonyms)])
        if near or len(self.terms) > _FEW:
            return near or f"; none of its {len(self.terms)} terms is near, so try a broader or plainer word"
        return f"; it has {', '.join(self.names())}"


@cache
def load(name: str) -> Vocabulary:
    """The vocabulary ``modality``, ``region``, ``organ``, ``disease`` or ``source``; read once.

    Raises:
        UsageError: There is no vocabulary of that name.
    """
    if name not in _FILES:
        raise UsageError(f"no vocabulary '{name}'{did_you_mean(name, _FILES)}; there are {', '.join(_FILES)}")
    return Vocabulary(name, (_term(row) for row in read_rows(_FILES[name])))


def anatomy(text: str) -> tuple[str | None, str | None]:
    """Body region and organ of a body part: a region alone has no organ, an organ brings its region.

    >>> anatomy("CHEST"), anatomy("lungs"), anatomy("elsewhere")
    (('thorax', None), ('thorax', 'lung'), (None, None))
    """
    region = load("region").find(text)
    if region is not None:
        return region.name, None
    organ = load("organ").find(text)
    return (organ.parent, organ.name) if organ is not None else (None, None)


def read_rows(stem: str) -> list[dict[str, str]]:
    """The rows of a CSV file that lies beside this module."""
    with (Path(__file__).parent / f"{stem}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _term(row: dict[str, str]) -> Term:
    synonyms = tuple(word for word in row.pop("synonyms").split("|") if word)
    name, parent, modality = row.pop("name"), row.pop("parent") or None, row.pop("modality", "") or None
    ids = MappingProxyType({scheme: code for scheme, code in row.items() if code})
    return Term(name, synonyms, ids, parent, modality)
