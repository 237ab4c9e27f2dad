"""One export from the slice to the finished folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import cast

import duckdb

from catalog.errors import TriptychError, UsageError, did_you_mean
from catalog.export import gate
from catalog.export.contract import IMAGES, Images, Watch, Writer, writer_of
from catalog.export.folder import MANIFEST, Output, new_folder
from catalog.export.manifest import Manifest, describe
from catalog.export.work import Work
from catalog.lake import guard
from catalog.lake.connection import open_reader
from catalog.lake.cube import Sight
from catalog.lake.layout import Layout
from catalog.slices.query import build
from catalog.slices.selection import Selection

CHECKSUMS = "images.sha256"
_SCRATCH = ".pixels"
"""Where pixels wait that go into data files."""


def export(
    selection: Selection,
    *,
    to: str,
    out: Path,
    images: str = "copy",
    include_restricted: bool = False,
    overwrite: bool = False,
    watch: Watch | None = None,
) -> Manifest:
    """Write a slice as training data.

    All regions of an image go with it, also those that the ROI flags of the slice did not ask for: the image is chosen
    by one of them, and an example that hides the others would be wrong. Images whose pixels cannot be read are left
    out, counted and named in the manifest, and the export goes on.

    Args:
        selection: The slice; every query of the export sees its snapshot.
        to: One of ``FORMATS``.
        out: Folder to make; it appears when everything is written.
        images: copy (PNG and JPEG byte for byte, all else as an 8-bit PNG of the view), link (to PNG and JPEG files;
            all else is copied) or none.
        include_restricted: Also sources whose licence forbids redistribution.
        overwrite: Replace an earlier export in ``out``.
        watch: Called with the images done and their total.

    Raises:
        UsageError: An unknown format or way with images, or ``out`` is in the way.
        TriptychError: The folder cannot be written.
    """
    writer, how = writer_of(to), _images(images)
    if out.expanduser().resolve().is_relative_to(selection.layout.root):
        raise UsageError(f"'{out}' lies inside the lake; name a folder outside '{selection.layout.root}'")
    try:
        with new_folder(out, overwrite=overwrite) as output, _reader(selection, output) as connection:
            work = Work(
                connection=connection,
                output=output,
                images=how,
                include_restricted=include_restricted,
                watch=watch,
            )
            return _write(_gather(work, selection, writer), writer, selection, to)
    except duckdb.Error as error:
        raise guard.explained(error) from error
    except OSError as error:
        if isinstance(error, TriptychError):
            raise
        reason = error.strerror or error
        raise TriptychError(f"cannot write the export '{out}': {reason}; nothing is left of it") from error


def _images(said: str) -> Images:
    if said not in IMAGES:
        near = did_you_mean(said, IMAGES) or "; known are " + ", ".join(IMAGES)
        raise UsageError(f"no way with images '{said}'{near}")
    return cast("Images", said)


def _reader(selection: Selection, output: Output) -> duckdb.DuckDBPyConnection:
    """A connection that may also write into the folder of the export."""
    return open_reader(
        selection.layout, at=selection.snapshot, memory_limit=selection.memory_limit, folders=(output.root,)
    )


def _gather(work: Work, selection: Selection, writer: Writer) -> Work:
    """Choose the images, fetch their pixels, and number what remains."""
    gate.choose(work.connection, build(selection.said, Sight(selection.snapshot, lambda: work.connection)))
    total = gate.sift(work.connection, writer, images=work.images, include_restricted=work.include_restricted)
    if work.images != "none":
        _save_pixels(work, selection.layout, _SCRATCH if writer.embeds else "images", total)
    return replace(work, count=gate.settle(work.connection))


def _save_pixels(work: Work, layout: Layout, folder: str, total: int) -> None:
    from catalog.export.pixels import Job, save_all
    from catalog.pixels.source import PixelSource

    source = PixelSource(layout.keys())
    job = Job(layout, source, work.output.root / folder, work.images == "link")
    try:
        save_all(work.connection, job, total=total, watch=work.watch)
    finally:
        source.close()


def _write(work: Work, writer: Writer, selection: Selection, to: str) -> Manifest:
    count = writer.write(work)
    if work.images != "none" and not writer.embeds:
        with work.output.file(CHECKSUMS) as file:
            work.all_lines(file, "checksums")
    shutil.rmtree(work.output.root / _SCRATCH, ignore_errors=True)
    manifest = describe(work, selection, to=to, count=count)
    (work.output.root / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return manifest
