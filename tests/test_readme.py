"""What the README says is true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import catalog
from tui.main import main
from tui.overview import commands

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SHOWN = [line.partition("#")[0][2:].strip() for line in README.splitlines() if line.startswith("$ triptych")]
ELSEWHERE = ("triptych ingest", "triptych init", "triptych browse")
"""Commands whose own tests run them: they need files, an empty folder, or a terminal."""


def test_every_command_is_mentioned() -> None:
    unmentioned = [name for name in commands() if not re.search(rf"triptych {name}\b|`{name}`", README)]
    assert unmentioned == []


def test_the_python_example_runs(chest_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(chest_lake.layout.root.parent)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert (chest_lake.layout.root.parent / "out" / "manifest.json").exists()


@pytest.mark.parametrize("line", [line for line in SHOWN if not line.startswith(ELSEWHERE) and line != "triptych sql"])
def test_every_command_line_shown_is_understood(
    line: str, chest_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(chest_lake.layout.root.parent)
    words = [{"IMAGE_ID": "ct"}.get(word, word) for word in shlex.split(line)[1:]]
    assert main(words) in (0, 1), capsys.readouterr().err


def test_the_attach_statement_is_the_one_that_status_prints(chest_lake: catalog.Lake) -> None:
    from catalog.api.reports import attach_statement

    said = re.sub(r"\s+", " ", re.search(r"ATTACH .*?;", README, re.DOTALL)[0])  # type: ignore[index]
    ours = (
        attach_statement(chest_lake)
        .replace(str(chest_lake.layout.root), "/path/to/lake")
        .replace(" AS lake", " AS triptych")
    )
    assert said.rstrip(";") in ours
