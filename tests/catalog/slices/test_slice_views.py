"""A view of a slice: its pages, its order, and what commits and merges do to it (nothing)."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.errors import LakeError, QueryError, UsageError
from catalog.lake.commit import locked
from catalog.lake.layout import Layout
from catalog.records import Image, Record, Roi
from catalog.slices.view import View
from tests.conftest import take_in

SHARDS, ROWS = 4, 50


def shard(number: int) -> list[Record]:
    """Images of three modalities, every second with a lesion; ids do not follow the order of storage."""
    records: list[Record] = []
    for n in range(number * ROWS, (number + 1) * ROWS):
        name = f"{(n * 37) % 1000:04}"
        modality = ("CT", "MRI", "PET")[n % 3]
        records.append(Image(image_id=name, source="s", modality=modality, width=9, height=9, content_hash=name))
        if n % 2:
            records.append(Roi(image_id=name, label="l", kind="lesion", x0=1, y0=1, x1=3, y1=3, width=9, height=9))
    return records


@pytest.fixture
def shards(lake: catalog.Lake) -> catalog.Lake:
    """A lake of four commits, some of whose images were deleted and changed later."""
    for number in range(SHARDS):
        take_in(lake.layout, {f"shard {number}": shard(number)})
    with locked(lake.layout) as writer:
        for table in ("images", "rois"):
            writer.execute(f"DELETE FROM {table} WHERE image_id::INTEGER % 7 = 0")
        writer.execute("UPDATE images SET width = 10 WHERE image_id::INTEGER % 11 = 0")
    return lake


def ids(table: Any) -> list[str]:
    names: list[str] = table.column("image_id").to_pylist()
    return names


def stored(lake: catalog.Lake, where: str = "true") -> list[str]:
    query = f"SELECT image_id FROM images WHERE {where} ORDER BY image_key"
    return [row[0] for row in lake.reader().execute(query).fetchall()]


def merge(layout: Layout) -> None:
    with locked(layout) as writer:
        writer.execute("CALL ducklake_merge_adjacent_files('lake', 'images')")


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({}, "true"),
        ({"modality": "CT"}, "modality = 'CT'"),
        ({"roi_kind": "lesion"}, "image_id IN (SELECT image_id FROM rois)"),
        ({"missing": "rois"}, "image_id NOT IN (SELECT image_id FROM rois)"),
        ({"where": "width = 10"}, "width = 10"),
        ({"where": "false"}, "false"),
    ],
)
def test_pages_follow_the_order_of_storage(shards: catalog.Lake, said: dict[str, Any], where: str) -> None:
    wanted = stored(shards, where)
    images = shards.slice(**said)
    with images.view() as view:
        assert view.count == len(wanted)
        pages = [ids(view.page(offset, 7)) for offset in range(0, len(wanted) + 7, 7)]
        assert [name for page in pages for name in page] == wanted
        assert ids(view.first(5)) == wanted[:5] == ids(images.page(limit=5))
    assert ids(images.to_arrow()) == wanted == ids(images.page(limit=-1))
    assert ids(images.page(limit=9, offset=20)) == wanted[20:29]


def test_a_page_holds_the_rows_as_the_table_has_them(shards: catalog.Lake) -> None:
    wanted = shards.slice(modality="CT").to_arrow()
    with shards.slice(modality="CT").view() as view:
        page = view.page(0, wanted.num_rows)
        assert page.equals(wanted)
        assert set(page.column("width").to_pylist()) == {9, 10}
        assert view.page(3, 2, columns="width, image_id").column("image_id").to_pylist() == ids(wanted)[3:5]


def test_past_the_end_there_are_no_rows(shards: catalog.Lake) -> None:
    with shards.slice(modality="CT").view() as view:
        assert view.page(view.count - 1, 10).num_rows == 1
        past = view.page(view.count + 5)
        assert past.num_rows == 0
        assert past.schema == view.page(0).schema
        for offset, limit in ((-1, 1), (0, -1)):
            with pytest.raises(UsageError, match="is no page"):
                view.page(offset, limit)


@pytest.fixture
def uneven(lake: catalog.Lake) -> catalog.Lake:
    """60 images in two commits whose sizes and views repeat, and are missing now and then."""
    for start in (0, 30):
        take_in(
            lake.layout,
            {
                f"from {start}": [
                    Image(
                        image_id=f"{n * 37 % 1000:04}", source="s", modality=("CT", "MRI")[n % 2], content_hash=str(n),
                        width=None if n % 5 == 0 else n * 7 % 4, height=9, view=(None, "PA", "AP")[n % 3],
                    )
                    for n in range(start, start + 30)
                ]
            },
        )  # fmt: skip
    return lake


def in_order(rows: list[dict[str, Any]], column: str, *, descending: bool) -> list[str]:
    known = sorted((row for row in rows if row[column] is not None), key=lambda row: row["image_key"])
    known.sort(key=lambda row: row[column], reverse=descending)
    return [row["image_id"] for row in [*known, *(row for row in rows if row[column] is None)]]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["width", "view", "image_id", "ingested_at"])
@pytest.mark.parametrize("said", [{}, {"modality": "MRI"}, {"where": "false"}, {"sample": 7}])
def test_a_view_follows_a_column(uneven: catalog.Lake, said: dict[str, Any], column: str, descending: bool) -> None:
    images = uneven.slice(**said)
    wanted = in_order(images.to_arrow().to_pylist(), column, descending=descending)
    with images.view(order_by=column, descending=descending) as view:
        assert ids(view.first(5)) == wanted[:5]
        assert view.count == len(wanted)
        assert ids(view.first(5)) == wanted[:5]
        pages = [ids(view.page(offset, 7, columns="height, image_id")) for offset in range(0, len(wanted) + 7, 7)]
        assert [name for page in pages for name in page] == wanted
        assert [view.place(name) for name in wanted] == list(range(len(wanted)))


def test_pages_in_the_order_of_a_column_hold_whole_rows(uneven: catalog.Lake) -> None:
    stored_rows = {row["image_id"]: row for row in uneven.slice().to_arrow().to_pylist()}
    with uneven.slice().view("width", descending=True) as view:
        page = view.page(10, 30)
        assert page.to_pylist() == [stored_rows[name] for name in ids(page)]
        assert page.column_names == uneven.slice().to_arrow().column_names


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("widht", "no column 'widht' in images; did you mean 'width'?"),
        ("organs", "images cannot be ordered by 'organs', which holds lists; choose one of single values"),
        ("extra", "images cannot be ordered by 'extra', which holds JSON; choose one of single values"),
        ("1; DROP TABLE images", "no column '1; DROP TABLE images' in images"),
        (None, "descending needs a column to order by"),
    ],
)
def test_what_cannot_be_ordered_by_is_told_at_once(lake: catalog.Lake, column: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        lake.slice().view(order_by=column, descending=True)


def test_a_view_knows_the_place_of_an_image(shards: catalog.Lake) -> None:
    wanted = stored(shards, "modality = 'CT'")
    with shards.slice(modality="CT").view() as view:
        assert [view.place(name) for name in wanted] == list(range(len(wanted)))
        others = stored(shards, "modality <> 'CT'")
        assert {view.place(name) for name in (*others, "no such image", "")} == {None}
        with pytest.raises(UsageError, match="ids are texts"):
            view.place(7)  # type: ignore[arg-type]


def test_an_image_is_found_again_at_another_place_after_a_commit(shards: catalog.Lake) -> None:
    with shards.slice().view() as before:
        name = ids(before.page(100, 1))[0]
        take_in(shards.layout, {"later": shard(8)})
        with shards.slice().view() as after:
            place = after.place(name)
            assert before.place(name) == 100
            assert place is not None
            assert place > 100
            assert ids(after.page(place, 1)) == [name]


def test_an_endless_order_is_stopped_by_closing(shards: catalog.Lake) -> None:
    endless = "(SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range % 9 = b.range % 7 + width) >= 0"
    view = shards.slice(where=endless).view("width")
    view.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("view of")]


def test_a_sample_has_a_view(shards: catalog.Lake) -> None:
    images = shards.slice(sample=20, seed=3)
    with images.view() as view:
        assert view.count == 20
        assert ids(view.page(0)) == ids(images.to_arrow()) == ids(view.page(0, 10)) + ids(view.page(10, 10))


COMMIT = """
import sys
from catalog.lake.commit import locked
from catalog.lake.layout import locate
from tests.catalog.slices.test_slice_views import merge, shard
from tests.conftest import take_in

