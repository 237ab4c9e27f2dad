"""However a count is answered (the cube, the regions alone, a scan), it is what looking at every image gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.records import Image, Record, Roi
from tests.conftest import opened_copy, take_in

MODALITIES = ("CT", "MRI", "X-Ray", None)
ORGANS = ("lung", "heart", "brain", "liver", "kidney")
DISEASES = ("pneumonia", "glioma", "lung cancer", "edema")
ZONES = ("middle center", "upper left", "lower right", "center", "upper-middle", ["upper left", "middle"])


def _records(seed: int, count: int, start: int, sources: tuple[str, ...] = ("north", "south")) -> Iterator[Record]:
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    for number in range(start, start + count):
        organs = draw.sample(ORGANS, draw.randint(0, 3))
        diseases = draw.sample(DISEASES, draw.randint(0, 2))
        image_id = f"image-{number}"
        yield Image(
            image_id=image_id, modality=draw.choice(MODALITIES), organs=organs, diseases=diseases,
            width=100, height=100, source=draw.choice(sources), content_hash=image_id,
            view=draw.choice(("PA", "AP", None)),
        )  # fmt: skip
        for _ in range(draw.choice((0, 1, 1, 2, 6))):
            x, y, size = draw.randint(0, 60), draw.randint(0, 60), draw.randint(2, 40)
            yield Roi(
                image_id=image_id, label=draw.choice(("Nodule", "nodule", "Tumor")), kind="lesion",
                x0=x, y0=y, x1=x + size, y1=y + draw.randint(2, 40), width=100, height=100,
            )  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, empty_template: Path) -> Iterator[catalog.Lake]:
    """600 random images that came in three commits; the last gives one source another licence."""
    with opened_copy(empty_template, tmp_path_factory.mktemp("mixed") / "lake") as made:
        take_in(made.layout, {"one": list(_records(1, 200, 0))}, license="CC-BY-4.0")
        take_in(made.layout, {"two": list(_records(2, 200, 150))}, license="CC-BY-4.0")
        take_in(made.layout, {"three": list(_records(3, 250, 350, ("south",)))}, license="CC0-1.0")
        yield made


@pytest.fixture(scope="module")
def images(mixed: catalog.Lake) -> list[dict[str, Any]]:
    """Every image as a dictionary, its regions under ``rois``."""
    found: list[dict[str, Any]] = mixed.sql("FROM images").to_arrow_table().to_pylist()
    rois = mixed.sql("FROM rois").to_arrow_table().to_pylist()
    return [{**image, "rois": [roi for roi in rois if roi["image_id"] == image["image_id"]]} for image in found]


def _given(seed: int) -> dict[str, Any]:
    """A random filter of one to four flags."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    every = {
        "modality": draw.choice(("CT", "MRI", ["CT", "X-Ray"])),
        "organ": draw.choice((*ORGANS, ["lung", "brain"])),
        "disease": draw.choice((*DISEASES, ["glioma", "edema"])),
        "source": draw.choice(("north", "south")),
        "license": draw.choice(("CC-BY-4.0", "CC0-1.0")),
        "roi_label": "nodule",
        "roi_area": draw.choice(((0.01, 0.05), (None, 0.02), (0.03, None))),
        "roi_aspect": draw.choice(((0.5, 1.5), (1, None))),
        "roi_zone": draw.choice(ZONES),
        "roi_count": draw.choice(((1, 2), (None, 0))),
    }
    return {name: every[name] for name in draw.sample(sorted(every), draw.randint(1, 4))}


def _holds(image: dict[str, Any], said: dict[str, Any]) -> bool:
    rois = {name: value for name, value in said.items() if name.startswith("roi_") and name != "roi_count"}
    return all(_of_image(image, name, value) for name, value in said.items() if name not in rois) and (
        not rois or any(all(_of_roi(roi, name, value) for name, value in rois.items()) for roi in image["rois"])
    )


def _of_image(image: dict[str, Any], name: str, value: Any) -> bool:
    if name == "roi_count":
        return _within(image["roi_count"], value)
    wanted = {value} if isinstance(value, str) else set(value)
    held = image[f"{name}s"] if name in ("organ", "disease") else [image[name]]
    return bool(wanted & set(held))


def _of_roi(roi: dict[str, Any], name: str, value: Any) -> bool:
    if name == "roi_label":
        return bool(roi["label"].lower() == value)
    if name == "roi_zone":
        zones = [value] if isinstance(value, str) else value
        return any(set(zone.split()) <= {roi["zone_h"], roi["zone_v"]} for zone in zones)
    return _within(roi["area_ratio" if name == "roi_area" else "aspect"], value)


def _within(number: float, ends: tuple[float | None, float | None]) -> bool:
    return (ends[0] is None or number >= ends[0]) and (ends[1] is None or number <= ends[1])


