"""A run beside other work, on both kinds of metadata, and on lakes that are moved in between."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

import catalog
from tests.generators.conftest import draw, rows, run
from tests.generators.making import Bright
from tests.generators.test_kills import finish, start

PICTURES, MORE = 200, 80
REGIONS = "SELECT * EXCLUDE (run_id, created_at, image_key) FROM rois ORDER BY ALL"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures."""
    return draw(tmp_path_factory.mktemp("beside") / "drawn", count=PICTURES)


def lake_of(drawn: Path, root: Path, metadata: str = "sqlite") -> Path:
    with catalog.init(root, metadata=metadata) as lake:
        lake.ingest(drawn, source="drawn", said={"modality": "X-Ray"})
    return root


def begin(root: Path) -> subprocess.Popen[str]:
    """A run that has done something."""
    process = start(root, seconds=0.05)
    while not any((root / "staging").glob("*/*/batch.json")):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def regions(root: Path) -> list[tuple[object, ...]]:
    with catalog.open(root) as lake:
        return rows(lake, REGIONS)


def test_images_are_taken_in_and_files_merged_during_a_run(drawn: Path, tmp_path: Path) -> None:
    root = lake_of(drawn, tmp_path / "lake")
    more = draw(tmp_path / "more", count=MORE)
    process = begin(root)
    with catalog.open(root, write=True) as lake:
        lake.ingest(more, source="more")
        lake.compact()
        assert process.poll() is None
    out, err = process.communicate()
    assert (process.returncode, out.split()[0], err) == (0, str(PICTURES), "")
    finish(root)
    with catalog.open(root) as lake:
        assert rows(lake, "SELECT count(*), count(DISTINCT image_key) FROM outcomes") == [(PICTURES + MORE,) * 2]
        held = "SELECT count(*) FROM rois JOIN images USING (image_key) WHERE rois.image_id = images.image_id"
        assert rows(lake, held) == rows(lake, "SELECT count(*) FROM rois")
        assert rows(lake, "SELECT sum(roi_count) FROM images") == rows(lake, "SELECT count(*) FROM rois")


def test_both_kinds_of_metadata_hold_the_same(drawn: Path, tmp_path: Path) -> None:
    roots = [lake_of(drawn, tmp_path / metadata, metadata) for metadata in ("sqlite", "duckdb")]
    for root in roots:
        with catalog.open(root, write=True) as lake:
            assert run(lake, Bright(), limit=50).committed == 50
            assert run(lake, Bright(), workers=2).committed == PICTURES - 50
            assert run(lake, Bright()).tally.done == 0
    assert regions(roots[0]) == regions(roots[1])


def test_a_lake_that_is_moved_after_a_kill_goes_on_where_it_is(drawn: Path, tmp_path: Path) -> None:
    root = lake_of(drawn, tmp_path / "lake")
    process = begin(root)
    process.kill()
    process.communicate()
    moved = Path(shutil.move(root, tmp_path / "a new place"))
    finish(moved)
    assert not root.exists()
    with catalog.open(moved) as lake:
        assert rows(lake, "SELECT count(*), count(DISTINCT image_key) FROM outcomes") == [(PICTURES, PICTURES)]
