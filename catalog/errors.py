"""The errors that Triptych raises on purpose.

Every message says what is wrong, shows the value and names the fix. The tree, with the exit code of the command line::

    TriptychError                 1  the request failed
    ├── UsageError (ValueError)   2  wrong usage: a flag, a name or a value that cannot be meant
    │   └── UnknownTermError      2  a word the vocabulary and the lake do not know
    ├── QueryError (ValueError)   1  SQL that does not parse, bind or run, or that is not read-only
    ├── InputError (ValueError)   1  a file or a row that cannot be read; kept in ``failures``
    ├── MissingExtraError (ImportError)  1  a package of an optional extra is not installed
    └── LakeError (OSError)       3  the lake cannot be opened
        └── LakeBusyError         3  another process holds it
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TriptychError(Exception):
    """Base of all errors raised on purpose."""

    exit_code = 1


class UsageError(TriptychError, ValueError):
    """A flag, a name or a value that cannot be meant."""

    exit_code = 2


class UnknownTermError(UsageError):
    """A word that neither the vocabulary nor the lake knows."""


class QueryError(TriptychError, ValueError):
    """SQL that does not parse, bind or run, or that is not read-only.

    ``line`` and ``column``, from 1, are where in the query, if that is known.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class InputError(TriptychError, ValueError):
    """A file or a row that cannot be read. ``kind`` is one word for the ``error`` column of ``failures``."""

    def __init__(self, message: str, *, kind: str = "unreadable") -> None:
        super().__init__(message)
        self.kind = kind


class MissingExtraError(TriptychError, ImportError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed; run: pip install 'triptych[{extra}]'")


class LakeError(TriptychError, OSError):
    """The lake cannot be opened."""

    exit_code = 3


class LakeBusyError(LakeError):
    """Another process holds the lake."""


def did_you_mean(word: str, known: Iterable[str], *, n: int = 3) -> str:
    """A closing clause that names the nearest known words, or nothing when none is near.

    >>> did_you_mean("modalty", ["modality", "organ"])
    "; did you mean 'modality'?"
    """
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_folded, n=n, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(by_folded[name]) for name in near)}?" if near else ""
