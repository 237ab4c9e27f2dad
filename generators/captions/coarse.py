"""The coarse caption: one sentence of what the catalog knows of an image.

It is the first step of MedTrinity's pipeline (arXiv 2408.02900, 3.1): what a source says of its images, put into words
that a language model can be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.errors import InputError
from generators.contract import Generator, Item, Text

_SPELLED, _SPOKEN = "AEFHILMNORSX", "AEIOU"
"""First letters of what "an" stands before: of a name that is spelled, and of a word."""
_SHORT = 4
"""Letters up to which a view is an abbreviation, such as AP or RMLO."""
_SIDES = {"L": "left", "R": "right", "B": "both sides"}


@dataclass
class CoarseCaption(Generator):
    """One sentence from modality, organs, diseases, view and side; a field that is unknown is left out."""

    name = "coarse-caption"
    layer = "coarse_caption"
    version = 2
    reads = "metadata"
    columns = ("modality", "region", "organs", "diseases", "view", "laterality")
    batch_size = 1024

    def prepare(self, item: Item) -> str:
        """The sentence.

        Raises:
            InputError: Nothing is known of the image.
        """
        row = item.row
        shown = row["organs"] or ([row["region"]] if row["region"] not in (None, "other") else [])
        if not (row["modality"] or shown or row["diseases"]):
            raise InputError(
                "neither modality nor organ nor disease is known; ingest it with --set modality=...", kind="unknown"
            )
        parts = [_what(row["modality"]), _of(shown, row["laterality"]), _seen_from(row["view"]), _with(row["diseases"])]
        return "".join(parts) + "."

    def generate(self, batch: Sequence[Any]) -> list[list[Text]]:
        """The sentences, as they are."""
        return [[Text(sentence)] for sentence in batch]


def _what(modality: str | None) -> str:
    if modality is None or modality == "Other":
        return "A medical image"
    first = modality[0].upper()
    spelled = modality.split("-")[0].isupper()  # as MRI and X-Ray, letter by letter
    return f"{'An' if first in (_SPELLED if spelled else _SPOKEN) else 'A'} {modality} image"


def _of(shown: Sequence[str], side: str | None) -> str:
    if not shown:
        return ""
    where = f" ({_SIDES[side]})" if side in _SIDES else ""
    return f" of the {_listed(shown)}{where}"


def _seen_from(view: str | None) -> str:
    return f" in {view.lower() if len(view) > _SHORT else view} view" if view else ""


def _with(diseases: Sequence[str]) -> str:
    return f" showing {_listed(diseases)}" if diseases else ""


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
