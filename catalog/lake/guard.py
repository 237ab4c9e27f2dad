"""Lets through only SQL that reads: one statement, and nothing that writes, attaches, installs or sets.

The connection is shut in already; this closes what a shut-in connection may still do (COPY into the lake's own folder,
temporary tables) and gives a better message than DuckDB's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb

from catalog.errors import QueryError
from catalog.lake.pointed import pointed

_ALLOWED = {"SELECT", "EXPLAIN"}
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:\([^)]*\)\s*)?(?:ANALYZE\s+|ANALYSE\s+)?", re.IGNORECASE)
_PIVOT = re.compile(
    r"\s*(?:PIVOT|UNPIVOT|FROM\b.*\bPIVOT|WITH\b.*\bPIVOT|SELECT\b.*\bPIVOT)", re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(rb'"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>\w+)')
_REFUSED_FAMILIES = ("ducklake_", "sqlite_", "enable_", "disable_", "verify_")
_REFUSED = frozenset(
    [
        # run SQL of their own, or read what was never given to the query
        *("query", "query_table", "json_execute_serialized_sql", "arrow_scan", "arrow_scan_dumb", "pandas_scan"),
        *("python_map_function", "seq_scan", "read_duckdb", "which_secret", "duckdb_secrets"),
        # change something
        *("add_parquet_key", "checkpoint", "force_checkpoint", "copy_database", "import_database", "write_log"),
        *("truncate_duckdb_logs", "add_data_files", "cleanup_old_files", "commit", "delete_orphaned_files"),
        *("expire_snapshots", "flush_inlined_data", "merge_adjacent_files", "rewrite_data_files"),
        *("set_commit_message", "set_option"),
    ]
)
"""Functions that write, attach or reach outside the lake though they stand in a SELECT."""
_CLAUSES = ("modifiers", "group_expressions", "having", "qualify", "sample")


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
        raise explained(error, query) from error


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
        raise explained(error, query) from error


def check(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse anything but one statement that reads.

    Raises:
        QueryError: It does not parse, is several statements, or would change something.
    """
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise explained(error, query) from error
    refused = next((name for name in _functions(query) if is_refused(name)), None)
    if refused:
        raise QueryError(f"the function {refused} is not allowed: SQL here only reads the lake's tables")
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
        start = _EXPLAIN.match(query)
        if start is None:
            raise QueryError("cannot tell what is explained; begin the query with EXPLAIN and put comments after it")
        check(connection, query[start.end() :])


def on_one_line(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """A SELECT that means the same on one line, without its comments; as it is where DuckDB cannot write it again."""
    try:
        rewritten = connection.execute("SELECT json_deserialize_sql(json_serialize_sql(?))", [query]).fetchall()[0][0]
    except duckdb.Error:
        return f"\n{query}\n"
    return str(rewritten)


def check_predicate(connection: duckdb.DuckDBPyConnection, predicate: str) -> None:
    """Refuse anything but one expression over the columns of ``images``.

    Raises:
        QueryError: It does not parse alone, is more than an expression, names parameters, or reaches outside the lake.
    """
    query = f"SELECT 1 FROM images WHERE {predicate}"
    check(connection, query)
    said = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchall()[0][0]
    node = json.loads(said)["statements"][0]["node"]
    more = node["type"] != "SELECT_NODE" or any(node.get(clause) for clause in _CLAUSES)
    if more or '"class":"PARAMETER"' in said:
        raise QueryError(
            f"'{predicate}' is no predicate over images; write one such as: width >= 512 AND modality = 'CT'"
        )


def explains(query: str) -> bool:
    """Whether a statement shows a plan, and no rows that another could read."""
    return _EXPLAIN.match(query) is not None


def is_refused(function: str) -> bool:
    """Whether a function writes, attaches or reaches outside the lake."""
    return function in _REFUSED or function.startswith(_REFUSED_FAMILIES)


def _functions(query: str) -> Iterator[str]:
    """The names before an opening bracket; strings and comments do not count."""
    text = query.encode()  # tokens are placed by bytes
    for (start, _), (after, _) in pairwise(duckdb.tokenize(query)):
        name = _NAME.match(text, start)
        if name and text[after : after + 1] == b"(":
            yield (name["plain"] or name["quoted"]).decode().casefold()


def bare(query: str) -> str:
    """One statement without the ``;`` that ends it and what follows, to be put in brackets on lines of its own.

    >>> bare("SELECT ';' -- one;\\n; -- two")
    "SELECT ';' -- one;\\n"
    """
    text = query.encode()  # tokens are placed by bytes
    end = len(text)
    for start, _ in reversed(duckdb.tokenize(query)):
        if text[start : start + 1] != b";":
            break
        end = start
    return text[:end].decode()


def explained(error: Exception, query: str = "") -> QueryError:
    """DuckDB's message as one line, without its picture of the query; where in the query it points to is kept."""
    text, _, picture = str(error).strip().partition("\n\nLINE ")
    line, column = pointed(picture, query)
    return QueryError(" ".join(text.split()), line=line, column=column)
