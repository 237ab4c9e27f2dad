"""JSON lines: ``images.jsonl``, one line an image with its regions, descriptions and findings."""

from __future__ import annotations

from typing import ClassVar

from catalog.export.work import Work


class JsonlWriter:
    """Boxes are ``[x0, y0, x1, y1]``: half-open pixels of the image as a viewer sees it; masks are COCO RLE counts."""

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = False
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write ``images.jsonl``."""
        with work.output.file("images.jsonl") as file:
            return work.lines(file, "jsonl")


WRITER = JsonlWriter()
