"""Parquet: the rows of the slice as they are in the lake but for its row keys, a file a table."""

from __future__ import annotations

from typing import ClassVar

from catalog.export.work import Work

TABLES = ("images", "rois", "descriptions", "findings")
FILE_IMAGES = 1_000_000
"""Images of which one file holds the rows; DuckDB sorts as many at a time."""
GROUP_ROWS = 50_000


class ParquetWriter:
    """``images.parquet`` (with a column image: where the pixels lie), ``rois``, ``descriptions`` and ``findings``.

    Larger slices come in files of a million images: ``images-00000-of-00025.parquet``, and their regions, descriptions
    and findings in files of the same number.
    """

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = False
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write every table; the number of images."""
        ranges = list(work.spans(FILE_IMAGES))
        for number, (low, high) in enumerate(ranges):
            part = f"-{number:05}-of-{len(ranges):05}" if len(ranges) > 1 else ""
            for table in TABLES:
                work.copy(f"parquet_{table}", f"{table}{part}.parquet", lo=low, hi=high, group_rows=GROUP_ROWS)
            work.tell(high)
        return work.count


WRITER = ParquetWriter()
