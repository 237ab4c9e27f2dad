"""What the command line says when it stops, and with which exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from catalog.errors import TriptychError

if TYPE_CHECKING:
    from cyclopts import CycloptsError

INTERRUPTED = 130


def report(error: BaseException, *, debug: bool) -> int:
    """Say on stderr what went wrong, in one line, and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if debug:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        print("interrupted: what was committed stays; run the same command again to go on", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, TriptychError):
        return _fail(str(error), error.exit_code)
    hint = "" if debug else "; run again with --debug to see where"
    return _fail(f"unexpected {type(error).__name__}: {error}{hint}", 1)


def usage_line(error: CycloptsError, command: str) -> str:
    """What a wrong command line is told: the parser's sentence, and where to look."""
    words = error.unused_tokens
    said = f"'{' '.join(words)}' was not expected" if words else one_line(str(error)).rstrip(".")
    return f"{said} (see: triptych {command} --help)"


def one_line(text: str) -> str:
    """A message without line breaks and control characters, which a file name or a value may have brought."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def _fail(message: str, code: int) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return code


def _reader_left() -> int:
    """Nobody reads stdout any more (``| head``): let nothing complain about it at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
