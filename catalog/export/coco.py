"""COCO: ``instances.json`` and, where there are descriptions, ``captions.json``.

Boxes are ``[x, y, width, height]``, masks compressed RLE; a region without mask has an empty segmentation, as it has no
outline. Images and categories are numbered from 1, by row key and by label; our ids stay beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from catalog import sqlfiles
from catalog.export.work import Work

if TYPE_CHECKING:
    from catalog.export.folder import HashedFile


class CocoWriter:
    """An export without pixels lists every image, and keeps back only the captions that may not be redistributed."""

    text: ClassVar[bool] = False
    needs_text: ClassVar[bool] = False
    needs_size: ClassVar[bool] = True
    embeds: ClassVar[bool] = False

    def write(self, work: Work) -> int:
        """Write ``instances.json`` and ``captions.json``; the number of images."""
        work.connection.execute(sqlfiles.statement("export/categories"))
        with work.output.file("instances.json") as file:
            images = _head(work, file)
            file.write(b'\n],\n"annotations": [\n')
            work.lines(file, "coco_annotations")
            file.write(b'\n],\n"categories": [\n')
            work.all_lines(file, "coco_categories")
            file.write(b"\n]\n}\n")
        if _has_text(work):
            with work.output.file("captions.json") as file:
                _head(work, file)
                file.write(b'\n],\n"annotations": [\n')
                work.lines(file, "coco_captions", restricted=work.include_restricted)
                file.write(b"\n]\n}\n")
        return images


def _head(work: Work, file: HashedFile) -> int:
    """Everything up to and with the images, whose number is returned."""
    file.write(b'{\n"info": {"description": "Exported by Triptych"},\n"licenses": [\n')
    work.all_lines(file, "coco_licenses")
    file.write(b'\n],\n"images": [\n')
    return work.lines(file, "coco_images")


def _has_text(work: Work) -> bool:
    return work.execute("coco_has_text", {"restricted": work.include_restricted}).fetchone() is not None


WRITER = CocoWriter()
