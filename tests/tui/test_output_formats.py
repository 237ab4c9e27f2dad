"""The rows of a query, in six formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tui.conftest import Triptych
from tui.cells import visible
from tui.table import Screen, lay_out

AWKWARD = """
    SELECT
        'nan'::DOUBLE AS not_a_number,
        'inf'::FLOAT AS endless,
        TIMESTAMPTZ '2026-01-02 03:04:05+00' AS moment,
        DATE '2026-01-02' AS day,
        [1.50::DECIMAL(4, 2), NULL] AS shares,
        {'x': 1, 'y': [2]} AS point,
        MAP {'a': 1} AS counts,
        '{"a": [1, null]}'::JSON AS extra,
        'a'::BLOB AS bytes,
        170141183460469231731687303715884105727::HUGEINT // 10 AS huge,
        'ö, "[b]"' || chr(10) || chr(27) AS text,
        NULL AS nothing,
        1 AS twice,
        2 AS twice
"""


def test_json_has_every_value_as_json_has_it(triptych: Triptych) -> None:
    (row,) = json.loads(triptych("sql", AWKWARD, "--format", "json").out, parse_constant=pytest.fail)
    assert row == {
        "not_a_number": None,
        "endless": None,
        "moment": "2026-01-02T03:04:05+00:00",
        "day": "2026-01-02",
        "shares": [1.5, None],
        "point": {"x": 1, "y": [2]},
        "counts": {"a": 1},
        "extra": {"a": [1, None]},
        "bytes": "61",
        "huge": 17014118346046923173168730371588410572,
        "text": 'ö, "[b]"\n\x1b',
        "nothing": None,
        "twice": 1,
        "twice_1": 2,
    }


def test_jsonl_is_a_row_a_line(triptych: Triptych) -> None:
    lines = triptych("sql", "SELECT range AS n FROM range(3)", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_csv_is_read_back_by_a_csv_reader(triptych: Triptych) -> None:
    out = triptych("sql", AWKWARD, "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["not_a_number"], row["nothing"], row["text"]) == ("", "", 'ö, "[b]"\n\x1b')
    assert (json.loads(row["shares"]), json.loads(row["extra"])) == ([1.5, None], {"a": [1, None]})


def test_no_rows_are_still_a_document_and_a_header(triptych: Triptych) -> None:
    nothing = "SELECT 1 AS n WHERE false"
    assert json.loads(triptych("sql", nothing, "--format", "json").out) == []
    assert triptych("sql", nothing, "--format", "csv").out == "n\n"
    assert triptych("sql", nothing, "--format", "jsonl").out == ""
    assert triptych("sql", nothing).out.splitlines() == ["n", "─"]


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow"])
def test_the_name_of_the_file_chooses_the_format(triptych: Triptych, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert triptych("sql", "SELECT range AS n, 1 AS n FROM range(30000)", "--out", file).out == ""
    read = pq.read_table(file) if file.suffix == ".parquet" else pa.ipc.open_file(file).read_all()
    assert (read.num_rows, read.column_names) == (30_000, ["n", "n_1"])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_columns_of_one_name_are_all_kept_under_names_of_their_own(triptych: Triptych, tmp_path: Path) -> None:
    query = "SELECT 1 a, 2 a, 3 a_1, 4 a"
    wanted = {"a": 1, "a_1": 2, "a_1_1": 3, "a_2": 4}
    assert json.loads(triptych("sql", query, "--format", "jsonl").out) == wanted
    triptych("sql", query, "--out", tmp_path / "rows.parquet")
    assert pq.read_table(tmp_path / "rows.parquet").to_pylist() == [wanted]


def test_a_type_that_parquet_lacks_is_named_and_leaves_no_file(triptych: Triptych, tmp_path: Path) -> None:
    said = triptych("sql", "SELECT INTERVAL 1 DAY AS i", "--out", tmp_path / "rows.parquet")
    assert said.err == "error: cannot write month_day_nano_interval as parquet; cast it, such as column::VARCHAR\n"
    assert (said.code, list(tmp_path.iterdir())) == (1, [])


def test_a_failed_query_leaves_the_old_file_and_no_new_one(triptych: Triptych, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("old")
    query = "SELECT if(range = 25000, error('broken'), range) AS n FROM range(30000)"
    said = triptych("sql", query, "--out", file)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert (file.read_text(), [path.name for path in tmp_path.iterdir()]) == ("old", ["rows.csv"])
    assert triptych("sql", "SELECT 1", "--out", tmp_path / "no" / "x.csv").code == 2


def test_a_query_that_fails_late_is_told_as_one_that_fails_at_once(triptych: Triptych, tmp_path: Path) -> None:
    query = "SELECT if(range = 2900000, error('late'), range) AS n FROM range(3000000)"
    said = triptych("sql", query, "--out", tmp_path / "rows.parquet")
    assert (said.code, said.err) == (1, "error: Invalid Input Error: late\n")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_a_terminal_gets_everything(triptych: Triptych) -> None:
    for form in ("table", "csv", "jsonl"):
        said = triptych("sql", "SELECT range AS n FROM range(25000)", "--format", form)
        assert said.err == ""
        assert said.out.splitlines()[-1].strip(' {}"n:') == "24999"


@pytest.mark.parametrize(
    ("limit", "rows", "cut"), [(2, 2, True), (0, 0, True), (5, 5, False), (9, 5, False), (-1, 5, False)]
)
def test_a_cut_is_always_said(triptych: Triptych, limit: int, rows: int, cut: bool) -> None:
    said = triptych("sql", "SELECT range AS n FROM range(5)", "--format", "jsonl", "--limit", limit, "--quiet")
    assert len(said.out.splitlines()) == rows
    assert said.err == (f"cut at {limit} rows, there are more; --limit -1 writes all\n" if cut else "")


def test_one_row_is_no_rows(triptych: Triptych) -> None:
    said = triptych("sql", "FROM range(2)", "--limit", 1)
    assert said.err == "cut at 1 row, there are more; --limit -1 writes all\n"


def test_a_cut_at_the_end_of_a_batch_is_said_too(triptych: Triptych) -> None:
    said = triptych("sql", "SELECT range AS n FROM range(10001)", "--format", "csv", "--limit", 10_000)
    assert (len(said.out.splitlines()), "cut at 10,000 rows" in said.err) == (10_001, True)


def test_data_can_neither_style_nor_steer_the_terminal(triptych: Triptych) -> None:
    out = triptych("sql", "SELECT '[red]x[/red]' || chr(27) || '[2J' || chr(10) || chr(8238) AS t").out
    assert out.splitlines()[2] == r"[red]x[/red]\x1b[2J\n\u202e"
    assert visible("größe – 大") == "größe – 大"


def test_a_table_on_a_terminal_is_as_wide_as_it_is() -> None:
    rows = [[f"id{i}", "x" * 200, i, None] for i in range(3)]
    table = lay_out(["id", "text", "n", "gone"], rows, Screen(width=40))
    lines = list(table.lines)
    assert table.shown == 4
    assert {len(line) for line in lines[1:]} == {40}
    assert lines[2].startswith("id0  xxx")
    assert "…" in lines[2]


def test_columns_that_do_not_fit_are_counted() -> None:
    names = [f"column{i:06d}" for i in range(10)]
    table = lay_out(names, [["value" * 5] * 10], Screen(width=40))
    assert table.shown == 3
    assert all(len(line) <= 40 for line in table.lines)


def test_wide_characters_are_aligned_by_what_they_take() -> None:
    lines = list(lay_out(["a", "b"], [["大大", 1], ["xx", 22]], Screen(width=20)).lines)
    assert lines[2:] == ["大大   1", "xx    22"]


def test_text_that_is_not_for_a_terminal_is_never_shortened() -> None:
    long = "word " * 50
    (line,) = list(lay_out(["text", "n"], [[long, 1]], Screen()).lines)[2:]
    assert long in line


def test_a_column_grows_with_what_comes_later() -> None:
    lines = list(lay_out(["n"], ([i] for i in range(3000)), Screen(width=40)).lines)
    assert (lines[2], lines[-1]) == ("  0", "2999")
