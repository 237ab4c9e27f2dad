"""Objects that annotate images of other files: which reader each goes to, and what all have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.errors import InputError
from catalog.ingest.dicom import privacy, tags, uids
from catalog.ingest.dicom.headers import Header
from catalog.ingest.dicom.listing import Problem
from catalog.ingest.dicom.quiet import unreadable
from catalog.ingest.dicom.targets import MISSING, Targets
from catalog.records import Record


@dataclass(frozen=True, slots=True)
class Annotation:
    """A parsed annotation object."""

    header: Header
    dataset: Any
    identifiers: tuple[str, ...]
    targets: Targets

    def label(self, text: object, *fallbacks: str | None) -> str | None:
        """A label as given, unless it names the patient; else the first of ``fallbacks`` that says something."""
        given = str(text).strip() if text is not None else ""
        wanted = [given if not privacy.mentions(given, self.identifiers) else "", *fallbacks]
        return next((label for label in wanted if label), None)

    def problem(self, error: str, message: str, item: str, image_id: str | None = None) -> Problem:
        """A part of the object that cannot be read."""
        return Problem(self.header.path, error, message, item, image_id)


class Losses:
    """Parts of annotations that could not be placed, counted: one problem for each item and reason, not one a slice."""

    def __init__(self, annotation: Annotation, what: str) -> None:
        self._annotation = annotation
        self._what = what
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._images: dict[tuple[str, str, str], str | None] = {}

    def add(self, item: str, error: str, message: str, image_id: str | None = None) -> None:
        """Count one loss; of many with the same message the first image is kept."""
        self._counts[item, error, message] += 1
        self._images.setdefault((item, error, message), image_id)

    def missing(self, item: str) -> None:
        """Count one whose image is not in the lake."""
        self.add(item, MISSING, "are of images that are not in the lake; ingest those images first, then run again")

    def problems(self) -> Iterator[Problem]:
        """One problem an item and reason."""
        for (item, error, message), count in self._counts.items():
            text = f"{count} {self._what} {message}"
            yield self._annotation.problem(error, text, item, self._images[item, error, message])


def read(header: Header, identifiers: tuple[str, ...], targets: Targets) -> Iterator[Record | Problem]:
    """The regions and findings of a SEG, RTSTRUCT or SR.

    Raises:
        InputError: The object cannot be parsed; what was yielded before stands.
    """
    from pydicom import dcmread

    from catalog.ingest.dicom import rtstruct, seg, sr

    if header.pixels is None and not header.whole:
        raise InputError("the file ends inside its header; fetch it again", kind="truncated")
    sop_class = header.text(tags.SOP_CLASS) or ""
    reader = seg.read if sop_class in uids.SEGMENTATIONS else rtstruct.read if sop_class == uids.RTSTRUCT else sr.read
    try:
        dataset = dcmread(header.path, force=True)
        yield from reader(Annotation(header, dataset, identifiers, targets))
    except InputError:
        raise
    except unreadable() as error:
        what = f"the annotation cannot be parsed ({type(error).__name__}); the file is damaged: export it again"
        raise InputError(what) from None
