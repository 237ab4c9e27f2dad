"""The command ``triptych``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from catalog.errors import UsageError, did_you_mean
from tui.diagnostics import report, usage_line
from tui.leaving_out import leave_out
from tui.overview import commands, overview
from tui.session import Peeled, peel

_DASHED = re.compile(r"-$|--[^=\s]*\s")


_LOOKS = frozenset(
    ("browse", "count", "facets", "failures", "ls", "recipes", "runs", "show", "slices", "snapshots", "sql", "status")
)
"""Commands that need nothing of pandas."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; see ``catalog.errors`` for the codes."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        line = peel(given)
        if argv is None and line.tokens[:1] and line.tokens[0] in _LOOKS:
            leave_out("pandas")
        code = _run(line)
        sys.stdout.flush()
    except BaseException as error:  # whatever it is, the person is told in one line
        return report(error, debug="--debug" in given)
    return code


def _run(line: Peeled) -> int:
    command = line.tokens[0] if line.tokens else "--help"
    if command in ("--help", "-h", "help"):
        print(overview())
        return 0
    if command == "--version":
        from importlib.metadata import version

        print(f"triptych {version('triptych')}")
        return 0
    known = commands()
    if command not in known:
        what = "option" if command.startswith("-") else "command"
        raise UsageError(f"no {what} '{command}'{did_you_mean(command, known) or '; triptych --help lists them'}")
    return _dispatch(line, command, known[command])


def _dispatch(line: Peeled, name: str, text: str) -> int:
    from cyclopts import App, CycloptsError, Parameter

    app = App(
        name="triptych",
        default_parameter=Parameter(negative=(), show_default=_worth_saying),
        version_flags=(),
        help_format="plaintext",
        help_epilogue="--lake PATH, --quiet and --debug may stand before or after the command.",
    )
    app.command(f"tui.commands.{name}:{name}", name=name)
    try:
        function, bound, ambient = app.parse_args(_dash_last(line.tokens), print_error=False, exit_on_error=False)
    except CycloptsError as error:
        raise UsageError(usage_line(error, line.tokens)) from error
    session = dict.fromkeys(ambient, line.session)
    return int(function(*bound.args, **bound.kwargs, **session) or 0)


def _worth_saying(default: object) -> str | None:
    """A default as help shows it; that a flag is off by default goes without saying."""
    return str(default) if default not in (None, False, ()) else None


def _dash_last(tokens: list[str]) -> list[str]:
    """A lone ``-`` (stdin) and SQL that begins with a comment behind ``--``: the parser takes them for options."""
    moved = [word for word in tokens if _DASHED.match(word)]
    if not moved or "--" in tokens:
        return tokens
    return [*(word for word in tokens if word not in moved), "--", *moved]
