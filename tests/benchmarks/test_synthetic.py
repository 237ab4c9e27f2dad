"""The synthetic MedTrinity: the same for the same seed, with the distributions it says, and a lake like any other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import catalog
from benchmarks.synthetic import Made, distribution, generate
from benchmarks.synthetic.blocks import BLOCK
from benchmarks.synthetic.write import batches
from catalog import vocabulary
from catalog.errors import UsageError
from catalog.geometry import boxes
from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.ingest.roi_kinds import kind_of

ROWS = 20_000
CAPTIONS = 0.1
TABLES = ("images", "rois", "descriptions")
_LAKES_OWN = {"run_id", "ingested_at", "created_at", "image_key"}


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    path = tmp_path_factory.mktemp("synthetic") / "lake"
    return path, generate(path, rows=ROWS, seed=7, captions=CAPTIONS)


@pytest.fixture(name="lake")
def _lake(made: tuple[Path, Made]) -> Iterator[catalog.Lake]:
    with catalog.open(made[0]) as lake:
        yield lake


@pytest.fixture(scope="module", name="block")
def _block() -> dict[str, pa.Table]:
    return next(batches(rows=BLOCK, seed=3))


def digests(lake: catalog.Lake) -> dict[str, str]:
    """A digest a table over every column that the commit does not write, in an order that the rows give."""
    return {table: _digest(lake, table) for table in TABLES}


def _digest(lake: catalog.Lake, table: str) -> str:
    names = [column for column in lake.sql(f"FROM {table}").columns if column not in _LAKES_OWN]
    rows = lake.sql(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1").to_arrow_table()
    return hashlib.sha256(repr(rows.to_pydict()).encode()).hexdigest()


def staged(rows: int, *, seed: int, start: int = 0) -> dict[str, pa.Table]:
    """Staged rows of a seed in one table each, without what names the batch they come in."""
    parts = list(batches(rows=rows, seed=seed, start=start, captions=CAPTIONS))
    plain = {table: [_plain(part[table]) for part in parts] for table in TABLES}
    return {table: pa.concat_tables(found) for table, found in plain.items()}


def _plain(rows: pa.Table) -> pa.Table:
    rows = rows.drop_columns([name for name in ("batch_id", "place", "image_key") if name in rows.column_names])
    kinds = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in rows.schema]
    return rows.cast(pa.schema(list(zip(rows.column_names, kinds, strict=True))))


def test_two_runs_make_the_same_rows(made: tuple[Path, Made], lake: catalog.Lake, tmp_path: Path) -> None:
    generate(tmp_path / "again", rows=ROWS, seed=7, captions=CAPTIONS)
    with catalog.open(tmp_path / "again") as again:
        assert digests(again) == digests(lake)


def test_rows_do_not_depend_on_how_many_are_made_nor_on_where_a_run_starts() -> None:
    whole = staged(BLOCK + 3_000, seed=5)
    early, late = staged(2_000, seed=5), staged(BLOCK, seed=5, start=2_000)
    for table in TABLES:
        in_parts = pa.concat_tables([early[table], late[table]])
        assert whole[table].slice(0, len(in_parts)).equals(in_parts)
        assert len(whole[table]) > len(in_parts)


def test_another_seed_makes_other_rows() -> None:
    one, other = staged(1_000, seed=1), staged(1_000, seed=2)
    assert not set(one["images"]["image_id"].to_pylist()) & set(other["images"]["image_id"].to_pylist())
    assert one["images"]["disease"] != other["images"]["disease"]


def test_the_lake_counts_what_was_made(made: tuple[Path, Made], lake: catalog.Lake) -> None:
    said = made[1]
    assert lake.slice(modality="CT").count() == said.modalities["CT"] > 0
    assert lake.slice().count() == said.images == said.published.images == ROWS
    (rois,) = lake.sql("SELECT count(*) FROM rois").fetchall()[0]
    assert rois == said.rois == said.published.rois


def test_a_second_run_goes_on_and_a_repeated_one_adds_nothing(tmp_path: Path) -> None:
    generate(tmp_path / "lake", rows=500, seed=7)
    assert generate(tmp_path / "lake", rows=500, seed=7).published.images == 0
    assert generate(tmp_path / "lake", rows=300, seed=7, start=500).published.images == 300
    with catalog.open(tmp_path / "lake") as lake:
        assert lake.slice().count() == 800


def test_a_number_out_of_its_range_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="captions=50"):
        generate(tmp_path / "lake", rows=10, seed=1, captions=50)


def test_properties_of_regions_are_those_of_the_catalog(lake: catalog.Lake) -> None:
    rows = lake.sql("SELECT r.*, i.width, i.height FROM rois AS r JOIN images AS i USING (image_id)").to_arrow_table()
    column = {name: rows.column(name).to_numpy() for name in ("x0", "y0", "x1", "y1", "width", "height")}
    edges = (column["x0"], column["y0"], column["x1"], column["y1"])
    known = boxes.properties(edges, width=column["width"], height=column["height"])
    for name in ("area_ratio", "box_ratio", "aspect"):
        assert np.array_equal(rows.column(name).to_numpy(), known[name])
    assert rows.column("zone_h").to_pylist() == [ZONES_H[place] for place in known["zone_h"]]
    assert rows.column("zone_v").to_pylist() == [ZONES_V[place] for place in known["zone_v"]]
    assert all(np.array_equal(edge, np.rint(edge)) for edge in edges)
    assert (edges[0] >= 0).all()
    assert (edges[1] >= 0).all()
    assert (edges[2] > edges[0]).all()
    assert (edges[3] > edges[1]).all()
    assert (edges[2] <= column["width"]).all()
    assert (edges[3] <= column["height"]).all()


def test_rows_repeat_their_image_and_are_counted_in_it(lake: catalog.Lake) -> None:
    repeated = "image_key, profile, modality, source, organ, disease"
    for table in ("rois", "descriptions"):
        assert not lake.sql(f"SELECT {repeated} FROM {table} EXCEPT SELECT {repeated} FROM images").fetchall()
    counted = "SELECT image_id, count(*) AS n FROM rois GROUP BY image_id"
    wrong = f"FROM images LEFT JOIN ({counted}) USING (image_id) WHERE roi_count <> coalesce(n, 0)"
    assert not lake.sql(wrong).fetchall()


def test_keys_and_profiles_are_those_an_ingest_gives(lake: catalog.Lake) -> None:
    profile = "image_profile(modality, region, organs, diseases, source)"
    cluster = "image_cluster(modality, organ, disease)"
    wrong = f"FROM images WHERE profile IS DISTINCT FROM {profile} OR (image_key >> 34) IS DISTINCT FROM {cluster}"
    assert not lake.sql(wrong).fetchall()
    assert lake.sql("SELECT count(DISTINCT image_key) FROM images").fetchall() == [(ROWS,)]


def test_ids_look_like_published_ones(block: dict[str, pa.Table]) -> None:
    ids = block["images"]["image_id"]
    uuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    assert pc.all(pc.match_substring_regex(ids, uuid)).as_py()
    for table, name in (("images", "patient_key"), ("images", "series_key"), ("rois", "roi_id")):
        assert pc.all(pc.match_substring_regex(block[table][name], "^[0-9a-f]{32}$")).as_py()
    assert len(pc.unique(ids)) == BLOCK
    assert len(pc.unique(block["rois"]["roi_id"])) == block["rois"].num_rows


def test_addresses_hold_the_file_name_as_addresses_are_quoted(block: dict[str, pa.Table]) -> None:
    rows = block["images"].select(["file_name", "uri"]).slice(0, 2_000).to_pylist()
    assert all(row["uri"].partition("!")[2] == quote(row["file_name"]) for row in rows if row["uri"])
    without = pc.mean(pc.cast(pc.is_null(block["images"]["uri"]), pa.float64())).as_py()
    assert without == pytest.approx(0.02, abs=0.005)


def test_every_word_is_a_canonical_one() -> None:
    known = distribution.load()
    for place, kind in ((known.cohorts.source, "source"), (known.cohorts.modality, "modality"),
                        (known.sites.organ, "organ"), (known.sites.also, "organ"),
                        (known.sites.diseases, "disease"), (known.sites.region, "region")):  # fmt: skip
        terms = vocabulary.load(kind)
        names = {known.words[int(code)].as_py() for code in np.unique(place) if code >= 0}
        assert {name: getattr(terms.find(name), "name", None) for name in names} == {name: name for name in names}
    spelled = {known.words[int(code)].as_py() for code in np.unique(known.cohorts.spelled) if code >= 0}
    assert all(vocabulary.load("source").find(name) for name in spelled)
    assert len(np.unique(known.cohorts.source)) == 30
    assert len(known.words) < 511  # keys.py gives a word nine bits


def test_modalities_come_as_published(block: dict[str, pa.Table]) -> None:
    found = {row["values"]: row["counts"] for row in block["images"]["modality"].value_counts().to_pylist()}
    # Images of a case come together, so that the counts of a block vary more than those of single draws would.
    assert found["MRI"] / BLOCK == pytest.approx(12_000 / 24_088, abs=0.06)
    assert found["Histopathology"] / BLOCK == pytest.approx(6_200 / 24_088, abs=0.04)
    assert found["CT"] / BLOCK == pytest.approx(5_100 / 24_088, abs=0.04)
    assert found["X-Ray"] / BLOCK == pytest.approx(656 / 24_088, abs=0.006)


def test_images_show_several_organs_and_diseases_as_often_as_said(block: dict[str, pa.Table]) -> None:
    organs, diseases = (pc.list_value_length(block["images"][name]).to_numpy() for name in ("organs", "diseases"))
    assert (organs > 1).mean() == pytest.approx(0.30, abs=0.03)
    assert (diseases > 1).mean() == pytest.approx(0.15, abs=0.03)
    assert (organs >= 1).all()
    assert all(len(set(names)) == len(names) for name in ("organs", "diseases")
               for names in block["images"][name].to_pylist()[:5_000])  # fmt: skip


def test_diseases_are_skewed(block: dict[str, pa.Table]) -> None:
    counts = sorted((row["counts"] for row in block["images"]["disease"].value_counts().to_pylist()), reverse=True)
    assert len(counts) > 65
    assert sum(counts[:10]) > 0.4 * BLOCK


def test_regions_are_as_many_as_large_and_as_central_as_said(block: dict[str, pa.Table]) -> None:
    counts, rois = block["images"]["roi_count"].to_numpy(), block["rois"]
    assert counts.mean() == pytest.approx(1.4, abs=0.03)
    assert (counts.min(), counts.max()) == (0, 6)
    area = rois["area_ratio"].to_numpy()
    assert 0.01 <= np.median(area) <= 0.02
    zones = pc.binary_join_element_wise(*(rois[name].cast(pa.string()) for name in ("zone_v", "zone_h")), " ")
    found = {row["values"]: row["counts"] / len(rois) for row in zones.value_counts().to_pylist()}
    assert len(found) == 25
    assert max(found, key=lambda zone: found[zone]) == "middle center"
    middle = np.asarray(pc.equal(zones, "middle center").combine_chunks().to_numpy(zero_copy_only=False), bool)
    assert (middle & (area >= 0.005) & (area <= 0.05)).mean() == pytest.approx(0.09, abs=0.03)


def test_labels_name_a_disease_or_an_organ_of_the_image(block: dict[str, pa.Table]) -> None:
    images = block["images"].select(["image_id", "organs", "diseases"]).slice(0, 3_000).to_pylist()
    said = {row["image_id"]: {"lesion": row["diseases"], "organ": row["organs"]} for row in images}
    rois = block["rois"].select(["image_id", "label", "kind"]).slice(0, 4_000).to_pylist()
    assert {row["kind"] for row in rois} == {"lesion", "organ", "cell"}
    assert all(row["kind"] == kind_of(row["label"]) for row in rois)
    named = [(row["label"], said[row["image_id"]]) for row in rois if row["image_id"] in said]
    assert all(label in words["lesion"] + words["organ"] for label, words in named)


def test_cases_are_neighbouring_slices_of_one_thing(block: dict[str, pa.Table]) -> None:
    mri = block["images"].filter(pc.equal(block["images"]["source"].cast(pa.string()), "brats"))
    cases: dict[str, list[dict[str, object]]] = {}
    for row in mri.select(["series_key", "slice_index", "disease", "patient_key", "width"]).to_pylist():
        cases.setdefault(row["series_key"], []).append(row)
    lengths = sorted(len(rows) for rows in cases.values())
    assert 60 <= np.median(lengths) <= 150
    for rows in cases.values():
        first = int(str(rows[0]["slice_index"]))
        assert [row["slice_index"] for row in rows] == list(range(first, first + len(rows)))
        assert len({(row["disease"], row["patient_key"], row["width"]) for row in rows}) == 1


def test_descriptions_say_what_the_rows_say(made: tuple[Path, Made], lake: catalog.Lake) -> None:
    query = """
        SELECT d.image_id, d.text, d.roi_ids, i.organ, i.disease, i.roi_count,
            list({h: r.zone_h, v: r.zone_v, label: r.label, area: r.area_ratio, id: r.roi_id}) AS regions
        FROM descriptions AS d
        JOIN images AS i USING (image_id)
        LEFT JOIN rois AS r ON list_contains(d.roi_ids, r.roi_id) AND r.image_id = d.image_id
        GROUP BY ALL
    """
    rows = lake.sql(query).to_arrow_table().to_pylist()
    assert len(rows) == made[1].descriptions == pytest.approx(CAPTIONS * ROWS, rel=0.1)
    for row in rows:
        assert len(row["roi_ids"]) == min(row["roi_count"], 2)
        assert row["organ"] in row["text"]
        assert row["disease"] is None or row["disease"] in row["text"]
        for region in row["regions"] if row["roi_ids"] else ():
            assert region["h"] in row["text"]
            assert region["v"] in row["text"]
            assert f"{max(region['area'] * 100, 0.1):.1f}%" in row["text"] or _is_half(region["area"])
    words = [len(row["text"].split()) for row in rows]
    assert 85 <= np.mean(words) <= 120
    assert not any(re.search(r"[{}]|bounding box|caption|medical knowledge|  ", row["text"]) for row in rows)


def _is_half(area: float) -> bool:
    """Whether the tenth of a percent may be rounded either way."""
    return abs(area * 1000 % 1 - 0.5) < 1e-6


def test_a_larger_share_of_captions_adds_to_a_smaller_one() -> None:
    few, many = (next(batches(rows=2_000, seed=4, captions=share))["descriptions"] for share in (0.1, 0.5))
    assert set(few["text"].to_pylist()) < set(many["text"].to_pylist())
    assert len(few) < len(many)
