"""``triptych sql``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from catalog.errors import UsageError
from tui import output
from tui.ambient import Ambient
from tui.output import Output

if TYPE_CHECKING:
    from catalog.api import Lake
    from tui.session import Session


def sql(
    query: str | None = None,
    /,
    *,
    param: Annotated[tuple[str, ...], Parameter(name=["-p", "--param"])] = (),
    flags: Output = output.DEFAULT,
    memory_limit: str | None = None,
    session: Ambient,
) -> int:
    """Run read-only SQL, a recipe, or without a query a prompt.

    Example: triptych sql "SELECT disease, count(*) FROM images WHERE modality = $m GROUP BY 1" -p m=CT

    Example: triptych sql @largest_lesions -p modality=CT --format csv

    Parameters
    ----------
    query
        SQL, - to read it from stdin, or @RECIPE; triptych recipes lists the recipes.
    param
        NAME=VALUE, bound to $NAME. Numbers, true, false and null are bound as such; '512' in quotes is text.
    memory_limit
        Memory that DuckDB may use, such as 2GB; beyond it queries spill to disk.
    """
    if query is None and not sys.stdin.isatty():
        raise UsageError("no query given and no terminal to ask on; give one, or - to read it from stdin")
    with session.lake(memory_limit=memory_limit) as lake:
        if query is None:
            from tui.prompt import converse

            return converse(lake, flags, session)
        run(lake, sys.stdin.read() if query == "-" else query, param, flags, session)
    return 0


def run(lake: Lake, query: str, given: tuple[str, ...], flags: output.OutputFlags, session: Session) -> None:
    """Run one query or ``@recipe`` and write its rows.

    Raises:
        UsageError: An unknown recipe or parameter.
        QueryError: The query does not run, or is not read-only.
    """
    from tui import query as queries

    question = queries.asked(lake, query, given)
    output.write(output.rows_of(queries.run(lake, question)), flags, session)
