"""Reports about a lake as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog import sqlfiles
from catalog.api.lake import Lake

if TYPE_CHECKING:
    import duckdb


def status(lake: Lake) -> dict[str, Any]:
    """Rows of each table, sources, snapshot, coverage, number of failures, and where the lake is.

    ``coverage`` has one entry a layer and modality: images, and of these has, misses, stale (part of has) and failed.
    """
    return {
        "path": str(lake.layout.root),
        "metadata": lake.layout.metadata_kind,
        "snapshot": lake.snapshot(),
        "rows": _dicts(report(lake, "rows"))[0],
        "sources": _dicts(report(lake, "sources")),
        "coverage": _dicts(report(lake, "coverage")),
        "failures": lake.sql("SELECT count(*) FROM failures").fetchall()[0][0],
        "attach": attach_statement(lake),
    }


def attach_statement(lake: Lake) -> str:
    """What attaches the lake in a plain DuckDB that has the ducklake extension."""
    uri, data = sqlfiles.literal(lake.layout.ducklake_uri), sqlfiles.literal(f"{lake.layout.data}/")
    return f"ATTACH {uri} AS lake (READ_ONLY, DATA_PATH {data}, OVERRIDE_DATA_PATH true); USE lake;"


def failures_since(lake: Lake, moment: datetime, *, few: int = 3) -> list[dict[str, Any]]:
    """The commonest kinds of failure since a moment, each with its number and one example."""
    return _dicts(report(lake, "failures_since", since=moment, few=few))


def report(lake: Lake, name: str, **values: Any) -> duckdb.DuckDBPyConnection:
    """Run ``sql/reports/NAME.sql``."""
    return lake.reader().execute(sqlfiles.statement(f"reports/{name}"), values or None)


def _dicts(answer: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
