"""``triptych ls``."""

from __future__ import annotations

from tui import output
from tui.ambient import Ambient
from tui.output import Output
from tui.slice_flags import NOTHING, Slice

BRIEF = "image_id, modality, organ, disease, source, roi_count, width, height, file_name"
"""The columns of a table; every other format has all of them."""


def ls(said: Slice = NOTHING, *, flags: Output = output.DEFAULT, session: Ambient) -> int:
    """List the images of a slice, those of one modality, organ and disease together.

    A table shows the main columns; the other formats write every column.

    Example: triptych ls --organ liver --roi-kind lesion --limit 20
    """
    with session.lake() as lake:
        columns = BRIEF if output.chosen(flags) == "table" else "*"
        images = lake.slice(**said.said()).stream(columns=columns)
        output.write(output.Rows(images, frozenset({"extra"})), flags, session)
    return 0
