"""What the prompt takes for a whole statement, and what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
from tui.output import OutputFlags
from tui.prompt import _answer
from tui.session import Session
from tui.statement import is_whole


@pytest.mark.parametrize(
    "text",
    ["SELECT 1;", "SELECT ';' ;", "SELECT 'it''s';", 'SELECT "a;b";', "SELECT $$a;'$$;", "SELECT $t$a$$;$t$;",
     "SELECT 1; -- done", "SELECT 1 /* ; */;", r"SELECT E'it\'s';", "SELECT $a, $b;"],
)  # fmt: skip
def test_a_statement_ends_with_a_semicolon(text: str) -> None:
    assert is_whole(text)


@pytest.mark.parametrize(
    "text",
    ["SELECT 1", "SELECT 'a;", "SELECT 'it''s;", 'SELECT "a;', "SELECT $$a;", "SELECT $t$a;$$;", "SELECT 1 -- a;",
     "SELECT 1 /* a;", "SELECT 'a' || ';", r"SELECT E'it\';", "SELECT 'a -- ;"],
)  # fmt: skip
def test_a_semicolon_in_what_is_still_open_ends_nothing(text: str) -> None:
    assert not is_whole(text)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (".nope", "error: no command '.nope'; there are .help, .quit, .recipes, .tables\n"),
        (".table;", "error: no command '.table'; did you mean '.tables'?"),
        ("@tiny_rois share='0.1", "error: a quote is not closed in: @tiny_rois share='0.1;"),
    ],
)
def test_what_the_prompt_does_not_understand_is_said(
    head_lake: Path, capsys: pytest.CaptureFixture[str], said: str, line: str
) -> None:
    with catalog.open(head_lake) as lake:
        _answer(lake, said, OutputFlags(), Session())
    assert capsys.readouterr().err.startswith(line)
