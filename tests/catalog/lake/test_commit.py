"""Commits: what becomes visible, what is refused, and what repeated or killed runs leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import catalog
from catalog.errors import LakeError, TriptychError
from catalog.ingest.contract import Options
from catalog.ingest.engine import ingest
from catalog.lake import staging
from catalog.lake.commit import publish, recover
from catalog.records import Description, Failure, Finding, Image, Roi
from tests.conftest import RecordsReader, TakeIn, chest_and_brain


def ids(lake: catalog.Lake, table: str = "images") -> list[str]:
    return sorted(name for (name,) in lake.sql(f"SELECT image_id FROM {table}").fetchall())


def roi(image_id: str, *, x0: float = 1) -> Roi:
    return Roi(image_id=image_id, label="spot", x0=x0, y0=1, x1=x0 + 2, y1=3, width=10, height=10)


def test_one_commit_makes_every_table_visible_at_once(chest_lake: catalog.Lake) -> None:
    inserted = chest_lake.snapshots().to_pylist()[-1]
    assert inserted["message"] == "ingest:records: 3 images, 3 rois, 1 descriptions, 1 findings"
    assert chest_lake.sql("SELECT count(*) FROM batches WHERE images = 3").fetchall() == [(1,)]


def test_terms_become_canonical_and_a_region_word_leaves_the_organs(chest_lake: catalog.Lake) -> None:
    rows = chest_lake.sql("SELECT image_id, modality, region, organs, organ FROM images ORDER BY image_id").fetchall()
    assert rows == [
        ("ct", "CT", "thorax", ["lung", "heart"], "lung"),
        ("mri", "MRI", "head and neck", ["brain"], "brain"),
        ("xray", "X-Ray", "thorax", [], None),
    ]


def test_a_source_keeps_its_raw_name_beside_the_canonical_one(chest_lake: catalog.Lake) -> None:
    found = chest_lake.sql("SELECT source, source_raw FROM images WHERE image_id = 'mri'").fetchall()
    assert found == [("brats_24", "BraTS24")]


def test_regions_repeat_the_slice_columns_of_their_image(chest_lake: catalog.Lake) -> None:
    row = chest_lake.sql("SELECT modality, source, organ, disease FROM rois WHERE label = 'Nodule'").fetchall()
    assert row == [("CT", "clinic", "lung", "lung cancer")]


def test_derived_columns_of_a_region(chest_lake: catalog.Lake) -> None:
    row = chest_lake.sql("SELECT area_ratio, box_ratio, zone(zone_h, zone_v), aspect FROM rois WHERE label = 'Nodule'")
    assert row.fetchall() == [(0.02, 0.02, "upper-middle left", 1.0)]


def test_the_same_input_twice_adds_nothing_and_is_not_read(chest_lake: catalog.Lake) -> None:
    reader = RecordsReader({"all": chest_and_brain()})
    options = Options(keys=chest_lake.layout.keys(), source="clinic", license="CC-BY-4.0")
    before = chest_lake.snapshot()
    report = ingest(chest_lake.layout, reader, options)
    assert (reader.read_units, report.skipped, chest_lake.snapshot()) == ([], 1, before)


def test_the_same_rows_from_another_input_add_nothing(chest_lake: catalog.Lake, take_in: TakeIn) -> None:
    report = take_in(chest_lake.layout, {"again": chest_and_brain()}, source="clinic", license="CC-BY-4.0")
    assert (report.published.images, report.published.rois, report.published.findings) == (0, 0, 0)
    assert ids(chest_lake, "rois") == ["ct", "ct", "mri"]
    assert ids(chest_lake, "descriptions") == ["ct"]


def test_an_id_twice_with_other_content_keeps_the_first_and_says_so(lake: catalog.Lake, take_in: TakeIn) -> None:
    units = {
        "one": [Image(image_id="a", content_hash="1", width=10), roi("a")],
        "two": [Image(image_id="a", content_hash="2", width=20), Description(image_id="a", text="of the second")],
    }
    report = take_in(lake.layout, units)
    assert lake.sql("SELECT width, roi_count FROM images").fetchall() == [(10, 1)]
    assert lake.sql("SELECT count(*) FROM descriptions").fetchall() == [(0,)]
    assert lake.sql("SELECT error, image_id FROM failures").fetchall() == [("conflict", "a")]
    assert report.published.failures == 1


def test_an_id_of_the_lake_with_other_content_is_refused(chest_lake: catalog.Lake, take_in: TakeIn) -> None:
    take_in(chest_lake.layout, {"new": [Image(image_id="ct", content_hash="other"), roi("ct")]})
    assert chest_lake.image("ct")["roi_count"] == 2
    message = chest_lake.sql("SELECT message FROM failures").fetchall()[0][0]
    assert message.startswith("image_id 'ct' is taken by another content in the lake; the first is kept")


def test_a_region_that_comes_later_is_counted_on_its_image(chest_lake: catalog.Lake, take_in: TakeIn) -> None:
    take_in(chest_lake.layout, {"later": [roi("xray"), roi("xray", x0=5), roi("ct")]})
    assert chest_lake.sql("SELECT image_id, roi_count FROM images ORDER BY 1").fetchall() == [
        ("ct", 3),
        ("mri", 1),
        ("xray", 2),
    ]


def test_an_annotation_without_an_image_is_kept_as_a_failure_and_goes_in_when_the_image_has_come(
    lake: catalog.Lake, take_in: TakeIn
) -> None:
    annotation = {"seg": [roi("a"), Finding(image_id="a", concept="x")]}
    take_in(lake.layout, annotation)
    assert lake.sql("SELECT error, item FROM failures ORDER BY item").fetchall() == [
        ("orphan", "finding"),
        ("orphan", "region"),
    ]
    take_in(lake.layout, {"image": [Image(image_id="a", content_hash="1")]})
    take_in(lake.layout, annotation)
    assert lake.sql("SELECT count(*) FROM failures").fetchall() == [(0,)]
    assert ids(lake, "rois") == ["a"]


def test_pixels_that_come_later_are_filled_in(lake: catalog.Lake, take_in: TakeIn) -> None:
    take_in(lake.layout, {"meta": [Image(image_id="a", content_hash="1")]})
    report = take_in(lake.layout, {"joined": [Image(image_id="a", content_hash="1", uri="/a.png", width=9, height=8)]})
    assert report.published.filled == 1
    assert lake.sql("SELECT uri, width FROM images").fetchall() == [("/a.png", 9)]


def test_a_failure_is_tried_again_and_counted(lake: catalog.Lake, take_in: TakeIn) -> None:
    for _ in range(3):
        take_in(lake.layout, {"bad": [Failure(input="x.dcm", message="truncated")]})
    assert lake.sql("SELECT input, attempt FROM failures").fetchall() == [("x.dcm", 3)]


def test_what_is_said_of_an_input_fills_what_its_images_do_not_say(lake: catalog.Lake) -> None:
    units = {
        "u": [
            Image(image_id="a", content_hash="1"),
            Image(image_id="b", content_hash="2", modality="CT", organs=["lung"]),
        ]
    }
    said = {"modality": "mr", "organ": "brain; skin", "subset": "fold 1"}
    ingest(lake.layout, RecordsReader(units), Options(keys=lake.layout.keys(), said=said))
    assert lake.sql("SELECT image_id, modality, organs, region, subset FROM images ORDER BY 1").fetchall() == [
        ("a", "MRI", ["brain", "skin"], "head and neck", "fold 1"),
        ("b", "CT", ["lung"], "thorax", "fold 1"),
    ]


def test_a_licence_named_later_reaches_the_images(lake: catalog.Lake, take_in: TakeIn) -> None:
    units = {"u": [Image(image_id="a", content_hash="1")]}
    take_in(lake.layout, units, source="s")
    take_in(lake.layout, units, source="s", license="CC-BY-4.0")
    assert lake.sql("SELECT license, redistributable FROM images").fetchall() == [("CC-BY-4.0", True)]
    assert lake.sql("SELECT license FROM sources").fetchall() == [("CC-BY-4.0",)]


def stage_only(lake: catalog.Lake, tmp_path: Path) -> None:
    """Run an ingest that is killed after it has staged its batch and before it publishes."""
    script = textwrap.dedent("""
        import os, signal, sys
        import catalog
        from catalog.lake import publishing
        from tests.conftest import chest_and_brain, take_in
        publishing.publish = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
        with catalog.open(sys.argv[1], write=True) as lake:
            take_in(lake.layout, {"all": chest_and_brain()}, source="clinic")
    """)
    killed = subprocess.run([sys.executable, "-c", script, str(lake.layout.root)], check=False, cwd=Path.cwd())
    assert killed.returncode == -signal.SIGKILL


def test_what_a_killed_run_had_staged_is_published_by_the_next(
    lake: catalog.Lake, tmp_path: Path, take_in: TakeIn
) -> None:
    stage_only(lake, tmp_path)
    assert lake.slice().count() == 0
    report = take_in(lake.layout, {"all": chest_and_brain()}, source="clinic")
    assert (lake.slice().count(), report.skipped) == (3, 1)
    assert list(lake.layout.staging.iterdir()) == []


def test_a_batch_torn_while_it_was_written_is_thrown_away(lake: catalog.Lake, tmp_path: Path) -> None:
    stage_only(lake, tmp_path)
    (batch,) = next(lake.layout.staging.glob("2*/")).glob("[0-9a-f]*/")
    batch.rename(batch.with_name(f".{batch.name}"))
    recover(lake.layout)
    assert (lake.slice().count(), list(lake.layout.staging.iterdir())) == (0, [])


def test_a_batch_published_just_before_the_kill_is_not_published_twice(lake: catalog.Lake, tmp_path: Path) -> None:
    stage_only(lake, tmp_path)
    run_folder = next(lake.layout.staging.glob("2*/"))
    spare = tmp_path / "spare"
    subprocess.run(["cp", "-r", run_folder, spare], check=True)
    recover(lake.layout)
    after = lake.snapshot()
    spare.rename(run_folder)
    recover(lake.layout)
    assert (lake.snapshot(), lake.slice().count()) == (after, 3)


def test_a_run_that_is_alive_is_left_alone(lake: catalog.Lake) -> None:
    run = staging.new_run("ingest:x", fingerprint="f", options={}, host="h", version="0")
    with staging.open_run(lake.layout, run) as folder:
        with staging.new_batch(folder, "b", "batch"):
            pass
        recover(lake.layout)
        assert [batch.batch_id for batch in staging.batches(folder)] == ["b"]


LOAD = """
    import sys, catalog
    from catalog.records import Image
    from tests.conftest import take_in
    with catalog.open(sys.argv[1], write=True) as lake:
        for number in range(int(sys.argv[2])):
            names = [f"{sys.argv[3]}-{number}-{place}" for place in range(20)]
            images = [Image(image_id=name, content_hash=name) for name in names]
            take_in(lake.layout, {f"{sys.argv[3]}-{number}": images})
            print(number, flush=True)
