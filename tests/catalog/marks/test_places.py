"""Marks tell the row keys that the lake tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import catalog
from catalog.lake.commit import locked
from catalog.marks import places
from catalog.marks.marks import Marks
from catalog.slices.filter import make
from catalog.slices.view import View
from tests.catalog.slices.worked import fill

SLICES: list[dict[str, Any]] = [
    {},
    {"modality": "CT"},
    {"organ": "lung", "missing": "masks"},
    {"roi_kind": "lesion"},
    {"roi_zone": "upper left", "roi_area": "0:0.1", "has": "rois"},
    {"missing": "masks", "disease": ["glioma", "edema"]},
]
UNTOLD: list[dict[str, Any]] = [{"roi_label": "cyst"}, {"roi_count": (2, 9)}, {"where": "width = 100"}, {"at": 1}]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.marks.arrays.BLOCK", 64)
    monkeypatch.setattr("catalog.marks.reading.BLOCK", 64)
    monkeypatch.setattr("catalog.marks.reading._ROWS", 70)


@pytest.fixture
def worked(lake: catalog.Lake) -> catalog.Lake:
    fill(lake, 5, images=300)
    with locked(lake.layout) as writer:  # numbers that no image has any more
        for table in ("images", "rois", "roi_index", "descriptions", "findings"):
            writer.execute(f"DELETE FROM {table} WHERE image_key % 11 = 0")
    return lake


@pytest.fixture
def marks(worked: catalog.Lake) -> Marks:
    found = worked.marks()
    found.wait()
    return found


def keys(view: View) -> list[int]:
    found: list[int] = view.page(0, 1_000, columns="image_key").column("image_key").to_pylist()
    return found


def said_by_the_lake(lake: catalog.Lake, said: dict[str, Any]) -> list[int]:
    with View(lake.slice(**said).selection) as view:
        return keys(view)


@pytest.mark.parametrize("said", SLICES, ids=str)
def test_a_view_with_marks_holds_what_one_without_does(
    worked: catalog.Lake, marks: Marks, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = said_by_the_lake(worked, said)
    assert wanted
    monkeypatch.setattr("catalog.slices.view.kept", None)
    monkeypatch.setattr("catalog.slices.view.first_keys", None)
    with worked.slice(**said).view() as view:
        assert view.first(7, columns="image_key").column("image_key").to_pylist() == wanted[:7]
        assert keys(view) == wanted
        assert view.first(7, columns="image_key").column("image_key").to_pylist() == wanted[:7]
        last = worked.slice(where=f"image_key = {wanted[-1]}").page().column("image_id")[0].as_py()
        assert (view.count, view.place(last)) == (len(wanted), len(wanted) - 1)


@pytest.mark.parametrize("said", SLICES, ids=str)
@pytest.mark.parametrize("near", [1, 3])
def test_the_first_ones_come_from_a_part_of_the_images(
    worked: catalog.Lake, marks: Marks, said: dict[str, Any], near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_NEAR", near)
    wanted = said_by_the_lake(worked, said)
    found = marks.places(make(**said))
    assert found is not None
    for count in range(1, len(wanted) + 2):
        first = found.first(count)
        assert first is None or first.tolist() == wanted[:count]
    assert first is None


def test_a_part_that_holds_too_few_is_not_taken_for_all(marks: Marks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_NEAR", 3)
    every, rare = marks.places(make()), marks.places(make(roi_kind="lesion", roi_area="0:0.001"))
    assert every is not None
    assert rare is not None
    assert every.first(20) is not None
    assert rare.first(20) is None


@pytest.mark.parametrize("said", UNTOLD, ids=str)
def test_what_marks_do_not_tell_is_asked_of_the_lake(worked: catalog.Lake, marks: Marks, said: dict[str, Any]) -> None:
    assert marks.places(make(**said)) is None
    with worked.slice(**said).view() as view:
        assert keys(view) == said_by_the_lake(worked, said)


def test_a_wrong_word_is_told_whether_marks_are_read_or_not(worked: catalog.Lake, marks: Marks) -> None:
    for given in (marks, None):
        with pytest.raises(catalog.UnknownTermError, match="nowhere"):
            View(worked.slice(source="nowhere at all").selection, known=given)


def test_sorted_rows_are_the_lakes(worked: catalog.Lake, marks: Marks) -> None:
    with worked.slice(missing="masks").view("width", descending=True) as view:
        found = view.page(0, 1_000, columns=["width", "image_key"])
    assert found.equals(found.sort_by([("width", "descending"), ("image_key", "ascending")]))


def test_finding_all_ends_when_nobody_wants_them(marks: Marks) -> None:
    found = marks.places(make())
    assert found is not None
    assert found.all(stopped=lambda: True).size == 0
    asked: Iterator[bool] = iter([False, True])
    assert found.all(stopped=lambda: next(asked)).size == 0
    assert found.all().size > 200


def test_numbers_of_places_are_four_bytes_each(marks: Marks) -> None:
    found = marks.places(make())
    assert found is not None
    pieces = list(found.all().numbers())
    assert {piece.dtype for piece in pieces} == {np.dtype(np.uint32)}
    assert len({piece.base is None for piece in pieces}) == 1
