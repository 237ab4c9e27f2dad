"""``triptych sql``: queries, recipes, parameters, and what it refuses."""

from __future__ import annotations

import json

import pytest

from tests.tui.conftest import Triptych
from tui.recipes import guessed


def rows(out: str) -> list[list[object]]:
    return [list(json.loads(line).values()) for line in out.splitlines()]


def test_a_query_may_come_from_stdin(process: Triptych) -> None:
    said = process(
        "sql", "-", "-p", "m=CT", "--format", "csv", stdin="SELECT count(*) AS n FROM images WHERE modality = $m"
    )
    assert (said.code, said.out) == (0, "n\n3\n")


def test_without_a_query_and_a_terminal_it_says_what_to_give(process: Triptych) -> None:
    said = process("sql")
    assert said.code == 2
    assert said.err == "error: no query given and no terminal to ask on; give one, or - to read it from stdin\n"


def test_parameters_are_bound_and_never_pasted(triptych: Triptych) -> None:
    evil = "x'; DROP TABLE images; --"
    said = triptych(
        "sql", "SELECT $a AS a, $b AS b, $c AS c", "-p", f"a={evil}", "-p", "b=2", "-p", "c='2'", "--format", "jsonl"
    )
    assert rows(said.out) == [[evil, 2, "2"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("-1", -1), ("007", "007"), ("1.5", 1.5), ("1e3", 1000.0), ("true", True), ("NULL", None), ("'1'", "1"),
     ("nan", "nan"), ("", ""), ("CT", "CT"), ("a=b", "a=b")],
)  # fmt: skip
def test_a_value_is_what_it_looks_like(text: str, value: object) -> None:
    assert guessed(text) == value


@pytest.mark.parametrize(
    ("argv", "code", "line"),
    [
        (["SELECT $x"], 2, "error: the query names $x; give it a value with -p x=VALUE"),
        (["SELECT $mod", "-p", "mod=1", "-p", "mdo=2"], 2, "error: the query has no $mdo; did you mean 'mod'?"),
        (["SELECT 1", "-p", "x"], 2, "error: -p 'x' is no parameter; write -p NAME=VALUE"),
        (["SELECT $x", "-p", "x=1", "-p", "x=2"], 2, "error: -p x is given twice; give it once"),
        (["@largest_lesion"], 2, "error: no recipe '@largest_lesion'; did you mean 'largest_lesions'?"),
        (["@tiny_rois", "-p", "shares=1"], 2, "error: recipe 'tiny_rois' has no parameter 'shares';"),
        (["@tiny_rois", "-p", "share=x"], 2, "error: -p share=x: 'x' is no DOUBLE"),
        (["selec 1"], 1, 'error: Parser Error: syntax error at or near "selec"'),
        (["SELECT modalty FROM images"], 1, 'error: Binder Error: Referenced column "modalty" not found'),
        ([""], 1, "error: the query is empty; write a SELECT"),
        (["DROP TABLE images"], 1, "error: DROP is not allowed: SQL here only reads; write a SELECT"),
        (["COPY images TO 'x.csv'"], 1, "error: COPY is not allowed"),
        (["SET memory_limit = '1GB'"], 1, "error: SET is not allowed"),
        (["SELECT 1; SELECT 2"], 1, "error: 2 statements given; run one at a time"),
        (["FROM read_csv('/etc/passwd')"], 1, "error: Permission Error"),
        (["SELECT 1", "--memory-limit", "lots"], 2, "error: 'lots' is no amount of memory; write something like 2GB"),
        (["SELECT 1", "--memory-limit", "1KB"], 2, "error: '1KB' is too little memory for a lake; give at least 64MB"),
        (["SELECT 1", "--memory-limit", "-1"], 2, "error: '-1' is no amount of memory"),
        (["SELECT 1", "--out", "."], 2, "error: '.' is a folder; name a file in it"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_run_says_why_in_one_line(
    triptych: Triptych, argv: list[str], code: int, line: str
) -> None:
    said = triptych("sql", *argv)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1


def test_a_memory_limit_makes_a_greedy_query_spill_or_fail_in_one_line(triptych: Triptych) -> None:
    query = "SELECT list(range) AS l FROM range(50000000)"
    said = triptych("sql", query, "--memory-limit", "100MB")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "Out of Memory" in said.err
    assert "--memory-limit" in said.err
    assert "SET" not in said.err


@pytest.mark.parametrize(
    "query", ["-- a comment first\nSELECT $n AS n", "--\nSELECT $n AS n", "--one two\nSELECT $n n"]
)
def test_a_query_may_begin_with_a_comment(triptych: Triptych, query: str) -> None:
    said = triptych("sql", "-p", "n=7", query, "--format", "csv")
    assert (said.code, said.out) == (0, "n\n7\n")


@pytest.mark.parametrize(
    ("recipe", "wanted"),
    [
        (["@tiny_rois"], [["mri", "tumor", "lesion", 0.0977, 2.0, 2.0, "MRI", "kits"]]),
        (["@largest_lesions few=1", "-p", "modality=MRI"], [
            ["mri", "tumor", 0.1, "lower-middle right-center", "MRI", "liver", "carcinoma", "kits"],
        ]),
        (["@images_without_rois"], [["padchest", "X-Ray", 1, 1, 100.0]]),
        (["@images_without_description"], [["mri", "kits", "MRI", "liver", "carcinoma", "mri.png"]]),
        (["@missing_files"], [["xray", "padchest", "X-Ray", None]]),
        (["@multi_organ_images"], [["mri", ["liver", "kidney"], "MRI", "kits"]]),
        (["@cases_with_many_slices"], [["patient", "p1", 3, "bhx", "CT"]]),
        (["@failures_by_reason"], [
            ["ingest", "truncated", 1, 1, "broken.png", "'broken.png' is cut short; fetch it again"],
        ]),
        (["@modality_by_disease", "-p", "least=2"], [["CT", "hemorrhage", 3]]),
        (["@med_mat_triplets", "-p", "least=2"], [["CT", "brain", "hemorrhage", 3, 3, 1]]),
        (["@restricted_sources"], []),
    ],
)  # fmt: skip
def test_a_recipe_answers(triptych: Triptych, recipe: list[str], wanted: list[list[object]]) -> None:
    assert rows(triptych("sql", *recipe, "--format", "jsonl").out) == wanted


def test_recipes_on_captions_find_what_contradicts_the_rois(triptych: Triptych) -> None:
    zones = rows(triptych("sql", "@caption_zone_disagreement", "--format", "jsonl").out)
    assert [row[0] for row in zones] == ["ct1"]
    areas = rows(triptych("sql", "@area_claim_disagreement", "--format", "jsonl").out)
    assert [(row[0], row[2]) for row in areas] == [("ct2", 30.0)]
    leaks = rows(triptych("sql", "@banned_words", "-p", "also=X-ray,of the BRAIN", "--format", "jsonl").out)
    assert sorted((row[1], row[2]) for row in leaks)[0] == ("ct0", ["green bounding box", "of the brain"])
    assert len(leaks) == 4


def test_zones_are_counted_on_a_grid_of_25(triptych: Triptych) -> None:
    grid = rows(triptych("sql", "@zone_histogram", "--format", "jsonl").out)
    assert [row[0] for row in grid] == ["upper", "upper-middle", "middle", "lower-middle", "lower"]
    assert [row[1:] for row in grid[:2]] == [[3, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
