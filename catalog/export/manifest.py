"""``manifest.json``: what an export holds, where it came from, and what was left out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from catalog.export.contract import Images
from catalog.export.folder import DataFile
from catalog.export.work import Work

if TYPE_CHECKING:
    from catalog.slices.selection import Selection

ALL_ROIS = "regions: all of an exported image's regions, also those that the ROI flags of the slice did not ask for"
_UNREAD = ("pixels ", "no pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export holds. Written last, so a folder that has one is whole."""

    format: str
    count: int
    """Examples: lines of llava and sharegpt, rows of hf, images of coco, parquet and jsonl."""
    images: int
    """Images exported."""
    pixels: Images
    """copy, link or none."""
    slice: dict[str, Any]
    """The filter as given."""
    sql: str
    """The query of the slice."""
    values: dict[str, Any]
    """The values bound in it."""
    snapshot: int
    seed: int
    split: str | None
    sources: list[dict[str, Any]]
    """source, license and count of images."""
    excluded: list[dict[str, Any]]
    """What was left out: reason, source, license, count, up to five ids, and one message."""
    generators: list[dict[str, Any]]
    """generator, model and fingerprint of the regions and descriptions, with layer and count."""
    files: list[DataFile]
    """Relative path, bytes and SHA-256. Image files have theirs in images.sha256."""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    triptych_version: str

    @property
    def unread(self) -> int:
        """Images left out because their pixels are unknown, gone or damaged."""
        return sum(entry["count"] for entry in self.excluded if entry["reason"].startswith(_UNREAD))

    def to_json(self) -> str:
        """The text of manifest.json."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, default=str) + "\n"


def describe(work: Work, selection: Selection, *, to: str, count: int) -> Manifest:
    """The manifest of an export whose data files are written."""
    sources = _rows(work, "sources")
    return Manifest(
        format=to,
        count=count,
        images=work.count,
        pixels=work.images,
        slice=selection.said.given(),
        sql=selection.query.images,
        values=selection.query.bound(selection.query.images),
        snapshot=selection.snapshot,
        seed=selection.said.seed,
        split=None,
        sources=sources,
        excluded=_excluded(work, to=to),
        generators=_rows(work, "generators"),
        files=sorted(work.output.files, key=lambda file: file.path),
        warnings=[_unlicensed(entry) for entry in sources if entry["license"] is None],
        notes=_notes(work, selection),
        triptych_version=version("triptych"),
    )


def _excluded(work: Work, *, to: str) -> list[dict[str, Any]]:
    captions = to == "coco" and work.images == "none" and not work.include_restricted
    return [*_rows(work, "excluded"), *(_rows(work, "captions_restricted") if captions else [])]


def _notes(work: Work, selection: Selection) -> list[str]:
    notes = [ALL_ROIS] if selection.query.rois != "true" else []
    if work.images == "link":
        notes.append("images: PNG and JPEG files are links to the originals; all others are rendered or copied")
    return notes


def _unlicensed(entry: dict[str, Any]) -> str:
    return (
        f"no licence is known for the source {entry['source']!r} ({entry['count']} images); "
        "ask its publisher before passing this export on"
    )


def _rows(work: Work, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = work.execute(name).to_arrow_table().to_pylist()
    return rows
