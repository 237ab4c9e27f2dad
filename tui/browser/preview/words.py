"""An image in words, as Rich texts: its regions, what is said of it, and what else is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from tui.cells import visible
from tui.portrait import finding_words, known_fields, place_words

ATTRIBUTES = {
    "modality": "modality_text",
    "structure": "structure_text",
    "ROI": "roi_text",
    "texture": "texture_text",
    "relation": "relation_text",
}
_HEAD, _NAME = "bold", "italic"
_FIRST = (
    "image_id", "file_name", "source", "license", "modality", "region", "organs", "diseases", "view", "width", "height",
    "bit_depth", "frame", "slice_index", "axis", "uri",
)  # fmt: skip
_LEFT_OUT = ("image_key", "profile", "organ", "disease")
_LABEL = 14


def roi_line(place: int, roi: Mapping[str, Any], *, chosen: bool, note: str | None = None) -> Text:
    """One region: the number and the colour that it has in the picture, a note, and what is known of it."""
    from catalog.pixels.overlay import colour_of

    area, zone = place_words(roi)
    said = [note, roi["label"] or "unlabelled", area or "area unknown", zone or "zone unknown", roi["origin"]]
    said += [f"score {roi['score']:g}"] if roi["score"] is not None else []
    colour = "rgb({},{},{})".format(*colour_of(place))
    line = Text("▸ " if chosen else "  ", style=_HEAD if chosen else "")
    line.append(f" {place + 1} ", style=f"black on {colour}")
    return line.append(" " + " · ".join(visible(str(part)) for part in said if part))


def sections(image: Mapping[str, Any]) -> Text:
    """What is said of an image, and what else is known."""
    lines: list[Text] = []
    for number, item in enumerate(image["descriptions"], 1):
        lines += [*description(item, f"description {number} of {len(image['descriptions'])}"), Text()]
    if not image["descriptions"]:
        lines += [Text("no description"), Text()]
    if image["findings"]:
        lines += [Text("findings", style=_HEAD), *(Text(f"  {finding_words(item)}") for item in image["findings"])]
        lines += [Text()]
    lines += _fields(image)
    return Text("\n").join(lines)


def description(item: Mapping[str, Any], title: str) -> list[Text]:
    """One text with its five attributes, who wrote it, and what the gate says."""
    lines = [Text.assemble((title, _HEAD), f" · {visible(str(item['kind']))}"), Text(f"by {provenance(item)}")]
    if item["gate"]:
        reasons = "; ".join(visible(str(reason)) for reason in item["gate_reasons"] or ())
        lines.append(Text(f"gate: {visible(item['gate'])}{f', {reasons}' if reasons else ''}"))
    lines += [Text(line) for line in _paragraphs(item["text"])]
    return [*lines, *(Text.assemble((f"{name}: ", _NAME), said) for name, said in attributes(item))]


def attributes(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The five attributes of a text by their names; nothing for a text that was not taken apart."""
    if not any(item[column] for column in ATTRIBUTES.values()):
        return []
    return [(name, " ".join(_paragraphs(item[column])) or "not said") for name, column in ATTRIBUTES.items()]


def provenance(row: Mapping[str, Any]) -> str:
    """Who made a row, with what, and when."""
    created = row["created_at"]
    said = [row["generator"] or "unknown", row["model"], f"{created:%Y-%m-%d %H:%M}" if created else None]
    said += [f"run {row['run_id']}" if row["run_id"] else None, row["status"] if row["status"] != "fresh" else None]
    return " · ".join(visible(str(part)) for part in said if part)


def _fields(image: Mapping[str, Any]) -> Iterator[Text]:
    known = known_fields(image)
    names: Sequence[str] = [name for name in _FIRST if name in known]
    names = [*names, *(name for name in known if name not in names and name not in _LEFT_OUT)]
    yield Text("image", style=_HEAD)
    for name in names:
        yield Text.assemble((f"{name:<{_LABEL}} ", _NAME), known[name])


def _paragraphs(text: str | None) -> list[str]:
    return [visible(line) for line in (text or "").splitlines()]
