"""Every SQL file says what it is, every recipe runs, and every table and column of a lake has a comment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import catalog
from catalog import sqlfiles
from catalog.lake import guard
from tui.recipes import bind

FILES = sorted(
    path.relative_to(sqlfiles.folder()).with_suffix("").as_posix() for path in sqlfiles.folder().rglob("*.sql")
)
RECIPES = [file.name for file in sqlfiles.listing("recipes")]


@pytest.fixture(scope="module")
def looked_at(chest_template: Path) -> Iterator[catalog.Lake]:
    """The lake of ``chest_and_brain``, open for all tests here; none changes it."""
    with catalog.open(chest_template) as lake:
        yield lake


@pytest.mark.parametrize("name", FILES)
def test_a_file_opens_with_title_params_and_returns(name: str) -> None:
    file = sqlfiles.read(name)
    text = (sqlfiles.folder() / f"{name}.sql").read_text(encoding="utf-8")
    assert [line.split(":")[0] for line in text.splitlines()[:3]] == ["-- title", "-- params", "-- returns"]
    assert file.title
    assert file.returns
    assert file.statement
    assert len(duckdb.extract_statements(file.statement)) == 1


@pytest.mark.parametrize("name", FILES)
def test_every_parameter_is_used_and_explained(name: str) -> None:
    file = sqlfiles.read(name)
    for param in file.params:
        assert f"${param.name}" in file.statement
        assert param.help


def test_enough_recipes_ship() -> None:
    assert len(RECIPES) >= 12


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_runs_and_returns_what_it_says(looked_at: catalog.Lake, name: str) -> None:
    file = sqlfiles.read(f"recipes/{name}")
    given = {param.name: "1" for param in file.params if param.default is None}
    answer = guard.run(looked_at.reader(), file.statement, bind(file, given))
    said = [word.strip().split(" ")[0] for word in file.returns.split(",")]
    assert [column[0] for column in answer.description or []] == said
    answer.fetchall()


@pytest.mark.parametrize("name", [file.name for file in sqlfiles.listing("reports")])
def test_a_report_runs_and_returns_what_it_says(looked_at: catalog.Lake, name: str) -> None:
    file = sqlfiles.read(f"reports/{name}")
    values: dict[str, Any] = {"since": "2020-01-01", "few": 3}
    answer = guard.run(looked_at.reader(), file.statement, {param.name: values[param.name] for param in file.params})
    assert [column[0] for column in answer.description or []] == [word.strip() for word in file.returns.split(",")]


def test_every_table_view_and_column_of_a_lake_has_a_comment(looked_at: catalog.Lake) -> None:
    def bare(query: str) -> list[Any]:
        return looked_at.reader().execute(f"SELECT {query} AND database_name = 'lake'").fetchall()

    assert bare("table_name FROM duckdb_tables() WHERE comment IS NULL") == []
    assert bare("view_name FROM duckdb_views() WHERE comment IS NULL") == []
    tables = {name for (name,) in bare("table_name FROM duckdb_tables() WHERE true")}
    columns = bare("table_name, column_name FROM duckdb_columns() WHERE comment IS NULL")
    assert [pair for pair in columns if pair[0] in tables] == []
    assert tables >= {"images", "rois", "descriptions", "findings", "sources", "runs", "batches", "failures", "slices"}


def test_status_counts_what_the_lake_holds(looked_at: catalog.Lake) -> None:
    from catalog.api.reports import status

    found = status(looked_at)
    assert found["rows"] == {"images": 3, "rois": 3, "descriptions": 1, "findings": 1}
    assert found["failures"] == 0
    assert Path(found["path"]) == looked_at.layout.root
    assert {"layer": "rois", "modality": "CT", "images": 1, "has": 1, "misses": 0, "stale": 0, "failed": 0} in found[
        "coverage"
    ]
    json.dumps(found)
