"""Taking images and their annotations in: one reader a kind of input, all yielding the same Arrow batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog.errors import UsageError, did_you_mean
from catalog.ingest.contract import Options, Reader
from catalog.ingest.detect import KINDS, detect
from catalog.ingest.engine import Report, Watch, ingest
from catalog.ingest.finish import total_unknown
from catalog.ingest.said import check
from catalog.lake.layout import Layout
from catalog.vocabulary import license_of

__all__ = ["KINDS", "Report", "Watch", "ingest_paths"]


def ingest_paths(
    layout: Layout, paths: Sequence[Path], options: Options, *, kind: str = "auto", watch: Watch | None = None
) -> Report:
    """Take ``paths`` in with the reader of ``kind``, or with every reader that ``auto`` finds work for.

    Raises:
        UsageError: A path that does not exist, an unknown kind, or nothing to take in.
    """
    if not paths:
        raise UsageError("nothing to take in; name a file or a folder")
    if kind not in ("auto", *KINDS):
        raise UsageError(f"no kind of input '{kind}'{did_you_mean(kind, KINDS) or '; known are ' + ', '.join(KINDS)}")
    check(options.said)
    found, notes = detect(paths) if kind == "auto" else ((kind,), [])
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        raise UsageError(f"no such file or folder: '{gone}'")
    _check_used(options, found)
    absolute = [path.resolve() for path in paths]
    total = Report(notes=[*notes, *_licence_notes(options)])
    for name in found:
        _count_in(total, ingest(layout, _reader(name, absolute, options), options, watch=watch))
    if not total.units and not total.skipped:
        raise UsageError(
            f"no {' or '.join(found)} input under '{paths[0]}'; name another folder, or another kind with --as"
        )
    return total


def _check_used(options: Options, found: Sequence[str]) -> None:
    """Refuse options that no reader of this input looks at.

    Raises:
        UsageError: There is one.
    """
    if options.labels is not None and "nifti" not in found:
        raise UsageError(f"--labels '{options.labels}' is for NIfTI volumes; this input is {' and '.join(found)}")
    if options.columns and "manifest" not in found:
        column, meaning = next(iter(options.columns.items()))
        raise UsageError(f"--map {column}={meaning} is for --as manifest; this input is {' and '.join(found)}")


def _licence_notes(options: Options) -> list[str]:
    """What to say of a licence that is not known."""
    if options.license is None or license_of(options.license).known:
        return []
    return [f"the licence '{options.license}' is not known, so exports keep its text and pixels back"]


def _reader(kind: str, paths: Sequence[Path], options: Options) -> Reader:
    if kind == "dicom":
        from catalog.ingest.dicom import DicomReader

        return DicomReader(paths, options)
    if kind == "nifti":
        from catalog.ingest.nifti import NiftiReader

        return NiftiReader(paths, options)
    if kind == "images":
        from catalog.ingest.images import ImagesReader

        return ImagesReader(paths, options)
    if kind == "coco":
        from catalog.ingest.coco import CocoReader

        return CocoReader(paths, options)
    if kind == "manifest":
        from catalog.ingest.manifest import ManifestReader

        return ManifestReader(paths, options)
    from catalog.ingest.medtrinity import MedTrinityReader

    return MedTrinityReader(paths, options)


def _count_in(total: Report, part: Report) -> None:
    total.published.add(part.published)
    total.rows_read += part.rows_read
    total.units += part.units
    total.skipped += part.skipped
    total.notes += part.notes
    total_unknown(part.unknown, total.unknown)
