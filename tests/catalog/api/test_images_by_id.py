"""Images found by their ids."""

from __future__ import annotations

import pytest

import catalog
from catalog.errors import UsageError
from catalog.lake.commit import locked
from catalog.records import Image, Roi
from tests.conftest import TakeIn


def test_images_come_with_their_regions(chest_lake: catalog.Lake) -> None:
    found = chest_lake.images(["xray", "ct", "nowhere", "ct"])
    assert sorted(found["images"].column("image_id").to_pylist()) == ["ct", "xray"]
    assert sorted(found["rois"].column("label").to_pylist()) == ["Nodule", "heart"]
    whole = chest_lake.sql("FROM images WHERE image_id = 'ct'").to_arrow_table()
    assert chest_lake.images(["ct"])["images"].equals(whole)


def test_other_rows_come_when_they_are_asked_for(chest_lake: catalog.Lake) -> None:
    found = chest_lake.images(["ct", "mri"], also=["descriptions", "findings"])
    assert {name: rows.num_rows for name, rows in found.items()} == {"images": 2, "descriptions": 1, "findings": 1}
    with pytest.raises(UsageError, match="no rows of images in 'roi'; did you mean 'rois'"):
        chest_lake.images(["ct"], also=["roi"])


def test_no_ids_and_unknown_ids_have_no_rows(chest_lake: catalog.Lake) -> None:
    for ids in ([], ["nowhere"]):
        assert [rows.num_rows for rows in chest_lake.images(ids).values()] == [0, 0]
    with pytest.raises(UsageError, match="no image 'nowhere'"):
        chest_lake.image("nowhere")


def test_an_image_that_shares_a_hash_is_not_taken_for_another(chest_lake: catalog.Lake) -> None:
    with locked(chest_lake.layout) as writer:
        writer.execute(
            "INSERT INTO image_ids SELECT md5_number_lower('ct'), image_key FROM images WHERE image_id = 'mri'"
        )
    found = chest_lake.images(["ct"])
    assert found["images"].column("image_id").to_pylist() == ["ct"]
    assert set(found["rois"].column("image_id").to_pylist()) == {"ct"}


def test_images_are_found_after_commits_changes_and_a_merge(lake: catalog.Lake, take_in: TakeIn) -> None:
    for part in ("a", "b", "c"):
        names = [f"{part}{n}" for n in range(20)]
        images = [Image(image_id=name, modality="CT", source="s", content_hash=name) for name in names]
        rois = [Roi(image_id=name, label=name, x0=0, y0=0, x1=1, y1=1, width=9, height=9) for name in names]
        take_in(lake.layout, {part: [*images, *rois]})
    with locked(lake.layout) as writer:
        writer.execute("DELETE FROM images WHERE image_id = 'a3'")
        writer.execute("UPDATE images SET width = 7 WHERE image_id = 'b4'")
    for merge in (False, True):
        if merge:
            with locked(lake.layout) as writer:
                writer.execute("CALL ducklake_merge_adjacent_files('lake')")
        found = lake.images(["a3", "b4", "c5"])
        rows = found["images"].select(["image_id", "width"]).to_pylist()
        assert sorted(map(tuple, (row.values() for row in rows))) == [("b4", 7), ("c5", None)]
        assert sorted(found["rois"].column("label").to_pylist()) == ["a3", "b4", "c5"]
