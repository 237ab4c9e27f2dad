"""What two makers say of one image: who has said something, and how far they agree. No screen here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from catalog.geometry.agreement import agreement
from catalog.pixels.draw import box_of
from tui.browser.preview.words import attributes, description
from tui.cells import visible

Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Maker:
    """Rows of one maker about an image: its regions, or its texts of one kind."""

    what: str
    """``rois``, or the kind of the texts."""
    generator: str
    model: str | None

    def words(self, image: Mapping[str, Any]) -> str:
        """As a selector shows it."""
        count, what = len(self.rows(image)), "ROIs" if self.what == "rois" else f"{self.what} text"
        model = f" ({self.model})" if self.model else ""
        return visible(f"{what} · {self.generator}{model} · {count}")

    def rows(self, image: Mapping[str, Any]) -> Rows:
        """Its rows."""
        table = "rois" if self.what == "rois" else "descriptions"
        return [row for row in image[table] if _maker(table, row) == self]


def makers(image: Mapping[str, Any]) -> list[Maker]:
    """Everybody who has rows about an image; those of regions first."""
    found = [_maker(table, row) for table in ("rois", "descriptions") for row in image[table]]
    return list(dict.fromkeys(found))


def first_two(known: Sequence[Maker]) -> tuple[Maker | None, Maker | None]:
    """Two to begin with: of one sort where there are two of it, else the first ones."""
    for maker in known:
        same = [other for other in known if other != maker and _sort(other) == _sort(maker)]
        if same:
            return maker, same[0]
    return (known[0] if known else None), (known[-1] if known else None)


def in_words(image: Mapping[str, Any], first: Maker | None, second: Maker | None) -> str:
    """How far two makers agree."""
    if first is None or second is None:
        return "nobody has said anything of this image"
    if first == second:
        return "both sides show the same; choose another maker on one of them"
    if _sort(first) != _sort(second):
        return "regions and texts are not compared with each other"
    rows = first.rows(image), second.rows(image)
    return _of_regions(*rows) if _sort(first) == "rois" else _of_texts(*rows)


def text_of(rows: Rows) -> Text:
    """The texts of a maker."""
    lines: list[Text] = []
    for number, item in enumerate(rows, 1):
        lines += [*description(item, f"{number} of {len(rows)}"), Text()]
    return Text("\n").join(lines)


def partners(image: Mapping[str, Any], maker: Maker, other: Maker | None) -> dict[int, str]:
    """For each region of a maker that the other has too, by its place: which one that is, and how well they fit."""
    if other is None or other == maker or _sort(other) != "rois" or _sort(maker) != "rois":
        return {}
    found = agreement([box_of(row) for row in maker.rows(image)], [box_of(row) for row in other.rows(image)])
    return {match.first: f"= {match.second + 1}, IoU {match.iou:.2f}" for match in found.matches}


def _of_regions(first: Rows, second: Rows) -> str:
    found = agreement([box_of(row) for row in first], [box_of(row) for row in second])
    labels = sum(first[match.first]["label"] == second[match.second]["label"] for match in found.matches)
    mean = f", mean IoU {found.mean_iou:.2f}, {labels} of them with the same label" if found.matches else ""
    alone = f"{len(found.only_first)} only on the left, {len(found.only_second)} only on the right"
    return f"{len(found.matches)} matched (IoU of boxes at least 0.5){mean}; {alone}"


def _of_texts(first: Rows, second: Rows) -> str:
    if [row["text"] for row in first] == [row["text"] for row in second]:
        return "the texts are the same"
    said = [dict(attributes(row)) for row in (first[0], second[0])]
    lengths = [len(str(row["text"] or "").split()) for row in (first[0], second[0])]
    counted = f"{lengths[0]} words on the left, {lengths[1]} on the right"
    if not all(said):
        return f"the texts differ: {counted}"
    differ = [name for name in said[0] if said[0][name] != said[1][name]]
    return f"the texts differ in {', '.join(differ) or 'no attribute'}: {counted}"


def _maker(table: str, row: Mapping[str, Any]) -> Maker:
    return Maker("rois" if table == "rois" else row["kind"], row["generator"] or "unknown", row["model"])


def _sort(maker: Maker) -> str:
    return "rois" if maker.what == "rois" else "text"
