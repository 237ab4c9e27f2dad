"""The fields a manifest can fill, and which column fills which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from catalog.errors import UsageError, did_you_mean

FieldType = Literal["text", "whole", "number", "flag", "words", "numbers"]

IMAGE: Mapping[str, FieldType] = {
    "image_id": "text",
    "file_name": "text",
    "uri": "text",
    "source": "text",
    "subset": "text",
    "modality": "text",
    "region": "text",
    "organs": "words",
    "diseases": "words",
    "view": "text",
    "laterality": "text",
    "license": "text",
    "sha256": "text",
    "width": "whole",
    "height": "whole",
    "channels": "whole",
    "bit_depth": "whole",
    "frame": "whole",
    "slice_index": "whole",
    "axis": "whole",
    "box_burned_in": "flag",
    "position": "numbers",
    "orientation": "numbers",
    "pixel_spacing": "numbers",
}
IDENTIFIERS = ("patient", "study", "series", "frame_of_reference")
"""Hashed with the lake's secret; they become patient_key and so on."""
CORNERS = ("x0", "y0", "x1", "y1")
SIZED = ("x", "y", "w", "h")
ROI: Mapping[str, FieldType] = {
    **dict.fromkeys(CORNERS + SIZED, "number"),
    "label": "text",
    "kind": "text",
    "origin": "text",
    "score": "number",
    "mask": "text",
}
FIELDS: Mapping[str, FieldType] = {**IMAGE, **dict.fromkeys(IDENTIFIERS, "text"), **ROI, "caption": "text"}
ALIASES: Mapping[str, str] = {
    "organ": "organs",
    "disease": "diseases",
    "text": "caption",
    **{f"{name}_key": name for name in IDENTIFIERS},
}
_KNOWN = (*FIELDS, *ALIASES)


def check_fields(mapping: Mapping[str, str]) -> None:
    """Whether every right-hand side of ``--map`` is a field, and no field is given twice.

    Raises:
        UsageError: It is not; the message names the nearest fields.
    """
    taken: dict[str, str] = {}
    for column, field in mapping.items():
        name = ALIASES.get(field, field)
        if name not in FIELDS:
            hint = did_you_mean(field, _KNOWN) or f"; the fields are {', '.join(FIELDS)}"
            raise UsageError(f"no field '{field}' to map the column '{column}' to{hint}")
        if name in taken:
            raise UsageError(f"the columns '{taken[name]}' and '{column}' both map to '{name}'; leave one out")
        taken[name] = column


def resolve(columns: Iterable[str], mapping: Mapping[str, str], *, table: str) -> dict[str, str]:
    """Field -> column of one table: as mapped, then columns that bear a field's own name.

    Raises:
        UsageError: A mapped column is not there, or a region is mapped without a box or mask.
    """
    there = list(columns)
    for column in mapping:
        if column not in there:
            hint = did_you_mean(column, there) or f"; it has {', '.join(there[:40])}"
            raise UsageError(f"no column '{column}' in '{table}'{hint}")
    chosen = {ALIASES.get(field, field): column for column, field in mapping.items()}
    own = [column for column in there if column not in mapping and ALIASES.get(column, column) in FIELDS]
    for column in sorted(own, key=lambda name: name in ALIASES):
        chosen.setdefault(ALIASES.get(column, column), column)
    return _with_whole_boxes(chosen, mapping, table)


def _with_whole_boxes(chosen: dict[str, str], mapping: Mapping[str, str], table: str) -> dict[str, str]:
    """Region fields mean something only beside a box or a mask; a label alone stays an ordinary column."""
    for edges in (CORNERS, SIZED):
        if not chosen.keys() >= set(edges):
            _refuse_part(chosen, edges, mapping, table)
    if chosen.keys() & {*CORNERS, *SIZED, "mask"}:
        return chosen
    asked = [column for column, field in mapping.items() if field in ROI]
    if asked:
        raise UsageError(
            f"'{asked[0]}={mapping[asked[0]]}' needs a region in '{table}'; "
            "map x0, y0, x1, y1, or x, y, w, h, or mask too"
        )
    return {field: column for field, column in chosen.items() if field not in ROI}


def _refuse_part(chosen: dict[str, str], edges: tuple[str, ...], mapping: Mapping[str, str], table: str) -> None:
    """A box of some edges is a slip when it was mapped, and no box when its columns are only called x and y."""
    given = [edge for edge in edges if edge in chosen]
    if any(chosen[edge] in mapping for edge in given):
        lacking = ", ".join(edge for edge in edges if edge not in chosen)
        raise UsageError(f"the box in '{table}' lacks {lacking}; map a column to each of {', '.join(edges)}")
    for edge in given:
        del chosen[edge]
