"""Bins of the share of its image that a region covers, as values of the flag ``--roi-area``."""

from __future__ import annotations

from itertools import pairwise

EDGES = (0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares of the image: between two neighbours lies a bin, and both belong to it."""
BINS = tuple(f"{low:g}:{high:g}" for low, high in pairwise(EDGES))
"""Every bin as text that --roi-area takes, the smallest regions first."""


def as_sql() -> str:
    """The bins as rows of place, value, low and high."""
    rows = ((place, value, *value.split(":")) for place, value in enumerate(BINS))
    listed = ", ".join(f"({place}, '{value}', '{low}'::DOUBLE, '{high}'::DOUBLE)" for place, value, low, high in rows)
    return f"(VALUES {listed}) AS bins(place, value, low, high)"
