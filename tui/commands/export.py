"""``triptych export``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tui.ambient import Ambient
from tui.progress import of_images
from tui.session import counted
from tui.slice_flags import NOTHING, Slice

Target = Literal["llava", "sharegpt", "hf", "coco", "parquet", "jsonl"]


def export(
    said: Slice = NOTHING,
    *,
    to: Target,
    out: Path,
    images: Literal["copy", "link", "none"] = "copy",
    include_restricted: bool = False,
    overwrite: bool = False,
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
    """
    with session.lake() as lake, of_images(session) as watch:
        manifest = lake.slice(**said.said()).export(
            to, out, images=images, include_restricted=include_restricted, overwrite=overwrite, watch=watch
        )
    session.say(f"wrote {counted(manifest.images, 'image')} to {out}; manifest.json says what is in it")
    for entry in manifest.excluded:
        session.say(f"left out {entry['count']:,}: {entry['reason']} ({entry['source']}): {entry['message']}")
    for text in (*manifest.warnings, *manifest.notes):
        session.say(text)
    return 1 if manifest.unread else 0
