"""Where a statement ends."""

from __future__ import annotations

import re

_ASIDE = re.compile(
    r"""
      (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'      # a string with escapes
    | '(?:[^']|'')*'                       # a string
    | "(?:[^"]|"")*"                       # a quoted identifier
    | \$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?(tag)(?P=tag))\$  # a dollar-quoted string
    | --[^\n]*                             # a comment to the end of the line
    | /\*.*?\*/                            # a comment
    | (?P<open>(?<!\w)[eE]'|['"]|/\*|\$(?:[A-Za-z_]\w*)?\$).*  # one of these without its end
    """,
    re.DOTALL | re.VERBOSE,
)


def is_whole(text: str) -> bool:
    """Whether SQL ends with a ``;`` that stands in no string, quoted name or comment.

    >>> is_whole("SELECT 'a;"), is_whole("SELECT 'a;';"), is_whole("SELECT 1; -- one")
    (False, True, True)
    """
    if any(part["open"] for part in _ASIDE.finditer(text)):
        return False
    return _ASIDE.sub(" ", text).rstrip().endswith(";")
