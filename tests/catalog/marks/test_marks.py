"""Marks count what the lake counts, on random lakes and slices."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.api.slice import Slice
from catalog.errors import QueryError, UsageError
from catalog.lake.commit import locked
from catalog.marks import counting, reading
from catalog.marks.marks import COLUMNS
from catalog.slices.filter import LAYERS, make
from tests.catalog.slices.worked import fill, records
from tests.conftest import opened_copy, take_in

LAKES = 2


@pytest.fixture(scope="module", params=range(LAKES))
def worked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_template: Path
) -> Iterator[catalog.Lake]:
    """A random lake; of every second some images and regions were deleted again."""
    with opened_copy(empty_template, tmp_path_factory.mktemp("marks") / "lake") as made:
        fill(made, 11 * request.param, images=160)
        if request.param % 2:
            with locked(made.layout) as writer:
                for table in ("images", "rois", "descriptions", "findings", "outcomes", "roi_index"):
                    writer.execute(f"DELETE FROM {table} WHERE image_key % 7 = 0")
                writer.execute("DELETE FROM profiles")
                writer.execute(
                    """INSERT INTO profiles BY NAME SELECT profile, modality, region, organ, organs, disease, diseases,
                    source, subset, view, laterality, license, redistributable, count(*) AS images
                    FROM images GROUP BY ALL"""
                )
        yield made


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.marks.arrays.BLOCK", 64)
    monkeypatch.setattr("catalog.marks.reading.BLOCK", 64)
    monkeypatch.setattr("catalog.marks.reading._ROWS", 70)


def drawn(seed: int) -> dict[str, Any]:
    """A random filter of none to four flags, most of which marks tell by themselves."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    every: dict[str, Any] = {
        "modality": draw.choice(("CT", ["CT", "MRI"])),
        "organ": draw.choice(("lung", ["heart", "brain"])),
        "disease": draw.choice(("glioma", ["glioma", "edema"])),
        "source": draw.choice(("north", "south")),
        "region": "thorax",
        "roi_kind": draw.choice(("lesion", ["organ", "other"])),
        "roi_zone": draw.choice(("center", "upper left", ["middle", "lower right"])),
        "roi_area": draw.choice(((0, 0.001), (0.01, 0.1), [(0, 0.005), (0.1, 0.25)], (None, 0.01), (0.02, 0.3))),
        "roi_label": "cyst",
        "roi_count": (2, 9),
        "where": "width = 100 AND image_key % 2 = 0",
        "license": "CC0-1.0",
        **{name: draw.choice((draw.choice(LAYERS), draw.sample(LAYERS, 2))) for name in ("has", "missing", "stale")},
    }
    return {name: every[name] for name in draw.sample(sorted(every), draw.randint(0, 4))}


def plain(images: Slice) -> dict[str, list[dict[str, Any]]]:
    return {column: table.to_pylist() for column, table in images.facets(*COLUMNS, "roi_label").items()}


@pytest.mark.parametrize("seed", range(8))
def test_marks_count_what_the_lake_counts(worked: catalog.Lake, seed: int) -> None:
    said = drawn(100 * len(worked.snapshots()) + seed)
    images, filter_ = worked.slice(**said), make(**said)
    marks = worked.marks()
    wanted = plain(images)
    with images.view() as view:
        for shown in (None, view):
            found = marks.facets(filter_, (*COLUMNS, "roi_label"), view=shown)
            assert {column: table.to_pylist() for column, table in found.items()} == wanted
            assert marks.coverage(filter_, view=shown).equals(images.coverage())
            assert marks.count(filter_, view=shown) == view.count


