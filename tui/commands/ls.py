"""``triptych ls``."""

from __future__ import annotations

from tui import output
from tui.ambient import Ambient
from tui.output import Output
from tui.slice_flags import NOTHING, Slice

BRIEF = "image_id, modality, organ, disease, source, roi_count AS rois, width, height, file_name"
"""The columns of a table; every other format has all of them."""


def ls(said: Slice = NOTHING, *, flags: Output = output.DEFAULT, session: Ambient) -> int:
    """List the images of a slice, in the order of storage, which is that of modality, organ and disease once compacted.

    A table shows the main columns; the other formats write every column.

    Example: triptych ls --organ liver --roi-kind lesion --limit 20
    """
    from catalog.slices.order import ordered

    with session.lake() as lake:
        selection = lake.slice(**said.said()).selection
        columns = BRIEF if output.chosen(flags) == "table" else "*"
        answer = selection.execute(ordered(selection.query, selection.connection, columns))
        output.write(output.rows_of(answer), flags, session)
    return 0