layout = locate(sys.argv[1])
take_in(layout, {"later": shard(8)})
with locked(layout) as writer:
    writer.execute("DELETE FROM images WHERE modality = 'MRI'")
merge(layout)
"""


def test_a_view_stays_as_it_is_while_another_process_commits_and_merges(shards: catalog.Lake) -> None:
    wanted = shards.slice().to_arrow()
    with shards.slice().view() as view, shards.slice(roi_kind="lesion").view() as lesions:
        before, snapshot, found = ids(view.page(0, 30)), view.snapshot, ids(lesions.page(0, 1000))
        command = [sys.executable, "-c", COMMIT, str(shards.layout.root)]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[3])
        assert view.page(0, 1000).equals(wanted)
        assert (ids(view.page(0, 30)), view.snapshot, view.count) == (before, snapshot, wanted.num_rows)
        assert ids(lesions.page(0, 1000)) == found
        with shards.slice().view() as newer:
            assert newer.snapshot == shards.snapshot() > snapshot
            assert sorted(ids(newer.page(0, 1000))) == sorted(stored(shards))


def test_a_view_of_the_past_shows_the_past(shards: catalog.Lake) -> None:
    snapshot, wanted = shards.snapshot(), stored(shards)
    with locked(shards.layout) as writer:
        writer.execute("DELETE FROM images")
    with shards.slice(at=snapshot).view() as view:
        assert (view.snapshot, ids(view.page(0, 1000))) == (snapshot, wanted)


def test_files_that_were_removed_are_told(shards: catalog.Lake) -> None:
    with shards.slice().view() as view:
        view.wait()
        for file in shards.layout.data.glob("main/images/*.parquet"):
            file.unlink()
        with pytest.raises(LakeError, match="this snapshot is gone"):
            view.page(0)


def test_two_threads_may_page_at_once(shards: catalog.Lake) -> None:
    wanted = stored(shards)
    wrong: list[int] = []

    def read(view: View, step: int) -> None:
        wrong.extend(n for n in range(0, 100, step) if ids(view.page(n, 4)) != wanted[n : n + 4])

    with shards.slice().view() as view:
        threads = [threading.Thread(target=read, args=(view, step)) for step in (5, 7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_closing_stops_the_worker_and_whoever_waits(shards: catalog.Lake) -> None:
    endless = "(SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range % 9 = b.range % 7 + width) >= 0"
    view = shards.slice(where=endless).view()
    told: list[BaseException] = []

    def wait() -> None:
        try:
            view.page(0)
        except UsageError as error:
            told.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not view.ready
    view.close()
    waiting.join(10)
    assert str(told[0]) == "this view is closed; make another"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("view of")]
    view.close()


def test_what_goes_wrong_in_the_worker_is_told_to_the_caller(shards: catalog.Lake) -> None:
    with shards.slice(where="image_id::DATE IS NULL").view() as view:
        for use in (view.wait, lambda: view.count, lambda: view.page(0), view.first):
            with pytest.raises(QueryError, match="Conversion Error"):
                use()
        assert view.ready


@pytest.mark.parametrize(
    "columns",
    ["no_such", "* FROM rois --", "DISTINCT modality", "1 AS a; COPY (SELECT 42) TO 'x.csv'", "image_id, $p0", ""],
)
def test_only_columns_can_be_asked_for(shards: catalog.Lake, columns: str) -> None:
    images = shards.slice()
    with images.view() as view:
        for ask in (view.first, view.page, images.page, images.stream):
            with pytest.raises(UsageError, match="no column"):
                ask(columns=columns) if ask != view.page else view.page(0, columns=columns)


def test_a_view_of_an_expired_snapshot_says_so(shards: catalog.Lake) -> None:
    with shards.slice().view() as view:
        view.wait()
        with locked(shards.layout) as writer:
            writer.execute("DELETE FROM images")
        shards.compact(expire="0s")
        with pytest.raises(LakeError, match="this snapshot is gone"):
            view.page(0)


def test_a_lake_can_be_closed_while_a_view_is_made(shards: catalog.Lake) -> None:
    endless = "(SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range <> b.range) > 0"
    view = shards.slice(where=endless).view()
    shards.close()
    with pytest.raises((QueryError, UsageError)):
        view.wait()
    with pytest.raises(UsageError, match="this lake is closed"):
        shards.slice()
    view.close()


def test_a_slice_serves_several_threads_at_once(shards: catalog.Lake) -> None:
    images = shards.slice(modality="CT")
    wanted, wrong = (images.count(), ids(images.page(limit=5))), []

    def ask() -> None:
        wrong.extend(1 for _ in range(10) if (images.count(), ids(images.page(limit=5))) != wanted)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
