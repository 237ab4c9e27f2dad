"""How long the command line takes to say something: the median of a few starts, beside a bare Python's."""

from __future__ import annotations

from pathlib import Path

import catalog
from benchmarks.measure import Cost, Row, median, python, triptych

_TIMES = 15


def measure(rows: int, folder: Path) -> list[Row]:
    """``triptych --help``, and ``triptych count`` on a lake of a hundred images."""
    lake = folder / "lake-small"
    table = folder / "small.csv"
    table.write_text("image_id,modality\n" + "".join(f"{n},CT\n" for n in range(100)))
    with catalog.init(lake) as made:
        made.ingest(table, kind="manifest")
    bare = median([python("pass") for _ in range(_TIMES)])
    help_ = median([triptych("--help") for _ in range(_TIMES)])
    count = median([triptych("--lake", str(lake), "count") for _ in range(_TIMES)])
    return [
        _row("triptych --help", help_, bare, "150 ms", help_.seconds < 0.15),
        _row(
            "triptych count, small lake", count, bare, "500 ms over a bare Python", count.seconds - bare.seconds < 0.5
        ),
    ]


def _row(name: str, ours: Cost, bare: Cost, goal: str, met: bool) -> Row:
    return Row(name, 1, "start", ours, "a bare Python", bare.seconds, goal, met)
