"""A line of slice flags and what it means; what is wrong is told with its place in the line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import TriptychError, UsageError, did_you_mean
from tui.browser.said import Said
from tui.slice_flags import SliceFlags

if TYPE_CHECKING:
    from catalog.api import Lake

_WORD = re.compile(r"""(?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*"|(?P<open>['"]).*)+""", re.DOTALL)
_NUMBERS = ("sample", "seed", "at")
FLAGS = {f"--{name.replace('_', '-')}": name for name in SliceFlags.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the line."""

    text: str
    """Without its quotes."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A flag with its value; without one while it is being typed."""

    flag: Word
    value: Word | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and where: characters from ``start`` up to ``end``."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line says."""

    said: Said
    troubles: tuple[Trouble, ...]
    pairs: tuple[Pair, ...]


def words(line: str) -> list[Word]:
    """The words of a line; an unclosed quote reaches to its end.

    >>> [word.text for word in words("--organ 'left lung' --where 'width")]
    ['--organ', 'left lung', '--where', 'width']
    """
    return [Word(_unquoted(found[0]), found.start(), found.end()) for found in _WORD.finditer(line)]


def pairs(line: str) -> list[Pair]:
    """The flags of a line with their values; a word without a flag stands as a flag of its own."""
    found: list[Pair] = []
    rest = words(line)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.text.partition("=")
        if equals and name in FLAGS:
            after = word.start + len(name)
            found.append(Pair(Word(name, word.start, after), Word(value, after + 1, word.end)))
        else:
            valued = word.text.startswith("--") and rest and rest[0].text not in FLAGS
            found.append(Pair(word, rest.pop(0) if valued else None))
    return found


def parsed(line: str) -> Parsed:
    """What a line means, as far as that can be told without a lake."""
    said: Said = {}
    troubles = [Trouble(len(line) - 1, len(line), "a quote is not closed")] if _is_open(line) else []
    found = pairs(line)
    for pair in found:
        try:
            _take(said, pair)
        except UsageError as error:
            at = (pair.value or pair.flag) if pair.flag.text in FLAGS else pair.flag
            troubles.append(Trouble(at.start, at.end, str(error)))
    return Parsed(said, tuple(troubles), tuple(found))


def checked(lake: Lake, line: Parsed) -> Parsed:
    """The same, with the values that the lake does not know.

    Raises:
        TriptychError: The lake cannot be read.
    """
    return Parsed(line.said, (*line.troubles, *_unknown(lake, line)), line.pairs)


def _unknown(lake: Lake, line: Parsed) -> Iterator[Trouble]:
    for pair in line.pairs:
        name = FLAGS.get(pair.flag.text)
        if name is None or pair.value is None or name in _NUMBERS:
            continue
        try:
            lake.slice(**{name: (pair.value.text,)}).page(limit=0)
        except TriptychError as error:
            yield Trouble(pair.value.start, pair.value.end, str(error))


def _take(said: Said, pair: Pair) -> None:
    """Add what one flag says.

    Raises:
        UsageError: It cannot be meant.
    """
    from catalog.slices.filter import make

    name = FLAGS.get(pair.flag.text)
    if name is None:
        near = did_you_mean(pair.flag.text, list(FLAGS)) or "; write --modality CT, or press tab for the flags"
        raise UsageError(f"no slice flag '{pair.flag.text}'{near}")
    if pair.value is None:
        raise UsageError(f"{pair.flag.text} needs a value")
    value = _number(pair) if name in _NUMBERS else pair.value.text
    make(**{name: value})
    if name not in _NUMBERS:
        said[name] = (*said.get(name, ()), value)
    elif name in said:
        raise UsageError(f"{pair.flag.text} is given twice; give it once")
    else:
        said[name] = value


def _number(pair: Pair) -> Any:
    assert pair.value is not None  # noqa: S101 - who calls it has looked
    try:
        return int(pair.value.text)
    except ValueError as error:
        raise UsageError(f"{pair.flag.text} '{pair.value.text}' is no whole number from 0 up") from error


def _is_open(line: str) -> bool:
    return any(found["open"] for found in _WORD.finditer(line))


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text)) if text else ""
    except ValueError:  # a quote that is not closed yet
        return text.replace("'", "").replace('"', "")
