"""``triptych recipes``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.recipes import listing


def recipes(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List the SQL recipes that ship, with their parameters.

    Run one with: triptych sql @NAME -p PARAMETER=VALUE

    Example: triptych recipes

    Parameters
    ----------
    as_json
        A JSON array of objects, with what each recipe returns.
    """
    if as_json:
        output.document([recipe.described() for recipe in listing()])
        return 0
    for recipe in listing():
        print(recipe.text())
    return 0
