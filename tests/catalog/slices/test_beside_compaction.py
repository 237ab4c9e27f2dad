"""What is asked while files are merged: never less than the lake holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import catalog
from catalog.lake.cube import Cube, Sight
from catalog.records import Image, Record, Roi
from tests.conftest import take_in

ROWS = 1_500
COMPACT = "import sys, catalog; catalog.open(sys.argv[1], write=True).compact()"


def _shard(number: int) -> Iterator[Record]:
    for n in range(number * ROWS, (number + 1) * ROWS):
        yield Image(image_id=f"image {n}", modality=("CT", "MRI")[n % 2], content_hash=str(n), width=9, height=9)
        yield Roi(image_id=f"image {n}", label="l", kind="lesion", x0=1, y0=1, x1=3, y1=3, width=9, height=9)


@pytest.fixture
def grown(lake: catalog.Lake) -> catalog.Lake:
    """A lake of three commits."""
    for number in range(3):
        take_in(lake.layout, {f"shard {number}": list(_shard(number))})
    return lake


def _compact(lake: catalog.Lake) -> None:
    subprocess.run([sys.executable, "-c", COMPACT, str(lake.layout.root)], check=True)


def test_a_stream_that_is_read_across_a_merge_is_whole(grown: catalog.Lake) -> None:
    batches = grown.slice().stream(columns="image_id")
    first = batches.read_next_batch()
    _compact(grown)
    take_in(grown.layout, {"later": list(_shard(3))})
    assert first.num_rows + batches.read_all().num_rows == 3 * ROWS


def test_an_answer_during_which_a_commit_came_is_asked_for_again(grown: catalog.Lake) -> None:
    calls: list[int] = []

    def count(sight: object, query: object) -> int:
        calls.append(1)
        before = grown.reader().execute("SELECT count(*) FROM images").fetchall()[0][0]
        if len(calls) == 1:
            _compact(grown)
        return int(before)

    assert grown.slice().selection.ask(count) == 3 * ROWS
    assert len(calls) == 2


def test_counts_stay_right_beside_merges(grown: catalog.Lake) -> None:
    compacting = subprocess.Popen([sys.executable, "-c", COMPACT, str(grown.layout.root)])
    seen = set()
    while compacting.poll() is None:
        seen.add((grown.slice(modality="CT").count(), grown.slice(roi_area=(None, 0.9)).count()))
    assert compacting.returncode == 0
    assert seen <= {(3 * ROWS // 2, 3 * ROWS)}


def test_a_held_slice_exports_what_has_come_since(grown: catalog.Lake, tmp_path: object) -> None:
    images = grown.slice(modality="CT")
    assert images.export("jsonl", f"{tmp_path}/a", images="none").count == 3 * ROWS // 2
    take_in(grown.layout, {"later": list(_shard(3))})
    assert images.export("jsonl", f"{tmp_path}/b", images="none").count == images.count() == 4 * ROWS // 2


def test_profiles_of_a_snapshot_that_was_expired_just_now_are_not_copied(grown: catalog.Lake) -> None:
    old = grown.snapshot()
    take_in(grown.layout, {"later": list(_shard(3))})
    with catalog.open(grown.layout.root, write=True) as lake:
        lake.compact(expire="0s")
    reader, cube = grown.reader(), Cube()
    for snapshot, copies in ((old, [False, False]), (grown.snapshot(), [False, True])):
        for copied in copies:
            with cube.shown(Sight(snapshot, lambda: reader), reader.cursor()) as sight:
                assert (sight.copy is not None) == copied