@pytest.mark.parametrize("seed", range(10))
def test_freed_facets_are_those_without_their_own_flag(
    worked: catalog.Lake, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = drawn(100 * len(worked.snapshots()) + seed)
    own = {"organs": "organ", "diseases": "disease"}
    marks, columns = worked.marks(), (*COLUMNS, "roi_label")
    marks.wait()
    marks._worker.join()
    monkeypatch.setattr(marks, "_kept", {})
    with worked.slice(**said).view() as view:
        for shown, summed in ((None, True), (view, True), (None, False)):
            if not summed:
                monkeypatch.setattr(marks, "_sums", None)
                marks._kept.clear()
            found = marks.facets(make(**said), columns, view=shown, freed=True)
            for column in COLUMNS:
                others = {flag: words for flag, words in said.items() if flag != own.get(column, column)}
                assert found[column].to_pylist() == worked.slice(**others).facets(column)[column].to_pylist(), column
            others = {flag: words for flag, words in said.items() if flag not in ("has", "missing", "stale")}
            assert marks.coverage(make(**said), view=shown, freed=True).equals(worked.slice(**others).coverage())


@pytest.mark.parametrize("said", [{}, {"modality": "CT"}, {"organ": "lung", "source": "north"}, {"disease": "glioma"}])
def test_sums_by_profile_are_what_looking_at_every_image_gives(worked: catalog.Lake, said: dict[str, Any]) -> None:
    marks = worked.marks()
    marks.wait()
    marks._worker.join()
    assert marks.summed
    summed = marks.facets(make(**said), COLUMNS), marks.coverage(make(**said)), marks.count(make(**said))
    sums, marks._sums = marks._sums, None
    assert summed == (marks.facets(make(**said), COLUMNS), marks.coverage(make(**said)), marks.count(make(**said)))
    marks._sums = sums
    assert {name: table.to_pylist() for name, table in summed[0].items()} == {
        name: rows for name, rows in plain(worked.slice(**said)).items() if name in COLUMNS
    }


def test_most_slices_need_neither_a_view_nor_the_lake(worked: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = worked.marks()
    marks.wait()
    monkeypatch.setattr("catalog.marks.marks.Marks._selection", None)
    for said in ({}, {"modality": "CT"}, {"roi_kind": "lesion", "roi_area": "0:0.001"}, {"missing": "masks"}):
        assert set(marks.facets(make(**said), COLUMNS)) == set(COLUMNS)
        assert marks.coverage(make(**said)).num_rows == len(LAYERS)


def test_a_view_of_another_slice_is_not_counted(worked: catalog.Lake) -> None:
    said = make(where="image_key % 3 = 0")
    with worked.slice(modality="CT").view() as other:
        assert worked.marks().count(said, view=other) == worked.slice(where="image_key % 3 = 0").count()


def test_marks_stay_until_a_commit(lake: catalog.Lake) -> None:
    take_in(lake.layout, {"one": list(records(1, 30))})
    before = lake.marks()
    assert lake.marks() is before
    assert before.count(make()) == 30
    take_in(lake.layout, {"two": list(records(2, 30, 30))})
    after = lake.marks()
    assert after is not before
    assert (before.count(make()), after.count(make())) == (30, 60)
    assert before.count(make(where="true")) == 30
    assert before.facets(make(), ["modality", "width"])["width"].to_pylist() == [{"value": 100, "count": 30}]
    assert after.count(make(at=before.snapshot)) == 30


def test_an_empty_lake_has_marks(lake: catalog.Lake) -> None:
    marks = lake.marks()
    plain = lake.slice().facets(*COLUMNS)
    assert {name: table.to_pylist() for name, table in marks.facets(make(), COLUMNS).items()} == {
        name: table.to_pylist() for name, table in plain.items()
    }
    assert marks.coverage(make()).equals(lake.slice().coverage())


def test_a_kind_of_region_that_is_unknown_is_asked_of_the_lake(lake: catalog.Lake) -> None:
    take_in(lake.layout, {"one": list(records(1, 30))})
    with locked(lake.layout) as writer:
        writer.execute("UPDATE rois SET kind = 'vessel' WHERE kind = 'organ'")
    found = lake.marks().facets(make(), ["roi_kind"])["roi_kind"]
    assert found.equals(lake.slice().facets("roi_kind")["roi_kind"])
    assert "vessel" in found.column("value").to_pylist()
    assert lake.marks().count(make(roi_kind="lesion")) == lake.slice(roi_kind="lesion").count()


@pytest.mark.parametrize("metadata", ["sqlite", "duckdb"])
def test_marks_of_either_kind_of_metadata(tmp_path: Path, metadata: str) -> None:
    with catalog.init(tmp_path / "lake", metadata=metadata) as lake:
        take_in(lake.layout, {"one": list(records(4, 40))})
        said = {"roi_kind": "lesion"}
        assert lake.marks().count(make(**said)) == lake.slice(**said).count() > 0


def test_an_unknown_column_and_a_closed_lake_are_told(lake: catalog.Lake) -> None:
    marks = lake.marks()
    with pytest.raises(UsageError, match="no facet 'modalty'; did you mean 'modality'"):
        marks.facets(make(), ["modalty"])
    lake.close()
    for use in (lake.marks, marks.wait, lambda: marks.count(make()), lambda: marks.coverage(make())):
        with pytest.raises(UsageError, match="this lake is closed"):
            use()


def test_whoever_waits_for_marks_can_be_stopped_alone(lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(lake.layout, {"one": list(records(4, 40))})
    go_on = threading.Event()
    read = reading.arrays
    monkeypatch.setattr("catalog.marks.reading.arrays", lambda connection: go_on.wait(60) and read(connection))
    marks, said = lake.marks(), list[str]()

    def ask() -> None:
        try:
            said.append(str(marks.count(make())))
        except QueryError as error:
            said.append(str(error))

    one, other = (threading.Thread(target=ask) for _ in range(2))
    one.start()
    other.start()
    while one.is_alive():
        lake.interrupt(of=one.ident)
        one.join(0.01)
    assert said == ["interrupted"]
    go_on.set()
    other.join()
    assert said == ["interrupted", "40"]


def test_counting_can_be_stopped_and_done_again(worked: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    marks, said = worked.marks(), make(missing="findings", source="north")
    wanted = worked.slice(missing="findings", source="north").count()
    marks.wait()
    with monkeypatch.context() as patched:
        looked = counting._count

        def stopped(*given: Any) -> None:
            marks.interrupt()
            looked(*given)

        patched.setattr("catalog.marks.counting._count", stopped)
        with pytest.raises(QueryError, match="interrupted"):
            marks.count(said)
    assert marks.count(said) == wanted


def test_marks_that_were_interrupted_say_so_and_are_begun_again(
    lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(lake.layout, {"one": list(records(4, 40))})
    endless = "SELECT a.range::BIGINT AS image_key, 1 AS code FROM range(1000000) a, range(1000000) b WHERE a.range < 0"
    begun = threading.Event()

    def slow() -> str:
        begun.set()
        return f"1 AS code FROM ({endless}) UNION ALL SELECT image_key, 1"

    with monkeypatch.context() as patched:
        patched.setattr("catalog.marks.reading.roi_codes.as_sql", slow)
        marks = lake.marks()
        assert begun.wait(10)
        while not marks.ready:
            lake.interrupt()
        with pytest.raises(QueryError, match=r"[Ii]nterrupt"):
            marks.wait()
    assert lake.marks() is not marks
    assert lake.marks().count(make()) == 40
