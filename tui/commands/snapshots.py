"""``triptych snapshots``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient


def snapshots(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List the snapshots of the lake, oldest first; --at SNAPSHOT of a slice shows the past.

    Example: triptych snapshots

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    with session.lake() as lake:
        output.listing(output.rows_in(lake.snapshots()), session, as_json=as_json)
    return 0
