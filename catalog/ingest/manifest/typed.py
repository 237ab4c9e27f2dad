"""One slice of a table as a relation with every field, in its type; what does not fit is kept beside it in ``bad``."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.ingest.bulk.tables import Table
from catalog.ingest.manifest.fields import FIELDS, IDENTIFIERS, IMAGE, FieldType
from catalog.sqlfiles import identifier, literal

_SQL_TYPE: Mapping[FieldType, str] = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "words": "VARCHAR[]",
    "numbers": "DOUBLE[]",
}
_FITTING: Mapping[FieldType, tuple[str, ...]] = {
    "whole": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
    "number": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE"),
    "flag": ("BOOLEAN",),
}
_WANTED: Mapping[FieldType, str] = {
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "numbers": "a list of numbers",
}
_UNSAID = ("image_id", "uri")
"""Fields that do not enter the content hash: the id itself, and where the pixels lie."""


def typed_rows(table: Table, columns: Mapping[str, str], start: int, stop: int, *, salt: str) -> str:
    """A SELECT of rows start to stop with ``row``, every field, ``content_hash``, ``bad`` and ``extra``.

    ``content_hash`` is null where a row says nothing of its image. Where identifiers enter it, so does ``salt``: nobody
    can then guess them from it. ``bad`` lists field, value and the type wanted.
    """
    given = table.slice(columns, start, stop)
    parts = [f"{_cast(name, kind, columns, table)} AS {identifier(name)}" for name, kind in FIELDS.items()]
    typed = f"SELECT row, extra, {', '.join(parts)}, {_bad(columns, table)} AS bad FROM ({given})"
    return f"SELECT *, {_content(columns, salt)} AS content_hash FROM ({typed})"


def _cast(name: str, kind: FieldType, columns: Mapping[str, str], table: Table) -> str:
    if name not in columns:
        return f"NULL::{_SQL_TYPE[kind]}"
    column, given = identifier(name), table.types[columns[name]]
    if given in _FITTING.get(kind, ()):
        return f"{column}::{_SQL_TYPE[kind]}"
    return _CAST[kind](column, given)


def _text(column: str, given: str) -> str:
    del given
    return f"nullif({column}::VARCHAR, '')"


def _whole(column: str, given: str) -> str:
    del given
    number = f"TRY_CAST({column} AS DOUBLE)"
    return f"CASE WHEN {number} = round({number}) THEN TRY_CAST({number} AS BIGINT) END"


def _number(column: str, given: str) -> str:
    del given
    return f"TRY_CAST({column} AS DOUBLE)"


def _flag(column: str, given: str) -> str:
    del given
    return f"TRY_CAST({column} AS BOOLEAN)"


def _words(column: str, given: str) -> str:
    if given.endswith("[]"):
        return f"list_filter(list_transform({column}::VARCHAR[], lambda x: trim(x)), lambda x: x <> '')"
    text = f"{column}::VARCHAR"
    listed = f"TRY_CAST(TRY_CAST({text} AS JSON) AS VARCHAR[])"
    split = f"string_split(replace({text}, '|', ';'), ';')"
    words = f"CASE WHEN {text} LIKE '[%' THEN coalesce({listed}, {split}) ELSE {split} END"
    several = f"list_filter(list_transform({words}, lambda x: trim(x)), lambda x: x <> '')"
    plural = f"contains({text}, ';') OR contains({text}, '|') OR starts_with({text}, '[') OR trim({text}) = ''"
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {plural} THEN {several} ELSE [trim({text})] END"


def _numbers(column: str, given: str) -> str:
    return f"TRY_CAST({column} AS DOUBLE[])" if given.endswith("[]") else f"TRY_CAST({column}::VARCHAR AS DOUBLE[])"


_CAST = {"text": _text, "whole": _whole, "number": _number, "flag": _flag, "words": _words, "numbers": _numbers}


def _bad(columns: Mapping[str, str], table: Table) -> str:
    """Values that are there and do not fit. NaN in a column of numbers is how tables write nothing."""
    told = []
    for name, column in columns.items():
        kind, given = FIELDS[name], table.types[column]
        if kind not in _WANTED or given in _FITTING.get(kind, ()):
            continue
        raw = f"nullif(trim({identifier(name)}::VARCHAR), '')"
        unfit = f"{raw} IS NOT NULL AND lower({raw}) <> 'nan' AND {_cast(name, kind, columns, table)} IS NULL"
        value = f"{{'field': {literal(name)}, 'value': {raw}, 'wanted': {literal(_WANTED[kind])}}}"
        told.append(f"CASE WHEN {unfit} THEN {value} END")
    empty = "NULL::STRUCT(field VARCHAR, value VARCHAR, wanted VARCHAR)[]"
    return f"list_filter([{', '.join(told)}], lambda x: x IS NOT NULL)" if told else empty


def _content(columns: Mapping[str, str], salt: str) -> str:
    said = [name for name in (*IMAGE, *IDENTIFIERS) if name in columns and name not in _UNSAID]
    parts = ", ".join(f"{literal(name + '=')} || {identifier(name)}::VARCHAR" for name in said)
    salted = f"{literal(salt)} || " if columns.keys() & set(IDENTIFIERS) else ""
    return f"md5({salted}nullif(concat_ws(chr(31), {parts}), ''))" if said else "NULL::VARCHAR"
