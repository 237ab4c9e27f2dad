"""A slice in words: as flags, as a command, as SQL and as Python."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.api import Lake

Said = dict[str, Any]
"""The keywords of ``Lake.slice``: what the flags of a command line say."""


def flags(said: Mapping[str, Any]) -> str:
    """A slice as flags of the command line.

    >>> flags({"modality": ("CT",), "roi_area": ("0.1:",), "sample": 5})
    '--modality CT --roi-area 0.1: --sample 5'
    """
    return " ".join(f"--{name.replace('_', '-')} {shlex.quote(word)}" for name, word in _words(said))


def command(lake: Lake, said: Mapping[str, Any], *, verb: str = "ls") -> str:
    """The command that lists a slice."""
    return f"triptych --lake {shlex.quote(str(lake.layout.root))} {verb} {flags(said)}".rstrip()


def python(lake: Lake, said: Mapping[str, Any]) -> str:
    """The Python that opens a slice.

    It reads ``catalog.open('lake').slice(modality='CT')``.
    """
    given = ", ".join(f"{name}={_literal(value)}" for name, value in said.items())
    return f"import catalog\n\nslice_ = catalog.open({str(lake.layout.root)!r}).slice({given})"


def sql(lake: Lake, said: Mapping[str, Any]) -> str:
    """The SQL of a slice with its values written out; ``triptych sql`` runs it.

    Raises:
        TriptychError: The slice cannot be meant.
    """
    query = lake.slice(**said).selection.query
    return query.written(query.images)


def _words(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        for word in value if isinstance(value, list | tuple) else [value]:
            yield name, str(word)


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return repr(value[0]) if len(value) == 1 else repr(list(value))
    return repr(value)
