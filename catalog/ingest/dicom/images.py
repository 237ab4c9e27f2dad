"""The rows of ``images`` that a header describes: one a frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.ingest.dicom import frames, pixels, tags
from catalog.ingest.dicom.headers import Header
from catalog.lake.keys import KeyedHash, digest
from catalog.records import Image


def describe(header: Header, *, keys: KeyedHash, source: str, uri: str) -> Iterator[Image]:
    """One ``Image`` a frame. ``source`` and ``uri`` hold no identifier.

    Raises:
        InputError: The object has no pixels, or not those that it announces.
    """
    count = pixels.frames(header)
    at = frames.of_header(header, count)
    instance = instance_parts(header)
    content = _content(header)
    number = header.number(tags.INSTANCE_NUMBER)
    shared = _shared(header, keys)
    for index in range(count):
        frame = at(index)
        yield Image(
            image_id=image_id(keys, instance, index),
            source=source,
            file_name=Path(uri).name,
            uri=uri,
            frame=index if count > 1 else None,
            view=frames.view(header, frame.orientation),
            laterality=frame.laterality,
            slice_index=index if count > 1 else number - 1 if number and 0 < number < 1 << 31 else None,
            position=frame.position,
            orientation=frame.orientation,
            pixel_spacing=frame.spacing,
            content_hash=content,
            **shared,
        )


def image_id(keys: KeyedHash, instance: tuple[str, ...], frame: int = 0) -> str:
    """The id of a frame (from 0) of an instance."""
    return keys("image", *instance, frame)


def instance_parts(header: Header) -> tuple[str, ...]:
    """What names an instance: its SOP Instance UID, or without one the digest of the file."""
    uid = header.text(tags.SOP_INSTANCE)
    return (uid,) if uid else ("no SOP Instance UID", _file_digest(header.path))


def patient_key(keys: KeyedHash, patient_id: str | None, issuer: str | None) -> str | None:
    """The key of a patient: of the id, and of who gave it where that is said."""
    if not patient_id:
        return None
    return keys("patient", patient_id, issuer) if issuer else keys("patient", patient_id)


def uid_key(keys: KeyedHash, level: str, uid: str | None) -> str | None:
    """The key of a study, a series or a frame of reference."""
    return keys(level, uid) if uid else None


def _content(header: Header) -> str:
    """The digest of what tells two files of one instance apart: values about the pixels, sizes, the first pixels.

    All of it came with the header: no byte is read for this. Pixels that differ only further on are not told apart.
    """
    first = hashlib.blake2b(header.first_pixels, digest_size=16).digest()
    return digest(header.size, header.pixels and header.pixels.length, first, *map(header.raw, tags.CONTENT))


def _shared(header: Header, keys: KeyedHash) -> dict[str, Any]:
    samples = header.integer(tags.SAMPLES)
    return {
        "width": header.integer(tags.COLUMNS),
        "height": header.integer(tags.ROWS),
        "channels": samples or 1,
        "bit_depth": header.integer(tags.BITS_STORED) or header.integer(tags.BITS_ALLOCATED),
        "modality": header.text(tags.MODALITY),
        "organs": _organs(header),
        "patient_key": patient_key(keys, header.text(tags.PATIENT_ID), header.text(tags.ISSUER_OF_PATIENT_ID)),
        "study_key": uid_key(keys, "study", header.text(tags.STUDY)),
        "series_key": uid_key(keys, "series", header.text(tags.SERIES)),
        "frame_of_reference_key": uid_key(keys, "frame", header.text(tags.FRAME_OF_REFERENCE)),
    }


def _organs(header: Header) -> list[str]:
    """Body Part Examined as given, else the coded anatomic region."""
    part = header.text(tags.BODY_PART)
    if part:
        return [part]
    meanings = [str(item.get("CodeMeaning", "")) for item in header.sequence(tags.ANATOMIC_REGION)]
    return [meaning for meaning in meanings if meaning]


def _file_digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
