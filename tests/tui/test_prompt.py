"""What the prompt takes for a whole statement, and what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import catalog
from tui.completion import Word, vocabulary
from tui.output import OutputFlags
from tui.prompt import SqlCompleter, _answer
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


@pytest.mark.parametrize(
    ("begun", "first", "length"),
    [
        ("SELECT modal", "modality", 5),
        ("SELECT Img", None, 0),
        ("SELECT count(*)\nFROM imag", "images", 4),
        ("SELECT count(*) FROM rois AS r WHERE rois.zone", "zone_h", 4),
        ("sel", "SELECT", 3),
        ("@larg", "@largest_lesions", 5),
        ("@largest_lesions ", "modality=", 0),
        ("@largest_lesions modality=CT f", "few=", 1),
        ("@largest_lesions modality=CT m", None, 0),
        ("@none_such x", None, 0),
        (".rec", ".recipes", 4),
    ],
)
def test_the_prompt_completes_words_of_the_lake_recipes_and_commands(
    head_lake: Path, begun: str, first: str | None, length: int
) -> None:
    with catalog.open(head_lake) as lake:
        found = list(SqlCompleter(vocabulary(lake)).get_completions(Document(begun), CompleteEvent()))
    assert [(word.text, -word.start_position) for word in found[:1]] == ([] if first is None else [(first, length)])


def test_functions_that_are_refused_are_not_offered(head_lake: Path) -> None:
    with catalog.open(head_lake) as lake:
        words = vocabulary(lake)
    assert Word("function", "zone") in words.before("SELECT zon").words
    assert words.before("SELECT ducklake_").words == ()
