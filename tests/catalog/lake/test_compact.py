"""Compaction: fewer and sorted files, the same rows at every moment, old snapshots until they expire."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import catalog
from catalog.errors import UsageError
from catalog.lake.commit import locked, signed
from catalog.lake.layout import Layout
from catalog.lake.upkeep import expiry, files, turns, units
from catalog.lake.upkeep.age import moment
from tests.conftest import TakeIn, chest_and_brain

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def commit(layout: Layout, commits: int, rows: int, *, first: int = 0) -> None:
    """Commits of images and regions whose keys lie scattered over the whole range."""
    with locked(layout) as connection:
        for start in range(first, first + commits * rows, rows):
            made = f"range({start}, {start + rows}) AS t(n)"
            with signed(connection, f"{rows} images"):
                connection.execute(
                    f"INSERT INTO images (image_id, image_key, width) "
                    f"SELECT 'image ' || n, (hash(n) >> 2)::BIGINT, n FROM {made}"
                )
                connection.execute(
                    f"INSERT INTO rois (roi_id, image_id, image_key, label) "
                    f"SELECT 'roi ' || n, 'image ' || n, (hash(n) >> 2)::BIGINT, 'spot' FROM {made}"
                )


@pytest.fixture(scope="module")
def scattered_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of twelve commits of 500 images each, made once; tests copy it."""
    root = tmp_path_factory.mktemp("scattered") / "lake"
    with catalog.init(root) as made:
        commit(made.layout, 12, 500)
    return root


@pytest.fixture
def scattered_lake(tmp_path: Path, scattered_template: Path) -> Iterator[catalog.Lake]:
    shutil.copytree(scattered_template, tmp_path / "lake")
    with catalog.open(tmp_path / "lake", write=True) as made:
        yield made


def live(lake: catalog.Lake, table: str = "images") -> list[files.File]:
    with locked(lake.layout) as connection:
        return [file for found in files.tables(connection) if found.name == table for file in found.files]


def content(lake: catalog.Lake, *, at: int | None = None) -> tuple[int, ...]:
    """Numbers that change when a row goes, comes or changes."""
    rows = lake.reader(at=at).execute(
        "SELECT count(*), sum(width), bit_xor(hash(image_id, width)), "
        "(SELECT (count(*), bit_xor(hash(roi_id))) FROM rois) FROM images"
    )
    return rows.fetchall()[0]


def on_disk(lake: catalog.Lake) -> int:
    return sum(file.stat().st_size for file in lake.layout.data.rglob("*.parquet"))


def small_files(monkeypatch: pytest.MonkeyPatch, *, rows: int) -> None:
    """Let files be full with so many rows already."""
    monkeypatch.setattr(files, "ROWS_A_FILE", rows)
    monkeypatch.setattr(files, "_SMALLEST", 1)


def test_small_files_become_one_sorted_file_with_the_same_rows(scattered_lake: catalog.Lake) -> None:
    before = content(scattered_lake)
    done = scattered_lake.compact()
    by_table = {item.table: (item.files_before, item.files_after) for item in done.tables}
    assert by_table == {"images": (12, 1), "rois": (12, 1)}
    assert content(scattered_lake) == before
    for table in ("images", "rois"):
        (file,) = live(scattered_lake, table)
        keys = pq.read_table(scattered_lake.layout.data / file.path, columns=["image_key"]).column(0).to_pylist()
        assert keys == sorted(keys)
        assert len(keys) == 6_000


def test_old_snapshots_show_what_they_showed(scattered_lake: catalog.Lake) -> None:
    numbers = scattered_lake.snapshots().column("snapshot").to_pylist()[2:]
    before = {number: content(scattered_lake, at=number) for number in numbers}
    scattered_lake.compact()
    scattered_lake.close()
    with catalog.open(scattered_lake.layout.root) as lake:
        assert {number: content(lake, at=number) for number in numbers} == before


def test_a_second_compaction_has_nothing_to_do(scattered_lake: catalog.Lake) -> None:
    scattered_lake.compact()
    before = scattered_lake.snapshot()
    assert scattered_lake.compact().tables == []
    assert scattered_lake.snapshot() == before


def test_snapshots_say_that_a_commit_compacted(scattered_lake: catalog.Lake) -> None:
    scattered_lake.compact()
    messages = scattered_lake.snapshots().column("message").to_pylist()[-2:]
    assert messages == ["compact images: small files merged", "compact rois: small files merged"]


