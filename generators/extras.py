"""Which packages of a generator's extra are not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, entry_points, requires

from generators.contract import Generator
from generators.registry import GROUP

_OF_AN_EXTRA = re.compile(r"([\w.-]+).*;.*\bextra == ['\"]([\w.-]+)['\"]")


def lacking(kind: type[Generator]) -> list[str]:
    """The packages that the extra of a generator names and that are not installed."""
    return [name for name in _required(kind) if not _is_installed(name)] if kind.extra else []


def _required(kind: type[Generator]) -> Iterator[str]:
    homes = {point.dist.name for point in entry_points(group=GROUP) if point.name == kind.name and point.dist}
    for home in sorted(homes):
        for text in requires(home) or []:
            found = _OF_AN_EXTRA.match(text)
            if found and found[2] == kind.extra:
                yield found[1]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
