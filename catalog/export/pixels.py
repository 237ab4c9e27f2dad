"""The pixels of an export: copied, linked or rendered into its folder by several threads, in their files' order."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import sqlfiles
from catalog.errors import InputError
from catalog.export.picture import Picture, place, take
from catalog.export.tasks import Row, Task, tasks
from catalog.lake import blobs, guard
from catalog.pixels.source import PixelSource

if TYPE_CHECKING:
    import duckdb

    from catalog.export.contract import Watch
    from catalog.lake.layout import Layout

THREADS = 8
WAITING = 64
"""Tasks that wait or run at the most."""
INSERT_ROWS = 2_000

_KINDS = {"saved": ("string", "string", "string", "bool"), "left_out": ("string", "string", "string")}
"""Arrow types of the tables that hold the results."""


@dataclass(slots=True)
class Results:
    """What became of some images, until it is written into the tables of the export."""

    saved: list[tuple[str, str, str | None, bool]] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.saved) + len(self.left_out)

    def add(self, other: Results) -> None:
        """Count others in."""
        self.saved += other.saved
        self.left_out += other.left_out


@dataclass(frozen=True, slots=True)
class Job:
    """Where pixels come from and go to."""

    layout: Layout
    source: PixelSource
    folder: Path
    link: bool


def save_all(connection: duckdb.DuckDBPyConnection, job: Job, *, total: int, watch: Watch | None) -> None:
    """Save the pixels of the chosen images; those that cannot be read are left out with the reason."""
    done = 0
    held = Results()
    # Closed here, so that no thread still writes when the folder of a failed export is removed.
    with connection.cursor() as tables, closing(_in_threads(_rows(connection), job)) as finished:
        for results in finished:
            held.add(results)
            done += len(results)
            if watch is not None:
                watch(done, total)
            if len(held) >= INSERT_ROWS:
                _insert(tables, held)
                held = Results()
        _insert(tables, held)


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    for batch in guard.run(connection, sqlfiles.statement("export/pixels")).to_arrow_reader(1_000):
        yield from batch.to_pylist()


def _in_threads(rows: Iterator[Row], job: Job) -> Generator[Results]:
    """One thread walks through the files that are read in order; the others take what can be read in any."""
    running: deque[Future[Results]] = deque()
    with ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(1) as walker:
        try:
            for task in tasks(rows, job.source):
                running.append((walker if task.ordered else pool).submit(_save_some, task, job))
                if len(running) >= WAITING:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            walker.shutdown(wait=False, cancel_futures=True)
            raise


def _save_some(task: Task, job: Job) -> Results:
    results = Results()
    source = _with_blobs(job, task.rows)
    for row in task.rows:
        image_id = row["image_id"]
        try:
            if task.error is not None:
                raise task.error
            picture = take(source, row, link=job.link, data=task.data)
        except InputError as error:
            reason = "no pixels" if not row["uri"] else f"pixels {error.kind}"
            results.left_out.append((image_id, reason, str(error)))
        else:
            results.saved.append((image_id, *_save(picture, job.folder, image_id)))
    return results


def _with_blobs(job: Job, rows: list[Row]) -> PixelSource:
    """A source that holds what these rows need of the lake's own pixels, fetched in one look-up."""
    keys = {row["uri"].removeprefix("lance:") for row in rows if (row["uri"] or "").startswith("lance:")}
    if not keys:
        return job.source
    return PixelSource(job.source.keys, blobs.read_many(job.layout, keys).__getitem__)


def _save(picture: Picture, folder: Path, image_id: str) -> tuple[str, str | None, bool]:
    """Path within the export, checksum (none of a link), and whether it is a link."""
    path = folder / place(image_id, picture.suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = f"{folder.name}/{path.relative_to(folder)}"
    if picture.link is not None:
        path.symlink_to(picture.link)
        return shown, None, True
    path.write_bytes(picture.data)
    return shown, hashlib.sha256(picture.data).hexdigest(), False


def _insert(tables: duckdb.DuckDBPyConnection, results: Results) -> None:
    import pyarrow as pa

    for name, rows in (("saved", results.saved), ("left_out", results.left_out)):
        kinds = _KINDS[name]
        columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
        arrived = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
        tables.register("arrived", pa.table(arrived, names=[f"c{number}" for number in range(len(kinds))]))
        tables.execute(f"INSERT INTO memory.main.{name} SELECT * FROM arrived")
        tables.unregister("arrived")
