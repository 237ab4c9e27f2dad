"""A slice leaves the lake as training data: one writer a format, every export with its ``manifest.json``.

An export appears at its place in one rename when all of it is written; killed before, it leaves no folder that looks
finished. All its queries see one snapshot, and the same slice, snapshot and options give the same bytes.
"""

from __future__ import annotations

from catalog.export.contract import FORMATS, IMAGES, Watch
from catalog.export.manifest import Manifest
from catalog.export.run import export

__all__ = ["FORMATS", "IMAGES", "Manifest", "Watch", "export"]
