"""What a generator returned, as fields of rows: what cannot be a row of its layer is the failure of its image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from catalog.errors import InputError
from catalog.geometry import boxes, masks
from catalog.records import RoiKind, RoiOrigin
from generators.contract import Region, Text, Vector
from generators.items import Entry, Failed

Fields = dict[str, Any]
_NO_MASK: Fields = {"mask": None, "mask_area": None, "components": None}
_EDGES = ("x0", "y0", "x1", "y1")
_PARTS = 1024
"""Parts of a pixel that tell two boxes apart, as in sql/stage/roi_ids."""


def check(entry: Entry, layer: str) -> None:
    """Turn the results of an image into the fields of its rows, each row once; or the image has failed."""
    if isinstance(entry.outcome, Failed):
        return
    kind, fields_of, same = _LAYERS[layer]
    try:
        made = (fields_of(_of_kind(result, kind, layer), entry) for result in entry.outcome)
        entry.outcome = _distinct([fields for fields in made if fields is not None], same)
    except InputError as error:
        entry.outcome = Failed(error.kind, str(error))
    except Exception as error:  # numbers and arrays may be of classes of its own
        entry.outcome = Failed("result", f"a {kind.__name__} that the generator returned cannot be one: {error}")


def _distinct(rows: list[Fields], same: Callable[[Fields], Any]) -> list[Fields]:
    """Each row once; embeddings of one thing are not the same row, so there may be only one."""
    distinct = list({same(fields): fields for fields in rows}.values())
    if len(distinct) < len(rows) and "vector" in distinct[0]:
        raise InputError("two embeddings stand for the same thing; give each a unit_id of its own", kind="result")
    return distinct


def _of_kind(result: Any, kind: type, layer: str) -> Any:
    if not isinstance(result, kind):
        name = type(result).__name__
        raise InputError(f"the layer {layer} is made of {kind.__name__}s, not of a {name}", kind="result")
    return result


def _region(region: Region, entry: Entry) -> Fields | None:
    """Nothing for a mask without a pixel."""
    height, width = entry.size or (entry.row.get("height"), entry.row.get("width"))
    fields: Fields = {"label": _text_or_none(region.label, "label"), "kind": region.kind, "origin": region.origin}
    fields |= {"score": _score(region.score), "width": width, "height": height, **_NO_MASK}
    for name, known in (("kind", (None, *get_args(RoiKind))), ("origin", get_args(RoiOrigin))):
        if fields[name] not in known:
            listed = ", ".join(str(word) for word in known if word)
            raise InputError(f"a region's {name} cannot be {fields[name]!r}; it is one of {listed}", kind="result")
    if region.mask is not None:
        return _masked(region.mask, fields)
    box = (float(region.x0), float(region.y0), float(region.x1), float(region.y1))
    return {**fields, **dict(zip(_EDGES, _inside(box, width, height), strict=True))}


def _inside(
    box: tuple[float, float, float, float], width: int | None, height: int | None
) -> tuple[float, float, float, float]:
    """The box, clipped to its image where the size of that is known."""
    if width is None or height is None:
        if not np.isfinite(box).all() or box[2] <= box[0] or box[3] <= box[1]:
            raise InputError(f"the generator returned a box that is empty or not finite: {box}", kind="box")
        return box
    clipped = boxes.clip(box, width=width, height=height)
    if clipped is None:
        wrong = boxes.problem(box, width=width, height=height)
        raise InputError(f"the generator returned a box that cannot be one: {wrong}", kind="box")
    return clipped


def _masked(mask: Any, fields: Fields) -> Fields | None:
    found, (height, width) = np.asarray(mask), (fields["height"], fields["width"])
    if found.dtype.kind not in "bui":
        raise InputError(f"a mask is of booleans, not {found.dtype}; compare it with a threshold", kind="result")
    if (width is not None and found.shape != (height, width)) or found.ndim != 2:
        said = "x".join(map(str, found.shape))
        raise InputError(f"the generator returned a mask of {said} for an image of {height}x{width}", kind="mask-size")
    region = masks.region(found)
    return None if region is None else {**fields, "width": found.shape[1], "height": found.shape[0], **region.fields()}


def _score(score: Any) -> float | None:
    if score is None:
        return None
    number = float(score)
    if not 0 <= number <= 1:
        raise InputError(f"a score is 0 to 1, not {number}", kind="result")
    return number


def _text_or_none(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InputError(f"a {name} is a text, not {value!r}", kind="result")
    return value if value is None else _storable(value)


def _text(text: Text, entry: Entry) -> Fields:
    del entry
    if not isinstance(text.text, str):
        raise InputError(f"a text is one, not {type(text.text).__name__}", kind="result")
    if not text.text.strip():
        raise InputError("the generated text is empty", kind="empty")
    return {"text": _storable(text.text)}


def _storable(text: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(f"a text holds half a character, which cannot be stored: {text!r}", kind="result")
    return text


def _vector(vector: Vector, entry: Entry) -> Fields:
    del entry
    if np.iscomplexobj(vector.values):
        raise InputError("an embedding is of real numbers, not of complex ones", kind="vector")
    with np.errstate(over="ignore"):
        values = np.asarray(vector.values, dtype=np.float32)
    if values.ndim != 1 or values.size == 0:
        raise InputError(f"an embedding is one row of numbers, not of shape {values.shape}", kind="vector")
    if not np.isfinite(values).all():
        raise InputError("the embedding holds NaN or infinite numbers; look at weights and image", kind="nan")
    return {"unit_id": _text_or_none(vector.unit_id, "unit_id"), "vector": values}


def _same_region(fields: Fields) -> tuple[Any, ...]:
    edges = (round(fields[name] * _PARTS) for name in _EDGES)
    return (fields["label"], fields["kind"], fields["origin"], fields["mask"], *edges)


_LAYERS: dict[str, tuple[type, Callable[[Any, Entry], Fields | None], Callable[[Fields], Any]]] = {
    "rois": (Region, _region, _same_region),
    "coarse_caption": (Text, _text, lambda fields: fields["text"]),
    "embeddings": (Vector, _vector, lambda fields: fields["unit_id"]),
}
"""Layer to its results, their fields, and what tells two rows of an image apart."""
