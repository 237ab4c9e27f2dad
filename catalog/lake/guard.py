"""Lets through only SQL that reads: one statement, and nothing that writes, attaches, installs or sets.

The connection is shut in already; this closes what a shut-in connection may still do (COPY into the lake's own folder,
temporary tables) and gives a better message than DuckDB's.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb

from catalog.errors import QueryError

_ALLOWED = {"SELECT", "EXPLAIN"}
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:\([^)]*\)\s*)?(?:ANALYZE\s+|ANALYSE\s+)?", re.IGNORECASE)
_PIVOT = re.compile(
    r"\s*(?:PIVOT|UNPIVOT|FROM\b.*\bPIVOT|WITH\b.*\bPIVOT|SELECT\b.*\bPIVOT)", re.IGNORECASE | re.DOTALL
)


def run(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run one reading statement.

    Raises:
        QueryError: It does not parse, bind or run, or it is not read-only.
    """
    check(connection, query)
    try:
        return connection.execute(query, values) if values else connection.execute(query)
    except duckdb.Error as error:
        raise explained(error) from error


def relation(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> duckdb.DuckDBPyRelation:
    """One reading statement as a relation, evaluated when it is used.

    Raises:
        QueryError: It does not parse or bind, or it is not read-only.
    """
    check(connection, query)
    try:
        return connection.sql(query, params=values or None)
    except duckdb.Error as error:
        raise explained(error) from error


def check(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse anything but one statement that reads.

    Raises:
        QueryError: It does not parse, is several statements, or would change something.
    """
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise explained(error) from error
    kinds = [statement.type.name for statement in statements]
    if not kinds:
        raise QueryError("the query is empty; write a SELECT")
    if kinds in (["CREATE", "SELECT"], ["CREATE", "CREATE", "SELECT"]) and _PIVOT.match(query):
        return  # PIVOT is rewritten into a temporary type and a SELECT
    if len(kinds) > 1:
        raise QueryError(f"{len(kinds)} statements given; run one at a time")
    if kinds[0] not in _ALLOWED:
        raise QueryError(f"{kinds[0]} is not allowed: SQL here only reads; write a SELECT")
    if kinds[0] == "EXPLAIN":
        check(connection, _EXPLAIN.sub("", query, count=1))


def explained(error: duckdb.Error) -> QueryError:
    """DuckDB's message as one line, without its picture of the query."""
    text = str(error).strip().split("\n\nLINE ")[0]
    return QueryError(" ".join(text.split()))
