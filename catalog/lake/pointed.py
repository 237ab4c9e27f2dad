"""Where in a query DuckDB points to: its messages end with a picture of one line and a caret below it."""

from __future__ import annotations

import re
import unicodedata

_PICTURE = re.compile(r"(?P<head>(?P<line>\d+): )(?P<shown>[^\n]*)\n(?P<before> *)\^")
"""What DuckDB shows after "LINE "."""
_CUT = "..."
"""Stands at the ends of a picture that shows a part of a long line."""


def pointed(picture: str, query: str) -> tuple[int | None, int | None]:
    """The line and the column, from 1, that a caret points to; of a long line the picture shows a part."""
    found = _PICTURE.match(picture)
    lines = query.split("\n")
    if found is None or not 0 < int(found["line"]) <= len(lines):
        return (int(found["line"]), None) if found else (None, None)
    number, shown = int(found["line"]), found["shown"]
    place = _place(shown, len(found["before"]) - len(found["head"]) - len("LINE "))
    part = shown.removeprefix(_CUT).removesuffix(_CUT)
    start = lines[number - 1].find(part)
    if start < 0:
        return number, None
    return number, start + place - (len(_CUT) if shown.startswith(_CUT) else 0) + 1


def _place(text: str, cells: int) -> int:
    """The number of the character that stands after so many cells of a terminal."""
    used = 0
    for place, char in enumerate(text):
        if used >= cells:
            return place
        used += 2 if unicodedata.east_asian_width(char) in "WF" else char.isprintable()
    return len(text)
