"""One image in words."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import Any

from tui.cells import plain, text, visible
from tui.session import counted

_CHILDREN = ("rois", "descriptions", "findings")
_LABEL = 22


def portrait(image: Mapping[str, Any]) -> str:
    """The fields that are known, then a line a ROI, then the texts."""
    lines = [f"{name:<{_LABEL}}  {value}" for name, value in known_fields(image).items()]
    lines += _section("ROIs", [_roi(roi) for roi in image["rois"]])
    lines += _section("descriptions", [line for item in image["descriptions"] for line in _description(item)])
    lines += _section("findings", [finding_words(item) for item in image["findings"]])
    return "\n".join(lines)


def known_fields(image: Mapping[str, Any]) -> dict[str, str]:
    """The columns of an image that have a value, each as one line."""
    fields = {name: value for name, value in image.items() if name not in _CHILDREN and value not in (None, [])}
    return {name: _field(value) for name, value in fields.items()}


def place_words(roi: Mapping[str, Any]) -> tuple[str, str]:
    """How much of its image a region covers, and where."""
    area = f"{100 * roi['area_ratio']:.2f}%" if roi["area_ratio"] is not None else ""
    return area, f"{roi['zone_v']} {roi['zone_h']}" if roi["zone_v"] else ""


def finding_words(item: Mapping[str, Any]) -> str:
    """A finding as one line."""
    said = [item["concept"], item["concept_id"], item["status"], item["laterality"], item["origin"]]
    said += [f"{item['score']:g}"] if item["score"] is not None else []
    return " · ".join(visible(str(part)) for part in said if part)


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else ["", f"{title}: none"]


def _roi(roi: Mapping[str, Any]) -> str:
    share, zone = place_words(roi)
    area, zone = f"{share} of the image" if share else "area unknown", zone or "zone unknown"
    box = "x {x0:g}–{x1:g}, y {y0:g}–{y1:g}".format(**roi)
    said = [roi["label"] or "unlabelled", roi["kind"], area, zone, box, roi["origin"]]
    said += [f"{roi['components']} parts"] if (roi["components"] or 0) > 1 else []
    said += [f"score {roi['score']:g}"] if roi["score"] is not None else []
    return " · ".join(visible(str(part)) for part in said if part)


def _description(item: Mapping[str, Any]) -> list[str]:
    about = f", about {counted(len(item['roi_ids']), 'ROI')}" if item["roi_ids"] else ""
    gate = f", gate {item['gate']}" if item["gate"] else ""
    width = min(get_terminal_size().columns, 100) - 4
    paragraphs = [visible(line) for line in str(item["text"] or "").splitlines()]
    wrapped = [f"  {line}" for paragraph in paragraphs for line in textwrap.wrap(paragraph, width) or [""]]
    return [f"{item['kind']} ({item['generator'] or 'unknown'}{about}{gate})", *wrapped]


def _field(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return visible(", ".join(value))
    shown = plain(value)
    return visible(json.dumps(shown) if isinstance(shown, list) else text(shown))
