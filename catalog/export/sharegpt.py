"""ShareGPT as LLaMA-Factory takes it: ``sharegpt.jsonl`` and the ``dataset_info.json`` that describes it."""

from __future__ import annotations

import json
from typing import ClassVar

from catalog.export.chat import HUMAN
from catalog.export.work import Work

_INFO = {
    "triptych": {
        "file_name": "sharegpt.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    }
}


class ShareGptWriter:
    """``{"messages", "images"}`` a line, one for each image and description."""

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = True
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write ``sharegpt.jsonl`` and ``dataset_info.json``."""
        with work.output.file("sharegpt.jsonl") as file:
            written = work.lines(file, "sharegpt", human=HUMAN)
        with work.output.file("dataset_info.json") as file:
            file.write(json.dumps(_INFO, indent=2).encode() + b"\n")
        return written


WRITER = ShareGptWriter()
