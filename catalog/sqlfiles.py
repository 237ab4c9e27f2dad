"""The ``.sql`` files of ``sql/``: found, read, and their headers understood.

A file holds one statement and opens with ``-- title:``, ``-- params:`` and ``-- returns:``. Parameters are written
``name TYPE = default  what it is``, separated by ``;``, or ``none``. A table may say its sort order in ``-- sorted:``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import UsageError, did_you_mean

_PACKAGED = Path(__file__).parent / "sql"
_CHECKOUT = Path(__file__).parent.parent / "sql"
_NAMED = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a SQL file."""

    name: str
    type: str
    default: str | None
    help: str


@dataclass(frozen=True, slots=True)
class SqlFile:
    """A statement with its header."""

    name: str
    title: str
    params: tuple[Param, ...]
    returns: str
    statement: str
    sorted: str = ""
    """Sort order of a table, as ALTER TABLE takes it."""


def folder() -> Path:
    """The folder of the SQL files: inside the wheel, or beside the package in a checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


@cache
def read(name: str) -> SqlFile:
    """Read ``sql/NAME.sql``; ``name`` is like ``recipes/largest_lesions``.

    Raises:
        UsageError: There is no such file.
    """
    path = folder() / f"{name}.sql"
    if not path.is_file():
        room = name.rpartition("/")[0]
        known = [path.stem for path in (folder() / room).glob("*.sql")]
        raise UsageError(f"no SQL file '{name}'{did_you_mean(name.rpartition('/')[2], known)}")
    return _parse(name, path.read_text(encoding="utf-8"))


def statement(name: str) -> str:
    """The statement of ``sql/NAME.sql``."""
    return read(name).statement


@cache
def listing(room: str) -> tuple[SqlFile, ...]:
    """Every file of ``sql/ROOM``, by name; none when there is no such room."""
    return tuple(read(f"{room}/{path.stem}") for path in sorted((folder() / room).glob("*.sql")))


def identifier(name: str) -> str:
    """Quote a SQL identifier.

    >>> identifier('a "b')
    '"a ""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a SQL string, for the few statements (ATTACH, SET, COMMENT) that take no bound values.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def written(sql: str, values: Mapping[str, Any]) -> str:
    """SQL with the values that ``$name`` stands for written out, for statements that take no bound ones.

    >>> written("SELECT $who, $least, $also", {"who": "it's", "least": 2, "also": ["a"]})
    "SELECT 'it''s', 2, ['a']"
    """
    return _NAMED.sub(lambda found: _written(values[found[1]]) if found[1] in values else found[0], sql)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if value is None:
        return "NULL"
    return f"{literal(str(value))}::DOUBLE" if isinstance(value, float) else str(value)


def _parse(name: str, text: str) -> SqlFile:
    header = {key: value.strip() for key, value in re.findall(r"^-- (title|params|returns|sorted):(.*)$", text, re.M)}
    missing = {"title", "params", "returns"} - header.keys()
    if missing:
        raise UsageError(f"sql/{name}.sql has no '-- {min(missing)}:' line")
    body = "\n".join(line for line in text.splitlines() if not re.match(r"-- (title|params|returns|sorted):", line))
    return SqlFile(
        name=name.rpartition("/")[2],
        title=header["title"],
        params=_params(header["params"]),
        returns=header["returns"],
        statement=body.strip(),
        sorted=header.get("sorted", ""),
    )


def _params(text: str) -> tuple[Param, ...]:
    if text == "none":
        return ()
    pattern = re.compile(r"(?P<name>\w+) (?P<type>[A-Z]+(?:\[\])?)(?: = (?P<default>\S+))?(?:  (?P<help>.*))?")
    found = [(part.strip(), pattern.fullmatch(part.strip())) for part in text.split(";")]
    bad = [part for part, match in found if match is None]
    if bad:
        raise UsageError(f"cannot read the SQL parameter '{bad[0]}'; write: name TYPE = default  what it is")
    return tuple(
        Param(match["name"], match["type"], match["default"], match["help"] or "") for _, match in found if match
    )
