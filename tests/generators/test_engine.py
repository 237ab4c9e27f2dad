"""Plan, run, commit: what a generator makes is in the lake once, and what it would make again is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import catalog
from catalog.errors import TriptychError, UsageError
from catalog.lake import staging
from catalog.lake.claims import Claims
from catalog.records import Roi
from catalog.slices.pending import pending
from generators.contract import Generator
from tests.conftest import TakeIn
from tests.generators.conftest import PICTURES, rows, run, work
from tests.generators.making import Bad, BadText, BadVector, Bright, Caption, CountBoxes, HalfSent, Lost, NoColumn, Rude

WITH_REGION = sum(1 for number in range(PICTURES) if number % 4)


def states(lake: catalog.Lake, generator: Generator) -> dict[str, int]:
    at_work = work(lake, generator)
    found = pending(at_work.selection, at_work.asked)
    names = ("missing", "stale", "failed", "fresh", "blocked")
    return {name: found.count(name) for name in names if found.count(name)}


@pytest.mark.parametrize("workers", [0, 2])
def test_what_was_made_is_in_the_lake_with_its_provenance(pictures: catalog.Lake, workers: int) -> None:
    report = run(pictures, Bright(), workers=workers)
    assert (report.tally.done, report.tally.made, report.committed) == (PICTURES, WITH_REGION, PICTURES)
    query = """
        SELECT generator, fingerprint, origin, modality, source, count(*), count(mask), count(input_hash)
        FROM rois
        GROUP BY ALL
    """
    ((generator, fingerprint, *rest),) = rows(pictures, query)
    assert (generator, fingerprint) == ("test-bright", work(pictures, Bright()).fingerprint)
    assert rest == ["expert_model", "X-Ray", "drawn", *[WITH_REGION] * 3]
    assert rows(pictures, "SELECT count(*) FROM roi_index") == [(WITH_REGION,)]
    assert rows(pictures, "SELECT sum(roi_count) FROM images") == [(WITH_REGION,)]
    assert pictures.slice(has="rois").count() == WITH_REGION
    assert pictures.slice(roi_area=(0.0, 1.0)).count() == WITH_REGION


def test_a_region_is_where_the_pixels_are(pictures: catalog.Lake) -> None:
    run(pictures, Bright(), workers=2)
    found = rows(pictures, "SELECT file_name, x0, y0, x1, y1 FROM images JOIN rois USING (image_id)")
    for name, *box in found:
        number = int(Path(name).stem.rpartition("-")[2])
        assert box == [5, number % 20, 12 + number % 10, number % 20 + 9]


def test_a_second_run_does_nothing(pictures: catalog.Lake) -> None:
    run(pictures, Bright())
    before = pictures.snapshot()
    report = run(pictures, Bright())
    assert (report.tally.done, report.pending.count("fresh"), pictures.snapshot()) == (0, PICTURES, before)


def test_an_image_in_which_nothing_was_found_is_not_tried_again(pictures: catalog.Lake) -> None:
    run(pictures, Bright(threshold=255))
    assert rows(pictures, "SELECT count(*) FROM rois") == [(0,)]
    assert states(pictures, Bright(threshold=255)) == {"fresh": PICTURES}


def test_another_prompt_makes_exactly_its_rows_stale(chest_lake: catalog.Lake) -> None:
    run(chest_lake, Caption())
    run(chest_lake, Bad(how="nothing"))
    assert states(chest_lake, Caption(prompt="Here is")) == {"stale": 3}
    assert states(chest_lake, Caption()) == {"fresh": 3}
    assert states(chest_lake, Bad(how="nothing")) == {"fresh": 3}


def test_rows_made_anew_replace_those_of_before_and_no_others(chest_lake: catalog.Lake) -> None:
    run(chest_lake, Caption())
    before = chest_lake.snapshot()
    run(chest_lake, Caption(prompt="Here is"))
    texts = "SELECT text FROM descriptions WHERE kind = 'coarse' ORDER BY ALL"
    assert {text.split(" ")[0] for (text,) in rows(chest_lake, texts)} == {"Here"}
    assert rows(chest_lake, "SELECT count(*) FROM descriptions WHERE kind = 'published'") == [(1,)]
    with catalog.open(chest_lake.layout.root) as looked_at:
        old = looked_at.reader(at=before).execute(texts).fetchall()
    assert {text.split(" ")[0] for (text,) in old} == {"This"}
    assert len(old) == 3


def test_regions_made_anew_replace_those_of_before(pictures: catalog.Lake) -> None:
    run(pictures, Bright())
    run(pictures, Bright(threshold=255))
    for query in ("SELECT count(*) FROM rois", "SELECT count(*) FROM roi_index", "SELECT sum(roi_count) FROM images"):
        assert rows(pictures, query) == [(0,)]


def test_published_regions_stay_beside_generated_ones(pictures: catalog.Lake, take_in: TakeIn) -> None:
    ((image_id,),) = rows(pictures, "SELECT min(image_id) FROM images")
    box = Roi(image_id=image_id, label="seen", kind="lesion", x0=1, y0=1, x1=5, y1=5, width=40, height=40)
    take_in(pictures.layout, {"boxes": [box]})
    run(pictures, Bright(threshold=50))
    run(pictures, Bright())
    run(pictures, Bright(threshold=255))
    assert rows(pictures, "SELECT label, origin FROM rois") == [("seen", "source_box")]
    assert rows(pictures, "SELECT label, image_key IN (SELECT image_key FROM rois) FROM roi_index") == [("seen", True)]
    assert rows(pictures, "SELECT roi_count FROM images WHERE image_id = $i", i=image_id) == [(1,)]


def test_rows_are_stale_when_what_they_were_made_from_changes(pictures: catalog.Lake, take_in: TakeIn) -> None:
    names = [name for (name,) in rows(pictures, "SELECT image_id FROM images ORDER BY 1 LIMIT 2")]
    boxes = [Roi(image_id=name, label="b", x0=1, y0=1, x1=5, y1=5, width=40, height=40) for name in names]
    take_in(pictures.layout, {"boxes": boxes})
    assert states(pictures, CountBoxes()) == {"missing": 2, "blocked": PICTURES - 2}
    run(pictures, CountBoxes())
    assert states(pictures, CountBoxes()) == {"fresh": 2, "blocked": PICTURES - 2}
    take_in(pictures.layout, {"more": [Roi(image_id=names[0], label="c", x0=2, y0=2, x1=9, y1=9, width=40, height=40)]})
    assert states(pictures, CountBoxes()) == {"stale": 1, "fresh": 1, "blocked": PICTURES - 2}
    assert rows(pictures, "SELECT reason, count(*) FROM stale GROUP BY 1") == [("input", 1)]
    assert pictures.slice(stale="coarse_caption").count() == 1
    run(pictures, CountBoxes())
    texts = rows(pictures, "SELECT text FROM descriptions WHERE kind = 'coarse' ORDER BY 1")
    assert texts == [("1 boxes",), ("2 boxes",)]


def test_what_images_lack_is_said(pictures: catalog.Lake, chest_lake: catalog.Lake) -> None:
    assert run(pictures, CountBoxes()).pending.lacking == {"boxes": PICTURES}
    assert run(chest_lake, Bright()).pending.lacking == {"pixels": 2}


def test_a_failure_keeps_its_reason_and_attempt_and_the_run_goes_on(chest_lake: catalog.Lake) -> None:
    bad = Bad(how="input", only="ct")
    report = run(chest_lake, bad)
    assert (report.tally.done, report.tally.failed) == (2, 1)
    query = "SELECT layer, input, image_id, error, message, attempt FROM failures"
    said = ("rois", "test-bad", "ct", "odd", "this image cannot be meant; take another")
    assert rows(chest_lake, query) == [(*said, 1)]
    assert states(chest_lake, bad) == {"failed": 1, "fresh": 2}
    assert run(chest_lake, bad).tally.failed == 0
    assert run(chest_lake, bad, retry_failed=True).tally.failed == 1
    assert rows(chest_lake, query) == [(*said, 2)]


def test_a_failure_goes_when_the_next_try_succeeds(chest_lake: catalog.Lake) -> None:
    run(chest_lake, Bad(how="input", only="ct"))
    report = run(chest_lake, Bad(how="nothing", only="ct"))
    assert report.tally.done == 3
    assert rows(chest_lake, "SELECT count(*) FROM failures") == [(0,)]


@pytest.mark.parametrize(
    ("made", "how", "kind"),
    [
        (Bad, "raise", "ValueError"),
        (Bad, "memory", "memory"),
        (Bad, "outside", "box"),
        (Bad, "infinite", "box"),
        (Bad, "mask", "mask-size"),
        (Bad, "text", "result"),
        (Bad, "score", "result"),
        (Bad, "kind", "result"),
        (Bad, "edges", "result"),
        (Bad, "probabilities", "result"),
        (BadText, "empty", "empty"),
        (BadText, "number", "result"),
        (BadVector, "nan", "nan"),
        (BadVector, "two", "result"),
        (Bad, "word", "result"),
        (Bad, "later", "RuntimeError"),
        (Bad, "bytes", "OSError"),
        (Bad, "huge", "result"),
        (Bad, "half", "result"),
        (BadText, "half", "result"),
        (BadVector, "complex", "vector"),
    ],
)
def test_a_bad_result_is_the_failure_of_its_image_alone(
    chest_lake: catalog.Lake, made: type[Bad], how: str, kind: str
) -> None:
    report = run(chest_lake, made(how=how, only="ct"))
    assert (report.tally.done, dict(report.tally.reasons)) == (2, {kind: 1})
    assert rows(chest_lake, "SELECT image_id, error FROM failures") == [("ct", kind)]


def test_what_is_returned_twice_is_one_row(chest_lake: catalog.Lake) -> None:
    assert [run(chest_lake, made).tally.made for made in (Bad(how="twice"), BadText(how="text"))] == [3, 3]
    assert rows(chest_lake, "SELECT layer, sum(made) FROM outcomes GROUP BY 1 ORDER BY 1") == [
        ("coarse_caption", 3),
        ("rois", 3),
    ]


def test_rows_that_could_not_be_made_anew_stay_and_are_stale(chest_lake: catalog.Lake) -> None:
    run(chest_lake, Bad(how="box"))
    run(chest_lake, Bad(how="raise"))
    assert rows(chest_lake, "SELECT count(*) FROM rois WHERE generator = 'test-bad'") == [(3,)]
    assert rows(chest_lake, "SELECT reason, count(*) FROM stale GROUP BY 1") == [("failed", 3)]
    assert chest_lake.slice(stale="rois").count() == 3
    assert states(chest_lake, Bad(how="raise")) == {"failed": 3}
    assert states(chest_lake, Bad(how="box")) == {"stale": 3}
    run(chest_lake, Bad(how="box"))
    assert rows(chest_lake, "SELECT count(*) FROM stale") == [(0,)]
    assert rows(chest_lake, "SELECT count(*) FROM rois WHERE generator = 'test-bad'") == [(3,)]


def test_memory_that_runs_out_halves_the_batch(pictures: catalog.Lake) -> None:
    report = run(pictures, Bad(how="memory", only="no such image"))
    assert (report.tally.done, report.tally.failed, report.progress.batch_size) == (PICTURES, 0, 1)


def test_a_generator_that_returns_too_few_results_is_stopped(chest_lake: catalog.Lake) -> None:
    with pytest.raises(TriptychError, match="test-bad returned 2 results for 3 images"):
        run(chest_lake, Bad(how="few"))
    assert rows(chest_lake, "SELECT count(*) FROM outcomes") == [(0,)]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Rude(how="none"), "the generator test-rude returned a NoneType for 3 images; generate must return one list"),
        (Rude(how="flat"), "the generator test-rude returned a int for an image"),
        (Rude(how="one"), "the generator test-rude returned a Text for 3 images"),
        (Rude(how="load"), "the generator test-rude cannot be loaded: RuntimeError: no kernel image is available"),
        (Rude(how="number"), "the generator test-rude names its model by 5, which is no text"),
        (Rude(how="identity"), "the generator test-rude cannot tell its model: KeyError: 'model'"),
        (NoColumn(), "test-no-column reads the column 'colour', which images does not have"),
    ],
)
def test_a_broken_contract_ends_the_run_with_the_name_of_the_generator(
    chest_lake: catalog.Lake, made: Generator, said: str
) -> None:
    with pytest.raises(TriptychError, match=re.escape(said)):
        run(chest_lake, made)
    assert rows(chest_lake, "SELECT count(*) FROM outcomes") == [(0,)]


@pytest.mark.parametrize(
    ("how", "workers", "why"), [("bucket", 0, "finds no bucket"), ("unsent", 2, "cannot be sent to its model")]
)
def test_what_cannot_go_on_is_the_failure_of_its_image(
    chest_lake: catalog.Lake, how: str, workers: int, why: str
) -> None:
    tally = run(chest_lake, Rude(how=how), workers=workers).tally
    assert (tally.done, tally.failed) == (0, 3)
    assert all(why in example for example in tally.examples.values())


def test_a_generator_that_workers_cannot_make_is_told(chest_lake: catalog.Lake) -> None:
    with pytest.raises(TriptychError, match="cannot be made in another process: ValueError: invalid literal"):
        run(chest_lake, Lost(), workers=1)


def test_an_old_snapshot_cannot_be_filled(chest_lake: catalog.Lake) -> None:
    with pytest.raises(UsageError, match="not on snapshot 1; leave --at out"):
        run(chest_lake, Caption(), {"at": 1})


def test_an_image_whose_file_is_gone_fails_with_its_address(pictures: catalog.Lake, tmp_path: Path) -> None:
    ((uri,),) = rows(pictures, "SELECT min(uri) FROM images")
    moved = Path(uri).rename(tmp_path / "moved.png")
    try:
        report = run(pictures, Bright(), workers=2)
    finally:
        moved.rename(uri)
    assert dict(report.tally.reasons) == {"missing": 1}
    assert uri in report.tally.examples["missing"]
    assert run(pictures, Bright(), retry_failed=True).tally.done == 1


def test_an_image_whose_file_has_changed_fails(pictures: catalog.Lake) -> None:
    ((uri,),) = rows(pictures, "SELECT min(uri) FROM images")
    before = Path(uri).read_bytes()
    Image.fromarray(np.zeros((100, 90), np.uint8)).save(uri)
    try:
        report = run(pictures, Bright(), workers=2)
    finally:
        Path(uri).write_bytes(before)
    assert dict(report.tally.reasons) == {"changed": 1}
    assert "has changed since it was taken in: it is 90x100, not " in report.tally.examples["changed"]


def test_the_death_of_a_worker_is_the_failure_of_one_image(pictures: catalog.Lake) -> None:
    ((name,),) = rows(pictures, "SELECT min(image_id) FROM images")
    report = run(pictures, Bad(how="die", only=name), workers=2)
    assert (report.tally.done, dict(report.tally.reasons)) == (PICTURES - 1, {"crash": 1})


def test_a_worker_that_dies_while_it_answers_is_noticed(pictures: catalog.Lake) -> None:
    ((name,),) = rows(pictures, "SELECT min(image_id) FROM images")
    report = run(pictures, HalfSent(only=name), workers=2)
    assert (report.tally.done, dict(report.tally.reasons)) == (PICTURES - 1, {"crash": 1})


def test_a_run_in_which_everything_fails_stops_early(tmp_path: Path, take_in: TakeIn) -> None:
    from catalog.records import Image

    images = [Image(image_id=f"i{number}", modality="CT", content_hash=str(number)) for number in range(500)]
    with catalog.init(tmp_path / "lake") as lake:
        take_in(lake.layout, {"all": images})
        with pytest.raises(TriptychError, match="all of the first 64 images failed: 64 x odd, such as: this image"):
            run(lake, Bad(how="input"))
        assert rows(lake, "SELECT count(*) FROM failures") == [(64,)]


def test_a_limit_is_kept(pictures: catalog.Lake) -> None:
    assert run(pictures, Bright(), limit=5).committed == 5
    assert states(pictures, Bright()) == {"fresh": 5, "missing": PICTURES - 5}


def test_a_slice_is_kept(pictures: catalog.Lake) -> None:
    report = run(pictures, Bright(), {"where": "width = 64"})
    assert (
        report.pending.images
        == report.committed
        == rows(pictures, "SELECT count(*) FROM images WHERE width = 64")[0][0]
    )


def test_images_between_those_that_another_run_has_taken_are_free(pictures: catalog.Lake) -> None:
    keys = np.array(sorted(key for (key,) in rows(pictures, "SELECT image_key FROM images")), dtype=np.int64)
    with staged(pictures) as one, staged(pictures) as other:
        first = Claims(pictures.layout, one, "g", "a")
        assert first.take(keys[::2], 3).sum() == 3
        second = Claims(pictures.layout, other, "g", "a")
        assert keys[second.take(keys, 100)].tolist() == sorted({*keys.tolist()} - {*keys[::2][:3].tolist()})
        assert second.others
        assert Claims(pictures.layout, other, "g", "other settings").take(keys, 100).all()


@contextmanager
def staged(lake: catalog.Lake) -> Iterator[Path]:
    """The staging folder of a live run."""
    run_ = staging.new_run("g", fingerprint="a", options={}, host="h", version="0")
    with staging.open_run(lake.layout, run_) as folder:
        yield folder
