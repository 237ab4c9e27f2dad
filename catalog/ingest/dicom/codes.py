"""Coded concepts of DICOM objects."""

from __future__ import annotations

from typing import Any, NamedTuple

from catalog.ingest.roi_kinds import kind_of as by_label
from catalog.records import RoiKind


class Code(NamedTuple):
    """A code, who gave it, and what it means in words."""

    value: str
    scheme: str
    meaning: str

    @property
    def id(self) -> str:
        """SCHEME:VALUE."""
        return f"{self.scheme}:{self.value}"

    def is_one_of(self, ids: frozenset[str]) -> bool:
        """Whether the code is among SCHEME:VALUE ids."""
        return self.id in ids


def code(items: Any) -> Code | None:
    """The first code of a code sequence, or None."""
    if not items:
        return None
    item = items[0]
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue")
    meaning = str(item.get("CodeMeaning") or "").strip()
    return Code(str(value), str(item.get("CodingSchemeDesignator") or ""), meaning) if value and meaning else None


_LESION = frozenset({"SCT:49755003", "SRT:M-01000", "SCT:404684003", "SRT:F-03D05", "SCT:64572001", "SRT:DF-00000"})
_ORGAN = frozenset({"SCT:123037004", "SRT:T-D000A", "SCT:85756007", "SRT:T-D0050", "SCT:91723000"})
_DEVICE = frozenset({"SCT:260787004", "SRT:A-00004"})
_CELL = frozenset({"SCT:4421005", "SRT:T-D0017", "SCT:84640000", "SRT:T-D0018", "SCT:362837007"})


def kind_of(category: Code | None, kind: Code | None) -> RoiKind:
    """What a region is, by the category and type of the property it shows (DICOM CID 7150, 7151), else by its words."""
    if kind is not None and kind.is_one_of(_CELL):
        return "cell"
    if category is None:
        return by_label(kind.meaning if kind else None)
    if category.is_one_of(_LESION):
        return "lesion"
    if category.is_one_of(_ORGAN):
        return "organ"
    if category.is_one_of(_DEVICE):
        return "device"
    return by_label(kind.meaning if kind else category.meaning)
