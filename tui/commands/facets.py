"""``triptych facets``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from catalog.errors import UsageError
from tui import output
from tui.ambient import Ambient
from tui.slice_flags import NOTHING, Slice


def facets(
    said: Slice = NOTHING,
    *,
    by: tuple[str, ...] = (),
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Count the images of a slice by the values of columns, most first.

    Example: triptych facets --by modality,organ --disease hemorrhage

    Parameters
    ----------
    by
        COL[,COL]: such as modality, organ, disease, source, license, roi_label, roi_kind, roi_zone.
    as_json
        One object: column -> list of value and count.
    """
    columns = [column.strip() for text in by for column in text.split(",") if column.strip()]
    if not columns:
        raise UsageError("facets needs columns to count by; write --by modality or --by organ,disease")
    with session.lake() as lake:
        found = lake.slice(**said.said()).facets(*columns)
    if as_json:
        output.document({column: table.to_pylist() for column, table in found.items()})
        return 0
    for place, (column, table) in enumerate(found.items()):
        print(end="\n" if place else "")
        output.write(output.rows_in(table.rename_columns([column, "images"])), output.DEFAULT, session)
    return 0
