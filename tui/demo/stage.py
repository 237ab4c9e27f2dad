"""The stage: a numbered heading, the command that a person would type, and what it says."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
from dataclasses import dataclass, field

from catalog.errors import TriptychError
from tui.diagnostics import INTERRUPTED

_WIDTH = 92


@dataclass(slots=True)
class Stage:
    """Speaks and runs: the command that is printed is the one that runs."""

    quiet: bool = False
    """Neither explanations nor the narration of the commands."""
    debug: bool = False
    """Tracebacks of the commands."""
    number: int = field(default=0, init=False)

    def heading(self, title: str, words: str = "") -> None:
        """Begin the next step."""
        self.number += 1
        print(f"\n{_bold(f'{self.number}. {title}')}")
        if words:
            self.say(words)

    def say(self, words: str) -> None:
        """Explain."""
        if not self.quiet:
            print(textwrap.fill(words, _WIDTH))

    def run(self, *command: str, may_fail: bool = False) -> None:
        """Run one command line of triptych in this process.

        Raises:
            TriptychError: It ended with an error that the demo did not mean.
            SystemExit: It was interrupted, and has said so.
        """
        from tui.main import main

        print(f"\n{_bold('$ ' + typed('triptych', *command))}", flush=True)
        ambient = [flag for flag, on in (("--quiet", self.quiet), ("--debug", self.debug)) if on]
        code = main([*ambient, *command])
        sys.stderr.flush()
        if code == INTERRUPTED:
            raise SystemExit(code)
        if code and not (code == 1 and may_fail):
            raise TriptychError(f"the demo stopped: 'triptych {shlex.join(command)}' ended with {code}; see above")


def typed(*words: str) -> str:
    """A command line for a shell, on several lines where it is long; an option and its value stay together."""
    groups: list[str] = []
    for word in map(shlex.quote, words):
        if groups and (not word.startswith("-")) and groups[-1].startswith("-") and " " not in groups[-1]:
            groups[-1] += f" {word}"
        else:
            groups.append(word)
    lines = [groups[0]]
    for group in groups[1:]:
        if len(lines[-1]) + len(group) < _WIDTH:
            lines[-1] += f" {group}"
        else:
            lines.append(f"    {group}")
    return " \\\n".join(lines)


def _bold(text: str) -> str:
    styled = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[1m{text}\x1b[0m" if styled else text
