"""``triptych slices``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from tui import output
from tui.ambient import Ambient
from tui.cells import plain, text
from tui.session import counted
from tui.slice_flags import NOTHING, Slice

Json = Annotated[bool, Parameter(name="--json")]
slices = App(
    name="slices",
    help="Save, list, show and drop named slices.\n\nExample: triptych slices save small-ct --modality CT",
)


@slices.default
@slices.command(name="list")
def listing(*, as_json: Json = False, session: Ambient) -> int:
    """List the saved slices: filter, snapshot, count, and a digest of the ids.

    Example: triptych slices list

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    from catalog.slices import saved

    with session.lake() as lake:
        rows = output.rows_in(saved.listing(lake.reader()), "filter")
        output.listing(rows, session, as_json=as_json)
    return 0


@slices.command
def save(name: str, /, said: Slice = NOTHING, *, session: Ambient) -> int:
    """Save a slice under a name; --slice NAME then stands for its flags.

    Example: triptych slices save small-ct --modality CT --roi-area :0.01

    Parameters
    ----------
    name
        Letters, digits, '_', '-' and '.'.
    """
    with session.lake(write=True) as lake:
        count = lake.save_slice(name, **said.said())
    session.say(f"saved the slice '{name}': {counted(count, 'image')}")
    return 0


@slices.command
def show(name: str, /, *, as_json: Json = False, session: Ambient) -> int:
    """Show a saved slice, and how many images it holds now.

    Example: triptych slices show small-ct

    Parameters
    ----------
    name
        Its name.
    as_json
        One JSON object.
    """
    import json

    from catalog.slices import saved

    with session.lake() as lake:
        now = lake.slice(slice=name).count()
        rows = saved.listing(lake.reader()).to_pylist()
    found = next(row for row in rows if row["name"].casefold() == name.casefold())
    shown = {**found, "filter": json.loads(found["filter"]), "count_now": now}
    if as_json:
        output.document(shown)
        return 0
    for key, value in shown.items():
        print(f"{key:<10} {text(plain(value))}")
    return 0


@slices.command
def drop(name: str, /, *, session: Ambient) -> int:
    """Forget a saved slice; no image is touched.

    Example: triptych slices drop small-ct

    Parameters
    ----------
    name
        Its name.
    """
    with session.lake(write=True) as lake:
        lake.drop_slice(name)
    session.say(f"dropped the slice '{name}'; its images stay")
    return 0
