"""``triptych failures``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.cells import visible


def failures(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List what could not be read or made, newest first, each with its reason and how to mend it.

    Example: triptych failures --json

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    from catalog.api.reports import report

    with session.lake() as lake:
        answer = report(lake, "failures" if as_json else "failures_brief")
        if as_json:
            output.listing(output.rows_of(answer), session, as_json=True)
            return 0
        found = False
        while rows := answer.fetchmany(output.BATCH):
            found = True
            for error, source, item, message in rows:
                where = f"{source} [{item}]" if item else source
                print(f"{error}: {visible(where)}\n  {visible(message)}")
    if not found:
        session.say("no failures")
    return 0
