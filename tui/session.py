"""What every command is given: which lake, and how to speak to the person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.interrupt import interruptible

if TYPE_CHECKING:
    from catalog.api import Lake

DEFAULT_LAKE = "lake"
_COMMITTED = "what was committed stays; run the same command again to go on"


@dataclass(frozen=True, slots=True)
class Session:
    """The options that stand before or after every command."""

    path: str = DEFAULT_LAKE
    """Folder of the lake."""
    quiet: bool = False
    """No narration on stderr."""
    debug: bool = False
    """Tracebacks instead of one-line errors."""

    @property
    def draws(self) -> bool:
        """Whether progress may be drawn on stderr."""
        return not self.quiet and sys.stderr.isatty()

    @contextmanager
    def lake(self, *, write: bool = False, memory_limit: str | None = None) -> Iterator[Lake]:
        """The lake, open; Ctrl-C stops what it is doing.

        Raises:
            LakeError: There is none, or it cannot be opened.
        """
        import catalog

        settings = {} if memory_limit is None else {"memory_limit": memory_limit}
        self._tell_of_migration()
        try:
            with catalog.open(self.path, write=write, **settings) as lake, interruptible(lake.interrupt):
                yield lake
        except KeyboardInterrupt as error:
            raise KeyboardInterrupt(*([_COMMITTED] if write else [])) from error

    def _tell_of_migration(self) -> None:
        """Say that opening the lake migrates it."""
        from catalog.lake.layout import FORMAT, locate

        found = locate(self.path).format
        if found < FORMAT:
            self.say(f"migrating the lake from format {found} to {FORMAT}; --at may not reach back before that")

    def say(self, text: str) -> None:
        """Narrate on stderr, unless the person asked for quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Say on stderr what the person must know in any case."""
        print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Peeled:
    """A command line without the options that every command takes."""

    tokens: list[str]
    session: Session


def counted(count: int, noun: str) -> str:
    """A number and its noun: "1 image", "2,000 images"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def peel(argv: Sequence[str]) -> Peeled:
    """Take ``--lake PATH``, ``--quiet`` and ``--debug`` out, wherever they stand before ``--``.

    Raises:
        UsageError: ``--lake`` without a path.
    """
    path, flags, tokens = os.environ.get("TRIPTYCH_LAKE") or DEFAULT_LAKE, set(), []
    rest = iter(argv)
    for word in rest:
        if word == "--":
            tokens += [word, *rest]
        elif word in ("--quiet", "--debug"):
            flags.add(word)
        elif word == "--lake":
            path = _path(next(rest, ""))
        elif word.startswith("--lake="):
            path = _path(word.removeprefix("--lake="))
        else:
            tokens.append(word)
    return Peeled(tokens, Session(path, quiet="--quiet" in flags, debug="--debug" in flags))


def _path(said: str) -> str:
    from catalog.errors import UsageError

    if not said or said.startswith("--"):
        raise UsageError("--lake needs a folder; write: --lake PATH")
    return said
