"""One entry of a COCO file's images becomes an image, with what its file says where it is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import InputError
from catalog.ingest.bulk import damage
from catalog.ingest.coco.finding import check_name
from catalog.ingest.coco.text import clean, key_of
from catalog.lake.keys import digest
from catalog.records import Failure, Image


@dataclass(frozen=True, slots=True)
class Collection:
    """What the images of one COCO file share."""

    path: str
    """The COCO file, as failures name it."""
    source: str
    subset: str | None
    licenses: Mapping[str, str]


@dataclass(slots=True)
class Taken:
    """An image, and whether its regions can be taken: not where file and JSON differ in size."""

    image: Image | None
    failures: list[Failure]
    framed: bool = True


def take(said: Any, file: Path | None, collection: Collection) -> Taken:
    """Read one entry.

    Args:
        said: The entry as parsed.
        file: Where its file was found, or None.
        collection: What it shares with the others.
    """
    try:
        image = _told(said, collection)
    except InputError as error:
        return Taken(None, [_failure(collection, f"image {said.get('id')}", error, None)])
    taken = Taken(image, [])
    try:
        _look(image, file)
    except InputError as error:
        taken.failures.append(_failure(collection, str(said["file_name"]), error, image.image_id))
        return taken
    difference = _difference(said, image)
    if difference is not None:
        taken.framed = False
        taken.failures.append(_failure(collection, str(said["file_name"]), difference, image.image_id))
    return taken


def _told(said: Mapping[str, Any], collection: Collection) -> Image:
    """What the JSON says of an image."""
    name = clean(check_name(said.get("file_name")))
    width, height = _extent(said, "width"), _extent(said, "height")
    return Image(
        image_id=digest("coco", collection.source, name),
        source=collection.source,
        source_raw=collection.source,
        file_name=name.replace("\\", "/").rpartition("/")[2],
        subset=collection.subset,
        width=width,
        height=height,
        modality=_word(said, "modality"),
        organs=[word for word in [_word(said, "organ")] if word],
        diseases=[word for word in [_word(said, "disease")] if word],
        content_hash=digest("coco", name, collection.subset, width, height),
        extra=_extra(said, collection.licenses),
    )


def _look(image: Image, file: Path | None) -> None:
    """Fill in what the file says; its size replaces that of the JSON.

    Raises:
        InputError: There is none ("missing"), or it cannot be read.
    """
    from catalog.pixels.raster import probe

    if file is None:
        raise InputError("its file was not found; give the folder it lies in as another path", kind="missing")
    damage.check(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"its file cannot be read: {error.strerror}; mend its rights") from error
    info = probe(data)
    image.uri, image.sha256 = str(file), hashlib.sha256(data).hexdigest()
    image.frame = 0 if info.frames > 1 else None
    image.width, image.height = info.width, info.height
    image.channels, image.bit_depth = info.channels, info.bit_depth


def _difference(said: Mapping[str, Any], image: Image) -> InputError | None:
    told = (_extent(said, "width") or image.width, _extent(said, "height") or image.height)
    if told == (image.width, image.height):
        return None
    return InputError(
        f"the JSON says {told[0]}x{told[1]}, its file (upright) is {image.width}x{image.height}; "
        "its regions are left out; mend width and height, or give the file the annotations were made on",
        kind="size",
    )


def _extent(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def _extra(said: Mapping[str, Any], licenses: Mapping[str, str]) -> str | None:
    told = {"license": licenses.get(key_of(said.get("license")) or ""), "coco_url": _word(said, "coco_url")}
    kept = {name: value for name, value in told.items() if value}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _word(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    return clean(value) if isinstance(value, str) and value else None


def _failure(collection: Collection, item: str, error: InputError, image_id: str | None) -> Failure:
    item = clean(item)
    message = f"'{item}' in '{collection.path}': {clean(str(error))}"
    return Failure(input=collection.path, item=item, error=error.kind, message=message, image_id=image_id)
