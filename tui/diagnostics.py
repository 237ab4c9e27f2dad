"""What the command line says when it stops, and with which exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.errors import TriptychError

if TYPE_CHECKING:
    from cyclopts import CycloptsError

INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ADVICE = re.compile(r"\s*Possible solutions:.*", re.DOTALL)


def report(error: BaseException, *, debug: bool) -> int:
    """Say on stderr what went wrong, in one line, and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if debug:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        print(": ".join(["interrupted", *map(str, error.args)]), file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, TriptychError):
        return _fail(without_settings(str(error)), error.exit_code)
    if isinstance(error, OSError) and error.errno in _FULL:
        return _output_is_full(error)
    hint = "" if debug else "; run again with --debug to see where"
    return _fail(f"unexpected {type(error).__name__}: {error}{hint}", 1)


def usage_line(error: CycloptsError, tokens: Sequence[str]) -> str:
    """What a wrong command line is told: the parser's sentence, and where to look."""
    command, behind = tokens[0], tokens[tokens.index("--") + 1 :] if "--" in tokens else []
    options = [word for word in behind if word.startswith("-") and word in str(error)]
    if options:
        return f"'{options[0]}' was not expected behind '--' (see: triptych {command} --help)"
    words = error.unused_tokens
    said = f"'{' '.join(words)}' was not expected" if words else one_line(str(error)).rstrip(".")
    return f"{said} (see: triptych {command} --help)"


def one_line(text: str) -> str:
    """A message without line breaks and control characters, which a file name or a value may have brought."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def without_settings(message: str) -> str:
    """What DuckDB says of too little memory, without its advice to SET what may not be set here."""
    return _ADVICE.sub("; ask for less at once, or give triptych sql more: --memory-limit 8GB", message)


def _fail(message: str, code: int) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return code


def _reader_left() -> int:
    """Nobody reads stdout any more (``| head``): let nothing complain about it at exit either."""
    _drop_output()
    return 0


def _output_is_full(error: OSError) -> int:
    what = "the output" if error.filename is None else f"'{error.filename}'"
    _drop_output()
    return _fail(f"cannot write {what}: {error.strerror}; free some space and run again", 1)


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
