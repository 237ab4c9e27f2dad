"""``triptych init``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from catalog.errors import UsageError
from tui.ambient import Ambient


def init(
    path: Path | None = None,
    /,
    *,
    metadata: Literal["sqlite", "duckdb"] = "sqlite",
    data: str | None = None,
    session: Ambient,
) -> int:
    """Make an empty lake.

    Example: triptych init lake

    Parameters
    ----------
    path
        Folder to make; by default the one that --lake names.
    metadata
        sqlite lets others read while one writes; duckdb is one file that one process uses at a time.
    data
        Folder of the tables; this version keeps them inside the lake.
    """
    import catalog

    if data is not None:
        raise UsageError(f"--data '{data}': this version keeps the data inside the lake; leave the flag out")
    with catalog.init(path or session.path, metadata=metadata) as lake:
        session.say(f"made an empty lake at {lake.layout.root}; fill it with: triptych ingest FOLDER")
    return 0
