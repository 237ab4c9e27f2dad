"""The zones of an image: fifths of its width and height, as MedTrinity's captions word them."""

from __future__ import annotations

ZONES_H = ("left", "left-center", "center", "right-center", "right")
"""Columns, from the viewer's left."""
ZONES_V = ("upper", "upper-middle", "middle", "lower-middle", "lower")
"""Rows, from the top."""