def test_few_files_are_open_at_once(scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "FILES_A_UNIT", 4)
    before, merged = content(scattered_lake), []
    scattered_lake.compact(watch=lambda table, count: merged.append(count))
    assert len(live(scattered_lake)) == 1
    assert content(scattered_lake) == before
    assert all(earlier - later <= 5 for earlier, later in pairwise(merged))


def test_files_with_deleted_rows_are_written_anew(scattered_lake: catalog.Lake) -> None:
    with locked(scattered_lake.layout) as connection:
        connection.execute("DELETE FROM images WHERE width % 10 = 0")
    before = content(scattered_lake)
    assert sum(file.deleted for file in live(scattered_lake)) == 600
    scattered_lake.compact()
    assert [(file.rows, file.deleted) for file in live(scattered_lake)] == [(5_400, 0)]
    assert content(scattered_lake) == before


def test_files_that_lie_over_each_other_are_put_in_order(
    scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch, rows=500)
    monkeypatch.setattr(units, "ROWS_A_UNIT", 2_000)
    with locked(scattered_lake.layout) as connection:
        connection.execute("CALL lake.set_option('parquet_row_group_size', '128')")
    before = content(scattered_lake)
    assert deepest(live(scattered_lake)) == 12
    scattered_lake.compact()
    assert deepest(live(scattered_lake)) <= units.DEPTH
    assert content(scattered_lake) == before
    assert scattered_lake.compact().tables == []


