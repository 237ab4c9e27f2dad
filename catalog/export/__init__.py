"""A slice leaves the lake as training data: one writer a format, every export with its ``manifest.json``.

An export appears at its place in one rename when all of it is written; killed before, it leaves no folder that looks
finished. All its queries see one snapshot, and the same slice, snapshot and options give the same bytes.

Importing this loads no heavy module: the names of the formats are asked for by every ``--help``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog.export.contract import FORMATS, IMAGES, Watch

if TYPE_CHECKING:
    from catalog.export.manifest import Manifest
    from catalog.export.run import export

__all__ = ["FORMATS", "IMAGES", "Manifest", "Watch", "export"]
_LAZY = {"Manifest": "catalog.export.manifest", "export": "catalog.export.run"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'catalog.export' has no attribute '{name}'")
    return getattr(import_module(_LAZY[name]), name)
