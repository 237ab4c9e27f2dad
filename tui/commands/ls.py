"""``triptych ls``."""

from __future__ import annotations

from tui import output
from tui.ambient import Ambient
from tui.output import Output
from tui.slice_flags import NOTHING, Slice

BRIEF = "image_id, modality, organ, disease, source, roi_count AS rois, width, height, file_name"
"""The columns of a table; every other format has all of them."""


def ls(said: Slice = NOTHING, *, flags: Output = output.DEFAULT, session: Ambient) -> int:
    """List the images of a slice, ordered by image_id.

    A table shows the main columns; the other formats write every column.

    Example: triptych ls --organ liver --roi-kind lesion --limit 20
    """
    with session.lake() as lake:
        selection = lake.slice(**said.said()).selection
        columns = BRIEF if output.chosen(flags) == "table" else "*"
        answer = selection.execute(selection.query.select(columns, rest="ORDER BY image_id"))
        output.write(output.rows_of(answer), flags, session)
    return 0