def test_files_put_in_order_share_nothing(scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    small_files(monkeypatch, rows=500)
    monkeypatch.setattr(units, "ROWS_A_UNIT", 3_000)
    before = content(scattered_lake)
    scattered_lake.compact()
    assert content(scattered_lake) == before
    placed = sorted(live(scattered_lake), key=lambda file: file.low or 0)
    assert len(placed) > 4
    assert all((one.high or 0) < (next_one.low or 0) for one, next_one in pairwise(placed))


def test_a_young_file_waits_until_putting_it_in_order_is_worth_it(
    scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch, rows=500)
    scattered_lake.compact()
    old = {file.path for file in live(scattered_lake)}
    commit(scattered_lake.layout, 1, 500, first=6_000)
    scattered_lake.compact()
    assert old < {file.path for file in live(scattered_lake)}


def test_a_file_that_is_too_large_is_cut_up(scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    scattered_lake.compact()
    assert len(live(scattered_lake)) == 1
    small_files(monkeypatch, rows=1_000)
    before = content(scattered_lake)
    scattered_lake.compact()
    assert len(live(scattered_lake)) == 6
    assert content(scattered_lake) == before


def deepest(of: list[files.File]) -> int:
    """Most files that lie over one point."""
    edges = [edge for file in of for edge in (file.low, file.high) if edge is not None]
    return max(sum((file.low or 0) <= edge < (file.high or 0) for file in of) for edge in edges)


def test_many_columns_later_files_of_both_kinds_are_merged(scattered_lake: catalog.Lake) -> None:
    with locked(scattered_lake.layout) as connection:
        connection.execute("ALTER TABLE images ADD COLUMN added INTEGER")
    commit(scattered_lake.layout, 3, 10, first=6_000)
    before = content(scattered_lake)
    scattered_lake.compact()
    assert len(live(scattered_lake)) == 1
    assert content(scattered_lake) == before


def test_profiles_are_summed_up_and_old_snapshots_keep_their_sums(chest_lake: catalog.Lake) -> None:
    with locked(chest_lake.layout) as connection:
        for count in (5, 7, -5):
            connection.execute(
                f"INSERT INTO profiles BY NAME "
                f"SELECT * REPLACE ({count} AS images) FROM profiles WHERE modality = 'CT' LIMIT 1"
            )
        connection.execute("INSERT INTO profiles BY NAME SELECT * REPLACE (-1 AS images) FROM profiles LIMIT 3")
    question = "SELECT modality, organs, sum(images) AS n FROM profiles GROUP BY ALL HAVING n <> 0 ORDER BY ALL"
    sums, old = chest_lake.sql(question).fetchall(), chest_lake.snapshot()
    rows = chest_lake.sql("SELECT count(*) FROM profiles").fetchall()[0][0]
    chest_lake.compact()
    assert chest_lake.sql(question).fetchall() == sums
    assert chest_lake.sql("SELECT count(*) FROM profiles").fetchall()[0][0] == len(sums) < rows / 2
    assert chest_lake.reader(at=old).execute(question).fetchall() == sums


def test_expiring_frees_space_and_says_how_much(scattered_lake: catalog.Lake) -> None:
    scattered_lake.compact()
    before, disk = content(scattered_lake), on_disk(scattered_lake)
    cleared = scattered_lake.compact(expire="0s").cleared
    assert cleared.snapshots == 15
    assert cleared.files == 24
    assert cleared.bytes == disk - on_disk(scattered_lake) > 0
    assert scattered_lake.snapshots().num_rows == 1
    assert content(scattered_lake) == before


def test_only_snapshots_older_than_said_expire(scattered_lake: catalog.Lake) -> None:
    number = scattered_lake.snapshot()
    limit = scattered_lake.snapshots().column("time").to_pylist()[-1]
    commit(scattered_lake.layout, 1, 10, first=6_000)
    before = content(scattered_lake, at=number)
    scattered_lake.compact(expire=limit)
    left = scattered_lake.snapshots().column("snapshot").to_pylist()
    assert left[0] == number
    assert content(scattered_lake, at=number) == before
    with pytest.raises(UsageError, match=f"no snapshot {number - 1} in the lake"):
        scattered_lake.slice(at=number - 1).count()


def test_nothing_is_old_enough(scattered_lake: catalog.Lake) -> None:
    cleared = scattered_lake.compact(expire="7d").cleared
    assert (cleared.snapshots, cleared.files, cleared.waiting_files) == (0, 0, 24)


def test_a_saved_slice_survives_the_snapshot_it_was_saved_at(scattered_lake: catalog.Lake) -> None:
    count = scattered_lake.save_slice("narrow", where="width < 100")
    scattered_lake.compact(expire="0s")
    assert scattered_lake.slice(slice="narrow").count() == count == 100


def test_replaced_files_stay_for_those_who_read_them(
    scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared = scattered_lake.compact().cleared
    assert (cleared.files, cleared.waiting_files) == (0, 24)
    monkeypatch.setattr(expiry, "GRACE", timedelta(0))
    cleared = scattered_lake.compact().cleared
    assert (cleared.files, cleared.waiting_files) == (24, 0)


def test_a_query_that_is_under_way_reads_on(scattered_lake: catalog.Lake) -> None:
    with catalog.open(scattered_lake.layout.root) as reader:
        stream = reader.reader().execute("SELECT image_id FROM images").to_arrow_reader(10)
        rows = len(next(stream))
        scattered_lake.compact()
        assert rows + sum(len(batch) for batch in stream) == 6_000


def test_files_of_a_killed_process_are_deleted_and_others_are_not(scattered_lake: catalog.Lake) -> None:
    folder = scattered_lake.layout.data / "main" / "images"
    orphan, stranger = folder / "ducklake-killed.parquet", folder / "notes.txt"
    orphan.write_bytes(b"half")
    stranger.write_bytes(b"mine")
    before = content(scattered_lake)
    cleared = scattered_lake.compact().cleared
    assert (cleared.files, cleared.bytes) == (1, 4)
    assert not orphan.exists()
    assert stranger.exists()
    assert content(scattered_lake) == before


def test_a_moved_lake_keeps_its_files(scattered_lake: catalog.Lake, tmp_path: Path) -> None:
    with locked(scattered_lake.layout) as connection:
        connection.execute("DELETE FROM images WHERE width % 10 = 0")
    before = content(scattered_lake)
    scattered_lake.close()
    moved = scattered_lake.layout.root.rename(tmp_path / "it's moved")
    with catalog.open(moved, write=True) as lake:
        lake.compact(expire="0s")
        assert content(lake) == before
        assert [(file.rows, file.deleted) for file in live(lake)] == [(5_400, 0)]


def test_a_lake_with_a_duckdb_file_is_compacted_too(tmp_path: Path) -> None:
    with catalog.init(tmp_path / "lake", metadata="duckdb") as lake:
        commit(lake.layout, 5, 100)
        before = content(lake)
        assert [item.files_after for item in lake.compact(expire="0s").tables] == [1, 1]
        assert content(lake) == before


def test_what_was_ingested_is_still_found_by_the_next_ingest(chest_lake: catalog.Lake, take_in: TakeIn) -> None:
    take_in(chest_lake.layout, {"more": chest_and_brain()[:1]}, source="elsewhere")
    chest_lake.compact(expire="0s")
    report = take_in(chest_lake.layout, {"again": chest_and_brain()}, source="clinic", license="CC-BY-4.0")
    assert report.published.images == 0
    assert chest_lake.slice().count() == 3


def test_a_lake_that_is_open_for_reading_is_not_compacted(scattered_lake: catalog.Lake) -> None:
    with catalog.open(scattered_lake.layout.root) as lake, pytest.raises(UsageError, match="write=True"):
        lake.compact()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("30m", NOW - timedelta(minutes=30)),
        ("1.5 W", NOW - timedelta(days=10.5)),
        ("0s", NOW),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T10:30", datetime(2026, 2, 1, 10, 30, tzinfo=UTC)),
        ("2026-02-01T10:30+02:00", datetime(2026, 2, 1, 8, 30, tzinfo=UTC)),
        (timedelta(days=1), NOW - timedelta(days=1)),
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_age_or_a_date_means_a_moment(said: str | timedelta | datetime, meant: datetime) -> None:
    assert moment(said, now=NOW) == meant


@pytest.mark.parametrize("said", ["", "7", "d", "-3d", "7x", "yesterday", "2026-13-01", "9999999999999w"])
def test_what_means_no_moment_is_refused_before_anything_is_done(scattered_lake: catalog.Lake, said: str) -> None:
    before = scattered_lake.snapshot()
    with pytest.raises(UsageError, match="write something like 7d, 12h, 30m or 2026-01-31T12:00"):
        scattered_lake.compact(expire=said)
    assert scattered_lake.snapshot() == before


def test_a_moment_to_come_is_refused(scattered_lake: catalog.Lake) -> None:
    with pytest.raises(UsageError, match="lies in the future"):
        scattered_lake.compact(expire="2999-01-01")


COMPACT = "import sys, catalog; catalog.open(sys.argv[1], write=True).compact()"
READ = textwrap.dedent("""
    import sys, catalog
    with catalog.open(sys.argv[1]) as lake:
        print("ready", flush=True)
        seen, rounds = set(), 0
        while not __import__("select").select([sys.stdin], [], [], 0)[0]:
            seen.add(str(lake.reader().execute(
                "SELECT count(*), sum(width), bit_xor(hash(image_id, width)), "
                "(SELECT (count(*), bit_xor(hash(roi_id))) FROM rois) FROM images").fetchall()[0]))
            rounds += 1
    print(rounds, *seen, sep="\\n")
""")


def test_kills_lose_nothing_and_readers_see_the_same_rows_at_every_moment(scattered_lake: catalog.Lake) -> None:
    root, dice = scattered_lake.layout.root, random.Random(3)  # noqa: S311 - moments to kill at
    before = content(scattered_lake)
    scattered_lake.close()
    reader = subprocess.Popen(
        [sys.executable, "-c", READ, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", COMPACT, str(root)])
        time.sleep(0.25 + dice.random() * 0.6)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    out, _ = reader.communicate("stop\n", timeout=20)
    rounds, *seen = out.splitlines()
    assert int(rounds) > 5
    assert seen == [str(before)]
    with catalog.open(root, write=True) as lake:
        lake.compact(expire="0s")
        assert content(lake) == before
        on_disk = {file.relative_to(lake.layout.data).as_posix() for file in lake.layout.data.rglob("*.parquet")}
        assert on_disk == {file.path for table in ("images", "rois") for file in live(lake, table)}
        assert len(on_disk) == 2


def test_others_commit_between_two_units(scattered_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "HOLD", 0.05)
    layout, rows = scattered_lake.layout, 6_000
    committed: list[int] = []

    def watch(table: str, count: int) -> None:
        committed.append(count)

    small_files(monkeypatch, rows=3_000)
    script = (
        "import sys; from pathlib import Path; from tests.catalog.lake.test_compact import commit; "
        "from catalog.lake.layout import locate; commit(locate(sys.argv[1]), 3, 7, first=6000)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(layout.root)], cwd=Path(__file__).parents[3])
    scattered_lake.compact(watch=watch)
    assert other.wait(timeout=30) == 0
    assert len(committed) > 2
    assert content(scattered_lake)[0] == rows + 21
