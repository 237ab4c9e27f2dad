"""The sizes of a lake that are measured, and how much of it the workloads that name an amount take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One size; amounts that the goals name for 25M shrink with the lake, though less than it does."""

    name: str
    rows: int
    """Images in the lake."""
    captions: float
    """Share of the images that have a caption; enough for ``exported`` of them in a random half."""
    viewed: int
    """Images in the slice whose pages are turned."""
    exported: int
    """Images, or captions, that an export writes."""
    appended: int = 100_000
    """Images in a shard that is appended; the same at every size, so that growth shows what the lake's size costs."""
    commits: int
    """Small commits before a compaction."""
    committed: int = 1_000
    """Images in each of them."""


SIZES = {
    scale.name: scale
    for scale in (
        Scale(name="200k", rows=200_000, captions=0.25, viewed=60_000, exported=20_000, appended=20_000, commits=20),
        Scale(name="1m", rows=1_000_000, captions=1.0, viewed=300_000, exported=100_000, commits=100),
        Scale(name="5m", rows=5_000_000, captions=1.0, viewed=1_000_000, exported=250_000, commits=250),
        Scale(name="25m", rows=25_000_000, captions=1.0, viewed=3_000_000, exported=500_000, commits=1_000),
    )
}
"""``200k`` proves that the benchmarks run; it is no result."""
