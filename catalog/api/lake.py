"""A lake that users hold."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from catalog.api.memory import checked
from catalog.api.slice import Slice
from catalog.errors import UsageError, did_you_mean
from catalog.lake import guard
from catalog.lake.connection import DEFAULT_MEMORY
from catalog.lake.layout import Layout
from catalog.lake.lifecycle import create, find
from catalog.lake.readers import Readers
from catalog.lake.snapshots import newest_snapshot, snapshots
from catalog.slices.filter import make

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    import duckdb
    import pyarrow as pa

    from catalog.ingest import Report, Watch
    from catalog.lake.upkeep import Compaction
    from catalog.lake.upkeep import Watch as WatchFiles
    from catalog.marks.marks import Marks
    from catalog.pixels.source import PixelSource


def init(path: str | Path, *, metadata: str = "sqlite") -> Lake:
    """Make an empty lake and open it for writing.

    Raises:
        UsageError: The folder is not empty, or the kind of metadata is unknown.
        LakeError: The folder cannot be written.
    """
    return Lake(create(path, metadata=metadata), write=True)


def open_lake(path: str | Path = "lake", *, write: bool = False, memory_limit: str = DEFAULT_MEMORY) -> Lake:
    """Open a lake, to look at it or, with ``write``, to change it.

    Raises:
        LakeError: There is none, or it cannot be opened.
        UsageError: The memory limit is no amount, or too little.
    """
    return Lake(find(path), write=write, memory_limit=memory_limit)


class Lake:
    """A lake: SQL over it, slices of it, and with ``write`` the ways to change it. Close it, or use ``with``."""

    def __init__(self, layout: Layout, *, write: bool = False, memory_limit: str = DEFAULT_MEMORY) -> None:
        self.layout = layout
        self._write = write
        self._readers = Readers(layout, memory_limit=checked(memory_limit))
        self._marks: Marks | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the lake; it can be used no more."""
        self._readers.close()
        self._marks = None

    def interrupt(self, *, of: int | None = None) -> None:
        """Stop the queries that are running, or those of the thread with the identity ``of``; from any thread."""
        self._readers.interrupt(of=of)
        if (marks := self._marks) is not None:
            marks.interrupt(of=of)

    def reader(self, *, at: int | None = None) -> duckdb.DuckDBPyConnection:
        """The read-only connection that shows a snapshot (None: always the newest); it cannot leave the lake.

        Raises:
            UsageError: The lake is closed, or there is no such snapshot.
        """
        return self._readers.reader(at=at)

    def sql(self, query: str, /, **values: Any) -> duckdb.DuckDBPyRelation:
        """Read with SQL; ``$name`` in the query is bound to the keyword ``name``.

        The relation is evaluated when it is used; one with bound values DuckDB reads at once, and holds in memory.

        Raises:
            QueryError: It does not parse or bind, or it is not read-only.
            UsageError: A ``$name`` without its value, or a value without its ``$name``.

        >>> lake.sql("SELECT count(*) FROM images WHERE modality = $m", m="CT")  # doctest: +SKIP
        """
        guard.check(self.reader(), query)
        named = {name for part in self.reader().extract_statements(query) for name in part.named_parameters}
        if lacking := sorted(named - set(values)):
            raise UsageError(f"the query names ${lacking[0]}; give it a value: lake.sql(query, {lacking[0]}=...)")
        if spare := sorted(set(values) - named):
            raise UsageError(f"the query has no ${spare[0]}{did_you_mean(spare[0], named)}; write it where it belongs")
        return guard.relation(self.reader(), query, values)

    def slice(self, **said: Any) -> Slice:
        """The images that a filter leaves; the keywords are the flags of the command line.

        Raises:
            UsageError: An unknown keyword or an impossible value.
        """
        filter_ = make(**said)
        self.reader(at=filter_.at)  # a snapshot that is not there is told now
        return Slice(self._readers, filter_, lambda: self._marks)

    def image(self, image_id: str) -> dict[str, Any]:
        """One image: its columns, and under rois, descriptions and findings the rows that speak of it.

        Raises:
            UsageError: The lake has no such image.
        """
        children = ("rois", "descriptions", "findings")
        found = {table: rows.to_pylist() for table, rows in self.images([image_id], also=children).items()}
        if not found["images"]:
            raise UsageError(f"no image '{image_id}' in the lake; triptych ls lists them")
        return {**found["images"][0], **{table: found[table] for table in children}}

    def images(self, ids: Iterable[str], *, also: Iterable[str] = ("rois",)) -> dict[str, pa.Table]:
        """Images by their ids, found without a scan, and under the names of other tables the rows that speak of them.

        Args:
            ids: In any order; those that the lake does not hold have no rows.
            also: Of rois, descriptions and findings.

        Returns:
            A table under "images" and under each name in ``also``, in the order of row keys, all of one snapshot.

        Raises:
            UsageError: There is no such table of rows that speak of images, or an id is no text.
        """
        from catalog.lake.lookup import rows_of_images

        tables, known = ("images", *([also] if isinstance(also, str) else also)), ("rois", "descriptions", "findings")
        for table in tables[1:]:
            if table not in known:
                near = did_you_mean(str(table), known)
                raise UsageError(f"no rows of images in '{table}'{near}; known are {', '.join(known)}")
        if isinstance(ids, str):
            raise UsageError(f"images takes a list of ids; for one write images(['{ids}']) or image('{ids}')")
        try:
            wanted = list(ids)
        except TypeError as error:
            raise UsageError(f"images takes a list of ids, not {ids!r}") from error
        return self._readers.together(lambda sight: rows_of_images(sight.connection, wanted, tables))

    def series(self, series_key: str) -> list[str]:
        """Ids of the images of a series, in the order of its slices or frames; none where there is no such series."""
        from catalog.lake.lookup import images_of_series

        return self._readers.together(lambda sight: images_of_series(sight.connection, series_key))

    def marks(self) -> Marks:
        """What every image of the newest snapshot has, held in memory: facets and coverage of any slice at once.

        The first call begins to read in a thread, and so does the first after a commit; others give the same marks.

        Raises:
            UsageError: The lake is closed.
        """
        from catalog.marks.marks import Marks

        snapshot = self.snapshot()
        with self._turn:
            if self._marks is None or self._marks.failed or self._marks.snapshot != snapshot:
                self._marks = Marks(self._readers, snapshot)
            return self._marks

    @property
    def has_marks(self) -> bool:
        """Whether ``marks`` have been read, of whatever snapshot: what they know comes at once."""
        return self._marks is not None and self._marks.ready

    def pixels(self) -> PixelSource:
        """Reads the pixels behind an image's uri."""
        from catalog.lake import blobs
        from catalog.pixels.source import PixelSource

        return PixelSource(self.layout.keys(), lambda sha256: blobs.read(self.layout, sha256))

    def snapshot(self) -> int:
        """The number of the newest snapshot."""
        return newest_snapshot(self.reader())

    def snapshots(self) -> pa.Table:
        """Columns snapshot, time, author, message: one row a commit, oldest first."""
        return snapshots(self.reader())

    def ingest(  # noqa: PLR0913 - the flags of the command line, one by one
        self,
        *paths: str | Path,
        kind: str = "auto",
        source: str | None = None,
        license: str | None = None,
        copy: bool = False,
        labels: str | Path | None = None,
        axis: int = 2,
        said: Mapping[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
        watch: Watch | None = None,
    ) -> Report:
        """Take images and their annotations in; twice adds nothing, and an interrupted run goes on.

        Args:
            paths: Files and folders.
            kind: auto, dicom, nifti, images, medtrinity, coco or manifest.
            source: Collection they belong to; by default told from the input.
            license: SPDX licence of the source.
            copy: Take the bytes into the lake; otherwise pixels stay where they are.
            labels: Label map of a NIfTI volume.
            axis: Axis of a volume that its slices are perpendicular to.
            said: What the input does not say of its images: modality, region, organ, disease, view or subset -> value.
            columns: For a manifest, input column -> our field.
            watch: Called for every unit of input that is done.

        Raises:
            UsageError: A path that does not exist, an unknown kind, or nothing to take in.
            LakeError: The lake cannot be written.
        """
        from catalog.ingest import ingest_paths
        from catalog.ingest.contract import Options

        self._require_write()
        options = Options(
            keys=self.layout.keys(),
            source=source,
            license=license,
            copy=copy,
            labels=Path(labels).resolve() if labels else None,
            axis=axis,
            said=said or {},
            columns=columns or {},
        )
        with self._readers.aside():
            return ingest_paths(self.layout, [Path(path) for path in paths], options, kind=kind, watch=watch)

    def save_slice(self, name: str, **said: Any) -> int:
        """Save a slice under a name and say how many images it holds.

        Raises:
            UsageError: The name is taken.
        """
        from catalog.slices import saved

        self._require_write()
        selection = self.slice(**said).selection
        count, ids = selection.ask(saved.digest)
        with self._writer() as writer:
            saved.save(writer, name, selection, count=count, ids=ids)
        return count

    def drop_slice(self, name: str) -> None:
        """Forget a saved slice; no image is touched.

        Raises:
            UsageError: There is no such slice.
        """
        from catalog.slices import saved

        self._require_write()
        with self._writer() as writer:
            saved.drop(writer, name)

    def compact(
        self, *, expire: str | timedelta | datetime | None = None, watch: WatchFiles | None = None
    ) -> Compaction:
        """Merge small files and restore the order of rows in bounded memory; others read and write meanwhile.

        Args:
            expire: Forget the snapshots that are older: an age such as 7d, 12h or 30m, or a moment; and free the space.
            watch: Called with a table and the number of its files before every unit of work.

        Raises:
            UsageError: ``expire`` is neither an age nor a date, or lies in the future.
            LakeError: The lake cannot be written.
        """
        from catalog.lake.upkeep import compact

        self._require_write()
        with self._readers.aside():
            return compact(self.layout, expire=expire, watch=watch)

    @contextmanager
    def _writer(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that may write, while no other process commits."""
        from catalog.lake.commit import locked

        with self._readers.aside(), locked(self.layout) as connection:
            yield connection

    def _require_write(self) -> None:
        self._readers.require_open()
        if not self._write:
            raise UsageError("this lake is open for reading; open it with catalog.open(path, write=True)")
