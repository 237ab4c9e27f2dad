"""Finished batches that wait to be published: one folder a run, one folder a batch, Parquet inside.

A batch appears in one rename, so what lies here under a batch's name is whole. A run holds a lock for as long as its
process lives; a run whose lock is free belongs to a dead process, and whoever writes next publishes what it left.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from filelock import FileLock, Timeout

from catalog.errors import LakeError
from catalog.lake.layout import Layout

if TYPE_CHECKING:
    import pyarrow as pa

BLOBS = "blobs"
_FEW_VALUES = (
    *(
        "source",
        "source_raw",
        "subset",
        "license",
        "run_id",
        "batch_id",
        "generator",
        "status",
        "origin",
        "label",
        "kind",
    ),
    *("modality", "region", "organ", "disease", "view", "laterality", "zone_h", "zone_v", "error", "message"),
)
"""Columns that a dictionary makes small; for the others it would cost time and save nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that writes into the lake."""

    run_id: str
    kind: str
    fingerprint: str
    options: Mapping[str, Any]
    host: str
    version: str
    started_at: str

    @property
    def ingests(self) -> bool:
        """Whether it takes an input in, and does not generate."""
        return self.kind.startswith("ingest:")

    @property
    def bound(self) -> dict[str, str]:
        """The values that ``commit/insert_run`` takes."""
        return {**asdict(self), "options": json.dumps(dict(self.options))}


def new_run(kind: str, *, fingerprint: str, options: Mapping[str, Any], host: str, version: str) -> Run:
    """A run that starts now; its id sorts by time."""
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
    return Run(run_id, kind, fingerprint, options, host, version, now.isoformat())


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A finished batch in its folder."""

    folder: Path
    batch_id: str
    name: str
    rows: Mapping[str, int]

    def file(self, table: str) -> Path | None:
        """The batch's Parquet file of a table, if it has rows of it."""
        path = self.folder / f"{table}.parquet"
        return path if path.exists() else None

    def is_whole(self) -> bool:
        """Whether every file can be opened; after a power cut one may not."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            for path in self.folder.glob("*.parquet"):
                pq.ParquetFile(path).close()
        except (pa.ArrowInvalid, OSError):
            return False
        return True


def write(folder: Path, table: str, rows: pa.Table, *, group: int = 65_536) -> None:
    """Write a table of a batch in row groups of ``group`` rows, fast rather than small."""
    import pyarrow.parquet as pq

    file = folder / f"{table}.parquet"
    few_values = [name for name in rows.column_names if name in _FEW_VALUES]
    pq.write_table(
        rows, file, compression="snappy", row_group_size=group, write_statistics=False, use_dictionary=few_values
    )


@contextmanager
def open_run(layout: Layout, run: Run) -> Iterator[Path]:
    """The staging folder of a live run; removed at the end when nothing is left in it.

    Raises:
        LakeError: The lake cannot be written.
    """
    folder = layout.staging / run.run_id
    lock = FileLock(f"{folder}.lock")
    try:
        layout.staging.mkdir(parents=True, exist_ok=True)
        lock.acquire()  # before there is a folder, which others would take for one that a dead process left
        folder.mkdir()
    except OSError as error:
        raise LakeError(f"cannot write to the lake at '{layout.root}': {error.strerror or error}") from error
    try:
        (folder / "run.json").write_text(json.dumps(asdict(run)), encoding="utf-8")
        yield folder
    finally:
        if not list(batches(folder)):
            shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        if not folder.exists():
            Path(lock.lock_file).unlink(missing_ok=True)


@contextmanager
def new_batch(run_folder: Path, batch_id: str, name: str) -> Iterator[tuple[Path, dict[str, int]]]:
    """A folder to ``write`` a batch's tables into, and its row counts; it appears whole when the block ends."""
    temporary = run_folder / f".{batch_id}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    rows: dict[str, int] = {}
    yield temporary, rows
    (temporary / "batch.json").write_text(json.dumps({"name": name, "rows": rows}), encoding="utf-8")
    final = run_folder / batch_id
    shutil.rmtree(final, ignore_errors=True)
    temporary.replace(final)


def batches(run_folder: Path) -> Iterator[StagedBatch]:
    """The whole batches of a run, oldest first."""
    whole = (path for path in run_folder.iterdir() if not path.name.startswith(".") and (path / "batch.json").exists())
    for path in sorted(whole, key=lambda path: (path / "batch.json").stat().st_mtime_ns):
        batch = read_batch(path)
        if batch.is_whole():
            yield batch


def read_batch(folder: Path) -> StagedBatch:
    """The batch in a folder."""
    said = json.loads((folder / "batch.json").read_text(encoding="utf-8"))
    return StagedBatch(folder, folder.name, said["name"], said["rows"])


@contextmanager
def abandoned(layout: Layout) -> Iterator[list[tuple[Run, Path]]]:
    """The runs that dead processes left, held for the length of the block."""
    held: list[FileLock] = []
    found: list[tuple[Run, Path]] = []
    for folder in sorted(path for path in layout.staging.iterdir() if path.is_dir()):
        lock = FileLock(f"{folder}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        held.append(lock)
        run_file = folder / "run.json"
        if run_file.exists():
            found.append((Run(**json.loads(run_file.read_text(encoding="utf-8"))), folder))
        else:
            shutil.rmtree(folder, ignore_errors=True)
    try:
        yield found
    finally:
        for lock in held:
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)
