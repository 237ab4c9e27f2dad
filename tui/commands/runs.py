"""``triptych runs``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient


def runs(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List the runs that wrote into the lake, newest first, with what they added.

    Example: triptych runs --json

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    from catalog.api.reports import report

    with session.lake() as lake:
        answer = report(lake, "runs")
        output.listing(output.rows_of(answer), session, as_json=as_json)
    return 0
