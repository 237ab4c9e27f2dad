"""Words of a slice, brought to the spelling that the lake uses."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import vocabulary
from catalog.errors import UnknownTermError, UsageError, did_you_mean
from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.lake.cube import Sight


class Terms:
    """Resolves words through the vocabulary, else through what the lake holds."""

    def __init__(self, sight: Sight, profiles: str) -> None:
        self._sight = sight
        self._profiles = profiles

    def canonical(self, words: Iterable[str], column: str, *, many: bool = False) -> list[str]:
        """The lake's spelling of words of a vocabulary column (modality, region, organ, disease).

        Raises:
            UnknownTermError: Neither the vocabulary nor the lake knows a word; the nearest are named.
        """
        known = vocabulary.load(column)
        spellings = [text for term in known.terms for text in (term.name, *term.synonyms)]
        values = f"unnest({column}s)" if many else column
        query = f"SELECT DISTINCT {values} FROM {self._profiles}"
        return [
            term.name if (term := known.find(word)) else self._held(word, column, query, spellings) for word in words
        ]

    def source(self, words: Iterable[str]) -> list[str]:
        """Canonical names of sources that the lake has."""
        known = vocabulary.load("source")
        names = (term.name if (term := known.find(word)) else word for word in words)
        return [self._held(name, "source", "SELECT source FROM sources", ()) for name in names]

    def license(self, words: Iterable[str]) -> list[str]:
        """SPDX ids of licences that the lake has."""
        spelled = (vocabulary.license_of(word).spdx or word for word in words)
        return [self._held(name, "license", f"SELECT DISTINCT license FROM {self._profiles}", ()) for name in spelled]

    def label(self, words: Iterable[str]) -> list[str]:
        """Labels of regions, in the lower case that they are compared in."""
        for word in words:
            if not self._any("SELECT 1 FROM rois WHERE lower(label) = lower($word) LIMIT 1", word):
                self._held(word, "ROI label", "SELECT DISTINCT label FROM rois", ())
        return [word.lower() for word in words]

    def split(self, said: str) -> tuple[str, str]:
        """Name and part of NAME=PART.

        Raises:
            UsageError: It is not NAME=PART, or the lake has no such split.
        """
        name, equals, part = said.partition("=")
        if not equals:
            raise UsageError(f"--split '{said}' names no part; write NAME=PART, such as {said}=train")
        name = self._held(name, "split", "SELECT DISTINCT name FROM splits", ())
        return name, part

    def saved(self, name: str) -> str:
        """The filter of a saved slice, as JSON.

        Raises:
            UsageError: There is no such slice.
        """
        row = self._sight.connection.execute("SELECT filter FROM slices WHERE name = ?", [name]).fetchone()
        if row is None:
            self._held(name, "slice", "SELECT name FROM slices", ())
            raise UsageError(f"no slice '{name}'")
        return str(row[0])

    def _held(self, word: str, what: str, query: str, also: Iterable[str]) -> str:
        values = [str(value) for (value,) in self._sight.connection.execute(query).fetchall() if value is not None]
        exact = {value.casefold(): value for value in values}
        if word.casefold() in exact:
            return exact[word.casefold()]
        near = did_you_mean(word, [*values, *also])
        where = "in the vocabulary or the lake" if also else "in the lake"
        raise UnknownTermError(f"no {what} '{word}' {where}{near or _some(values)}")

    def _any(self, query: str, word: str) -> bool:
        return self._sight.connection.execute(query, {"word": word}).fetchone() is not None


def zone(said: str) -> tuple[str | None, str | None]:
    """Vertical and horizontal part of a zone such as "upper-middle left"; either may be left out.

    Raises:
        UsageError: A word names no zone.
    """
    vertical = horizontal = None
    for word in said.split():
        if word in ZONES_V and vertical is None:
            vertical = word
        elif word in ZONES_H and horizontal is None:
            horizontal = word
        elif word in ZONES_V or word in ZONES_H:
            raise UsageError(f"--roi-zone '{said}' names two places at once; give the flag twice for either")
        else:
            known = [*ZONES_V, *ZONES_H]
            raise UsageError(
                f"--roi-zone '{said}': no zone '{word}'{did_you_mean(word, known) or '; known are ' + ', '.join(known)}"
            )
    return vertical, horizontal


def _some(values: list[str]) -> str:
    shown = ", ".join(repr(value) for value in sorted(values)[:5])
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return f"; the lake has {shown}{more}" if shown else "; the lake has none yet"
