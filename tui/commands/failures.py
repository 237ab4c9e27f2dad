"""``triptych failures``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient


def failures(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List what could not be read or made, newest first, with the reason.

    Example: triptych failures --json

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    from catalog.api.reports import report

    with session.lake() as lake:
        answer = report(lake, "failures")
        output.write(output.rows_of(answer), output.AS_JSON if as_json else output.DEFAULT, session)
    return 0
