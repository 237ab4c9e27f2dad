"""Triptych: a DuckDB-backed catalog of medical image, region of interest and description triplets.

>>> import catalog
>>> with catalog.open("lake") as lake:  # doctest: +SKIP
...     ct = lake.slice(modality="CT", roi_area=(0.005, 0.05))
...     ct.count()

Importing this loads no heavy module; DuckDB and Arrow come with the first lake that is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.errors import (
    InputError,
    LakeBusyError,
    LakeError,
    MissingExtraError,
    QueryError,
    TriptychError,
    UnknownTermError,
    UsageError,
)

if TYPE_CHECKING:
    from catalog.api import Lake, Slice, init
    from catalog.api import open_lake as open

__all__ = [
    "InputError",
    "Lake",
    "LakeBusyError",
    "LakeError",
    "MissingExtraError",
    "QueryError",
    "Slice",
    "TriptychError",
    "UnknownTermError",
    "UsageError",
    "init",
    "open",
]
_LAZY = {"Lake": "Lake", "Slice": "Slice", "init": "init", "open": "open_lake"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'catalog' has no attribute '{name}'")
    from catalog import api

    return getattr(api, _LAZY[name])