"""


def start(root: Path, count: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(LOAD), str(root), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def writing(lake: catalog.Lake) -> Iterator[subprocess.Popen[str]]:
    process = start(lake.layout.root, 6, "w")
    yield process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_a_reader_in_another_process_keeps_answering_and_never_sees_half_a_commit(
    lake: catalog.Lake, writing: subprocess.Popen[str]
) -> None:
    counts = []
    while writing.poll() is None:
        counts.append(lake.slice().count())
        time.sleep(0.01)
    counts.append(lake.slice().count())
    assert writing.returncode == 0
    assert counts[-1] == 120
    assert len(set(counts)) > 2, "the reader saw the writer's commits one by one"
    assert all(count % 20 == 0 for count in counts)
    assert counts == sorted(counts)


def test_two_writers_lose_nothing(lake: catalog.Lake) -> None:
    writers = [start(lake.layout.root, 3, name) for name in ("x", "y")]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert lake.slice().count() == 120


def test_a_writer_killed_at_any_moment_leaves_a_lake_that_the_next_run_completes(
    lake: catalog.Lake, take_in: TakeIn
) -> None:
    for delay in (0.05, 0.3, 0.6):
        process = start(lake.layout.root, 3, "k")
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
        assert lake.slice().count() % 20 == 0
    process = start(lake.layout.root, 3, "k")
    process.communicate()
    assert process.returncode == 0
    assert lake.slice().count() == 60
    assert lake.sql("SELECT count(DISTINCT image_id) FROM images").fetchall() == [(60,)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


needs_mount = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")


@needs_mount
@pytest.mark.parametrize("rows", [20_000, 5_000], ids=["while staging", "while committing"])
def test_a_full_disk_is_one_clear_error_and_the_next_run_goes_on(small_disk: Path, take_in: TakeIn, rows: int) -> None:
    with catalog.init(small_disk / "lake") as lake:
        take_in(lake.layout, {"first": chest_and_brain()})
        before = lake.snapshot()
        big = {"big": [Image(image_id=f"{n}", content_hash=os.urandom(200).hex()) for n in range(rows)]}
        with pytest.raises(TriptychError, match=r"no space left for .* free some space and run again"):
            take_in(lake.layout, big)
        assert (lake.snapshot(), lake.slice().count()) == (before, 3)
        subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
        take_in(lake.layout, big)
        assert lake.slice().count() == rows + 3


@needs_mount
def test_a_lake_on_a_read_only_disk_can_be_read_and_says_so_when_written(
    chest_lake: catalog.Lake, tmp_path: Path, take_in: TakeIn
) -> None:
    root = chest_lake.layout.root
    chest_lake.close()
    subprocess.run(["mount", "--bind", str(root), str(root)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(root)], check=True)
        with catalog.open(root, write=True) as lake:
            assert lake.slice(modality="CT").count() == 1
            with pytest.raises(LakeError, match=r"read-only|Read-only"):
                take_in(lake.layout, {"more": [Image(image_id="new", content_hash="1")]})
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def test_publishing_nothing_makes_no_snapshot(lake: catalog.Lake) -> None:
    run = staging.new_run("ingest:x", fingerprint="f", options={}, host="h", version="0")
    before = lake.snapshot()
    publish(lake.layout, run, [])
    assert lake.snapshot() == before


def test_refused_images_change_no_licence(chest_lake: catalog.Lake, take_in: TakeIn) -> None:
    other = Image(image_id="ct", modality="CT", content_hash="another", source="clinic")
    report = take_in(chest_lake.layout, {"again": [other]}, license="CC0-1.0")
    assert (report.published.failures, report.published.relicensed) == (1, 0)
    assert chest_lake.sql("SELECT DISTINCT license FROM images WHERE source = 'clinic'").fetchall() == [("CC-BY-4.0",)]
