"""``triptych export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.progress import of_images
from tui.session import Session, counted
from tui.slice_flags import NOTHING, Slice

if TYPE_CHECKING:
    from catalog.export import Manifest

Target = Literal["llava", "sharegpt", "hf", "coco", "parquet", "jsonl"]


def export(
    said: Slice = NOTHING,
    *,
    to: Target,
    out: Path,
    images: Literal["copy", "link", "none"] = "copy",
    include_restricted: bool = False,
    overwrite: bool = False,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Write a slice as training data, with a manifest.json that says what is in it.

    Exits with 1 when pixels that belong to it could not be read; the rest is written then.

    Example: triptych export --modality CT --to llava --out train/

    Parameters
    ----------
    to
        The format.
    out
        Folder to make.
    images
        Copy the pixels, link to the files, or none.
    include_restricted
        Also sources whose licence forbids redistribution.
    overwrite
        Replace an earlier export in that folder.
    as_json
        Print what was written and left out as one JSON object; manifest.json says more.
    """
    with session.lake() as lake, of_images(session) as watch:
        manifest = lake.slice(**said.said()).export(
            to, out, images=images, include_restricted=include_restricted, overwrite=overwrite, watch=watch
        )
    session.say(f"wrote {counted(manifest.images, 'image')} to {out}; manifest.json says what is in it")
    _tell(manifest, session)
    if as_json:
        output.document(summary(manifest, out))
    return 1 if manifest.unread else 0


def summary(manifest: Manifest, out: Path) -> dict[str, Any]:
    """What one export did, as JSON has it."""
    counts = {"format": manifest.format, "count": manifest.count, "images": manifest.images, "unread": manifest.unread}
    excluded = [{name: entry[name] for name in ("reason", "source", "count")} for entry in manifest.excluded]
    return {**counts, "excluded": excluded, "warnings": manifest.warnings, "notes": manifest.notes, "out": str(out)}


def _tell(manifest: Manifest, session: Session) -> None:
    for entry in manifest.excluded:
        session.say(f"left out {entry['count']:,}: {entry['reason']} ({entry['source']}): {entry['message']}")
    for text in (*manifest.warnings, *manifest.notes):
        session.say(text)
