"""The names of the values of a label map, from the table beside it.

Understood are: lines of index and name (as AAL and FreeSurfer write them, with numbers after the name, or SPM, with the
index last), ITK-SNAP label files, CSV and TSV with or without a header, and JSON: ``{"1": "liver"}``, ``{"liver": 1}``
(either under ``labels``, as in the ``dataset.json`` of nnU-Net and the Decathlon), a list of names (from 1, or from 0
when the first names the background), a list of objects.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import InputError

Names = dict[int, str]
_LARGEST = 4 << 20
_BACKGROUND = {"", "background", "clear label", "unknown", "none", "unlabeled", "unlabelled", "???"}
_INDEX = ("index", "id", "value", "label_id", "labelid", "label_value", "labelvalue", "number", "key", "idx", "label")
_NAME = ("name", "label_name", "labelname", "structure", "label", "region", "roi", "description", "long_name")
_LINE = re.compile(r'\s*(?P<index>-?\d+)[\s,;:=]+(?:[^"]*"(?P<quoted>[^"]*)"|(?P<name>.*))')
_LINE_OF_SPM = re.compile(r"\s*[^\s\d#]\S*\s+(?P<name>\S.*?)\s+(?P<index>\d+)\s*")
_NUMBERS_AFTER = re.compile(r"(?:\s+\d+(?:\.\d+)?){3,}\s*$|\s+\d{4,}\s*$")


def read(table: Path) -> Names:
    """Value to name; nothing where a JSON file speaks of other things, as those that converters leave beside volumes.

    Raises:
        InputError: The table cannot be read, or names nothing.
    """
    text, suffix = _text(table), table.suffix.casefold()
    if suffix == ".json":
        names = _from_json(text, table)
    else:
        names = _from_columns(text, suffix) if suffix in (".csv", ".tsv") else dict(_from_lines(text))
    named = {index: name.strip() for index, name in names.items() if name.strip()}
    if not named and suffix != ".json":
        message = f"'{table.name}' names no label; write a line for each value (1 liver), or remove the file"
        raise InputError(message, kind="names")
    return named


def _text(table: Path) -> str:
    try:
        with table.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"'{table.name}' cannot be read: {error.strerror}; check its rights", kind="names") from error
    if len(data) > _LARGEST:
        raise InputError(f"'{table.name}' is larger than {_LARGEST} bytes; is it a table of names?", kind="names")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _from_lines(text: str) -> Iterator[tuple[int, str]]:
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            quoted = match["quoted"]
            yield int(match["index"]), _NUMBERS_AFTER.sub("", match["name"]) if quoted is None else quoted
        elif match := _LINE_OF_SPM.fullmatch(line):
            yield int(match["index"]), match["name"]


def _from_columns(text: str, suffix: str) -> Names:
    first = text.lstrip().partition("\n")[0]
    delimiter = "\t" if suffix == ".tsv" or "\t" in first else max(",;", key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    if not rows:
        return {}
    header = [] if any(map(_is_index, rows[0])) else [cell.casefold().replace(" ", "_") for cell in rows[0]]
    body = rows[1:] if header else rows
    width = min(map(len, body), default=0)
    columns = list(zip(*(row[:width] for row in body), strict=True))
    index = _chosen(header, columns, _INDEX, numbers=True)
    name = _chosen(header, columns, _NAME, numbers=False)
    if index is None or name is None:
        return {}
    return {int(float(number)): said for number, said in zip(columns[index], columns[name], strict=True)}


def _chosen(
    header: Sequence[str], columns: Sequence[Sequence[str]], wanted: Sequence[str], *, numbers: bool
) -> int | None:
    """The column that is called as wanted, else the first that holds numbers, or words."""
    fitting = [place for place, cells in enumerate(columns) if all(map(_is_index, cells)) == numbers]
    called = [place for word in wanted for place in fitting if place < len(header) and header[place] == word]
    return next(iter((*called, *fitting)), None)


def _is_index(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.0*)?", cell) is not None


def _from_json(text: str, table: Path) -> Names:
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{table.name}' is no JSON ({error}); mend or remove it", kind="names") from error
    if isinstance(said, Mapping) and isinstance(said.get("labels"), (Mapping, list)):
        said = said["labels"]
    if isinstance(said, list):
        objects = all(isinstance(item, Mapping) for item in said)
        return dict(_from_objects(said)) if objects else _from_list(said)
    return _from_mapping(said) if isinstance(said, Mapping) else {}


def _from_mapping(said: Mapping[str, Any]) -> Names:
    forward = {int(float(key)): str(name) for key, name in said.items() if _is_index(key) and isinstance(name, str)}
    if forward:
        return forward
    backward = all(isinstance(value, int) and not isinstance(value, bool) for value in said.values())
    return {value: str(name) for name, value in said.items()} if backward else {}


def _from_list(said: Sequence[Any]) -> Names:
    words = [item if isinstance(item, str) else "" for item in said]
    start = 0 if words and words[0].casefold() in _BACKGROUND else 1
    return dict(enumerate(words, start))


def _from_objects(said: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for item in said:
        cells = {str(key).casefold(): value for key, value in item.items()}
        index = next((cells[key] for key in _INDEX if isinstance(cells.get(key), int)), None)
        name = next((cells[key] for key in _NAME if isinstance(cells.get(key), str)), None)
        if index is not None and name is not None:
            yield index, name
