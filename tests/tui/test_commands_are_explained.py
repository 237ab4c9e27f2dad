"""Every command is explained, with an example that it understands."""

from __future__ import annotations

import inspect
import re
import shlex
from importlib import import_module

import pytest
from cyclopts import App

from tests.tui.conftest import Triptych
from tui.overview import commands

SUBCOMMANDS = [("slices", name) for name in ("save", "listing", "show", "drop")]
NAMES = [*((name, name) for name in commands()), *SUBCOMMANDS]


def explained(module: str, name: str) -> str:
    found = getattr(import_module(f"tui.commands.{module}"), name)
    return str(found.help) if isinstance(found, App) else inspect.getdoc(found) or ""


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_command_has_an_example(module: str, name: str) -> None:
    examples = re.findall(r"^Example: triptych (.+)$", explained(module, name), re.M)
    assert examples
    assert all(shlex.split(line)[0] == module for line in examples)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_the_examples_of_a_command_are_understood(module: str, name: str) -> None:
    from cyclopts import Parameter

    for line in re.findall(r"^Example: triptych (.+)$", explained(module, name), re.M):
        app = App(name="triptych", default_parameter=Parameter(negative=()))
        app.command(f"tui.commands.{module}:{module}", name=module)
        function, _, _ = app.parse_args(shlex.split(line), print_error=False, exit_on_error=False)
        assert function.__module__ == f"tui.commands.{module}"


@pytest.mark.parametrize("name", list(commands()))
def test_the_help_of_a_command_shows_what_it_takes(triptych: Triptych, name: str) -> None:
    said = triptych(name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: triptych {name}")
    assert "Example: triptych" in said.out
    assert "--lake PATH" in said.out
