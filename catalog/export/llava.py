"""LLaVA: ``llava.jsonl``, one conversation for each image and description, images under ``images/``."""

from __future__ import annotations

from typing import ClassVar

from catalog.export.chat import HUMAN
from catalog.export.work import Work


class LlavaWriter:
    """``{"id", "image", "conversations"}`` a line; ids of an image's second description on end in -2, -3, ..."""

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = True
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write ``llava.jsonl``."""
        with work.output.file("llava.jsonl") as file:
            return work.lines(file, "llava", human=HUMAN)


WRITER = LlavaWriter()
