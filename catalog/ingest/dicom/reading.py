"""Reading the files of one unit: what each yields, what it fails with, and who must not be named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import InputError
from catalog.ingest.contract import Lookup, Options
from catalog.ingest.dicom import deidentify, headers, images, overlay, privacy, tags, uids
from catalog.ingest.dicom.annotations import read as read_annotation
from catalog.ingest.dicom.headers import Header
from catalog.ingest.dicom.listing import File, Problem
from catalog.ingest.dicom.quiet import unreadable
from catalog.ingest.dicom.targets import Targets
from catalog.records import Failure, Image, Record

if TYPE_CHECKING:
    import pyarrow as pa


class Reading:
    """One unit being read. Failures come last: the identifiers of every file of the unit are hidden in their paths."""

    def __init__(self, options: Options, lookup: Lookup) -> None:
        self._options = options
        self._targets = Targets(lookup, options.keys)
        self._problems: list[Problem] = []
        self._identifiers: set[str] = set()
        self._blobs: dict[str, tuple[str, bytes]] = {}

    def records(self, entries: Sequence[File | Problem]) -> Iterator[Record]:
        """What the files hold, then what is wrong with them."""
        for entry in entries:
            if isinstance(entry, Problem):
                self._problems.append(entry)
                continue
            try:
                yield from self._file(entry)
            except InputError as error:
                self._problems.append(Problem(entry.path, error.kind, str(error)))
            except unreadable() as error:  # a value that pydicom decodes only when asked for it
                message = f"a value of the header cannot be decoded ({type(error).__name__}); the file is damaged"
                self._problems.append(Problem(entry.path, "unreadable", message))
        yield from map(self._failure, self._problems)

    def blobs(self) -> pa.Table | None:
        """The copied files, by the SHA-256 of their bytes; None without ``copy``."""
        import pyarrow as pa

        if not self._options.copy:
            return None
        schema = pa.schema([("sha256", pa.string()), ("name", pa.string()), ("data", pa.large_binary())])
        rows = [{"sha256": sha256, "name": name, "data": data} for sha256, (name, data) in self._blobs.items()]
        return pa.Table.from_pylist(rows, schema=schema)

    def _file(self, file: File) -> Iterator[Record]:
        header = headers.read(file.path)
        identifiers = header.identifiers()
        self._identifiers.update(identifiers)
        if uids.is_annotation(header.text(tags.SOP_CLASS) or ""):
            for found in read_annotation(header, identifiers, self._targets):
                if isinstance(found, Problem):
                    self._problems.append(found)
                else:
                    yield found
        else:
            yield from self._images(file, header, identifiers)

    def _images(self, file: File, header: Header, identifiers: tuple[str, ...]) -> Iterator[Record]:
        keys = self._options.keys
        uri = privacy.hide(keys, file.path, identifiers)
        source = self._options.source or _part(uri, file.root)
        found = list(images.describe(header, keys=keys, source=source, uri=uri))
        if self._options.copy:
            self._copy(header, found)
        yield from found
        for group in overlay.groups(header):
            try:
                yield from overlay.regions(header, group, found)
            except InputError as error:
                problem = Problem(file.path, error.kind, str(error), f"overlay {group:04X}", found[0].image_id)
                self._problems.append(problem)

    def _copy(self, header: Header, found: Sequence[Image]) -> None:
        data = deidentify.strip(header.path, keys=self._options.keys)
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs[sha256] = (found[0].file_name or "", data)
        for image in found:
            image.sha256, image.uri = sha256, f"lance:{sha256}"

    def _failure(self, problem: Problem) -> Failure:
        words = (*problem.identifiers, *self._identifiers)
        return Failure(
            input=privacy.hide(self._options.keys, problem.path, words),
            item=problem.item and privacy.hide(self._options.keys, problem.item, words),
            error=problem.error,
            message=problem.message,
            image_id=problem.image_id,
        )


def _part(uri: str, root: str) -> str:
    """The name of the folder ``root`` as it is spelled in ``uri``, which lies in it."""
    last = len(Path(root).parts) - 1
    return Path(uri).parts[last] if last > 0 else "dicom"
