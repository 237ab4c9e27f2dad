"""How fast DICOM headers come in, against a bare ``pydicom.dcmread(stop_before_pixels=True)`` in as many processes.

Copies of one real CT (pydicom's CT_small: 256 elements, many
private) and of one real MR are written with UIDs of their own; both sides start warm, and each rate is the best of
three rounds. Listing (walk, stat and the first bytes of each file) is part of our time, though it runs in one process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from benchmarks.measure import Cost, Row
from catalog.ingest.contract import Options, Unit
from catalog.ingest.dicom import DicomReader
from catalog.lake.keys import KeyedHash

_FILES = 2000
_ROUNDS = 3
_CHUNK = 100


def measure(rows: int, folder: Path) -> list[Row]:
    """One row for each kind of file; ``rows`` does not matter: the files are as many at every size."""
    del rows
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(abs, range(100)))
        return [_one(pool, name, folder) for name in ("CT_small.dcm", "MR_small.dcm")]


def _one(pool: ProcessPoolExecutor, name: str, folder: Path) -> Row:
    place = folder / name
    place.mkdir()
    paths = copies(str(get_testdata_file(name)), place, _FILES)
    bare = best(lambda: bare_loop(pool, paths))
    ours = best(lambda: read(pool, place))
    return Row(
        workload=f"DICOM headers of {name}, {os.cpu_count()} warm processes",
        amount=_FILES,
        unit="files",
        ours=Cost(ours),
        floor="pydicom.dcmread(stop_before_pixels=True), as many processes",
        floor_seconds=bare,
        goal="1.5 times the floor",
        met=ours <= 1.5 * bare,
    )


def copies(original: str, folder: Path, count: int) -> list[str]:
    """``count`` files of one series, with UIDs and places of their own."""
    dataset = pydicom.dcmread(original)
    paths = []
    for index in range(count):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = index + 1
        paths.append(str(folder / f"IM{index:05d}.dcm"))
        dataset.save_as(paths[-1])
    return paths


def bare_loop(pool: ProcessPoolExecutor, paths: list[str]) -> None:
    """The peer: every header parsed and dropped."""
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    assert sum(pool.map(bare_chunk, chunks)) == len(paths)


def bare_chunk(paths: list[str]) -> int:
    """Parse the headers of some files."""
    return sum(pydicom.dcmread(path, stop_before_pixels=True) is not None for path in paths)


def read(pool: ProcessPoolExecutor, folder: Path) -> int:
    """Ours: list, read into Arrow tables, and bring these back."""
    reader = DicomReader([folder], Options(keys=KeyedHash(bytes(32))))
    batches = pool.map(read_unit, ((reader, unit) for unit in reader.units()))
    return sum(batch["images"].num_rows for batch in batches)


def read_unit(work: tuple[DicomReader, Unit]) -> dict[str, Any]:
    """Read one unit in a worker."""
    reader, unit = work
    return reader.read(unit, NoLookup()).tables


class NoLookup:
    """A lake without images: headers of images ask it nothing."""

    def images(self, ids: object) -> Any:
        """Never asked."""
        raise NotImplementedError

    in_frame_of_reference = images


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest round."""
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
