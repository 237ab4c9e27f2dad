"""What a writer of a format is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args

from catalog.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from catalog.export.work import Work

Format = Literal["llava", "sharegpt", "hf", "coco", "parquet", "jsonl"]
FORMATS: tuple[str, ...] = get_args(Format)
Images = Literal["copy", "link", "none"]
IMAGES: tuple[str, ...] = get_args(Images)

Watch = Callable[[int, int], None]
"""Called with the images that are done and their total."""


class Writer(Protocol):
    """Writes one format.

    The images it is given are chosen, allowed by their licences and numbered from 1 by row key; their pixels lie in
    the export's folder where the user wants them. It streams: memory does not grow with the slice.
    """

    text: ClassVar[bool]
    """Whether its main files hold text of the sources, so that a licence may keep images out even without pixels."""
    needs_text: ClassVar[bool]
    """Whether an image without a description has no place in it."""
    needs_size: ClassVar[bool]
    """Whether an image of unknown width and height has no place in it."""
    embeds: ClassVar[bool]
    """Whether pixels go into its data files; otherwise they lie beside them under ``images/``."""

    def write(self, work: Work) -> int:
        """Write the data files through ``work`` and say how many examples they hold."""


def writer_of(name: str) -> Writer:
    """The writer of a format.

    Raises:
        UsageError: There is none.
    """
    if name not in FORMATS:
        raise UsageError(
            f"no export format '{name}'{did_you_mean(name, FORMATS) or '; known are ' + ', '.join(FORMATS)}"
        )
    from importlib import import_module

    writer: Writer = import_module(f"catalog.export.{name}").WRITER
    return writer