@pytest.mark.parametrize("seed", range(60))
def test_a_count_is_what_looking_at_every_image_gives(
    mixed: catalog.Lake, images: list[dict[str, Any]], seed: int
) -> None:
    said = _given(seed)
    wanted = {image["image_id"] for image in images if _holds(image, said)}
    found = mixed.slice(**said)
    assert found.count() == len(wanted)
    assert set(found.to_arrow().column("image_id").to_pylist()) == wanted


@pytest.mark.parametrize("seed", range(40))
def test_the_first_images_are_those_of_the_lowest_row_keys(
    mixed: catalog.Lake, images: list[dict[str, Any]], seed: int
) -> None:
    said = _given(seed)
    wanted = sorted((image["image_key"], image["image_id"]) for image in images if _holds(image, said))[:2]
    for _ in range(3):
        page = mixed.slice(**said).page(limit=2)
        assert page.column("image_id").to_pylist() == [image_id for _, image_id in wanted]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("column", ["modality", "disease", "organs", "diseases", "license", "view", "roi_label"])
def test_a_facet_is_what_looking_at_every_image_gives(
    mixed: catalog.Lake, images: list[dict[str, Any]], seed: int, column: str
) -> None:
    said = {name: value for name, value in _given(seed).items() if column != "roi_label" or not name.startswith("roi")}
    held = [image for image in images if _holds(image, said)]
    wanted = Counter(value for image in held for value in _values(image, column))
    table = mixed.slice(**said).facets(column)[column]
    assert dict(zip(table["value"].to_pylist(), table["count"].to_pylist(), strict=True)) == wanted


def _values(image: dict[str, Any], column: str) -> set[Any]:
    if column == "roi_label":
        return {roi["label"] for roi in image["rois"]}
    return set(image[column]) if column in ("organs", "diseases") else {image[column]}


def test_a_row_key_says_where_its_image_lies(mixed: catalog.Lake) -> None:
    astray = mixed.sql(
        "SELECT count(*) FROM images WHERE image_key >> 34 <> image_cluster(modality, organ, disease) "
        "OR profile <> image_profile(modality, region, organs, diseases, source)"
    )
    assert astray.fetchall() == [(0,)]
    assert mixed.sql("SELECT count(*) - count(DISTINCT image_key) FROM images").fetchall() == [(0,)]


@pytest.mark.parametrize("table", ["rois", "descriptions", "findings"])
def test_rows_that_speak_of_an_image_repeat_its_key(mixed: catalog.Lake, table: str) -> None:
    astray = mixed.sql(f"SELECT count(*) FROM {table} AS r ANTI JOIN images AS i USING (image_id, image_key)")
    assert astray.fetchall() == [(0,)]


def test_an_old_snapshot_has_its_own_counts(mixed: catalog.Lake) -> None:
    versions = [row["snapshot"] for row in mixed.snapshots().to_pylist()]
    counts = [mixed.slice(at=snapshot).count() for snapshot in versions[-3:]]
    assert counts == [200, 350, 600]


def test_the_index_of_regions_holds_what_regions_hold(mixed: catalog.Lake) -> None:
    columns = "image_key, profile, modality, source, label, kind, area_ratio, zone_h, zone_v"
    place = "roi_place(image_key, zone_h, zone_v, area_ratio)"
    regions, index = f"SELECT {place}, {columns} FROM rois", f"SELECT place, {columns} FROM roi_index"
    for one, other in ((regions, index), (index, regions)):
        assert mixed.sql(f"{one} EXCEPT ALL {other}").fetchall() == []
    assert mixed.sql("SELECT count(*) > 500 FROM roi_index").fetchall() == [(True,)]


@pytest.mark.parametrize("said", [{"disease": "glioma"}, {}, {"modality": "CT", "organ": "lung"}])
def test_counts_of_an_unchanged_lake_are_the_same_from_memory(mixed: catalog.Lake, said: dict[str, str]) -> None:
    told = [(found.count(), found.facets("organs", "source")) for found in [mixed.slice(**said)] * 3]
    assert told[0] == told[1] == told[2]
    assert "profiles_" in str(mixed.reader().execute("SELECT table_name FROM duckdb_tables()").fetchall())


def test_a_count_knows_what_was_committed_just_now(empty_template: Path, tmp_path: Path) -> None:
    with opened_copy(empty_template, tmp_path / "lake") as lake:
        for number in range(4):
            take_in(lake.layout, {f"batch {number}": list(_records(number, 10, number * 10))})
            counts = [lake.slice().count() for _ in range(3)]
            assert counts == [10 * number + 10] * 3
        copies = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'memory'"
        assert lake.reader().execute(copies).fetchall() == [(1,)]
