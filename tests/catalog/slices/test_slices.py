"""What the flags of a slice mean, on a lake of three images."""

from __future__ import annotations

from typing import Any

import pytest

import catalog
from catalog.errors import QueryError, UnknownTermError, UsageError
from catalog.lake import guard
from catalog.lake.commit import locked
from catalog.records import Image
from tests.conftest import TakeIn


def ids(lake: catalog.Lake, **said: Any) -> list[str]:
    return sorted(lake.slice(**said).to_arrow().column("image_id").to_pylist())


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, ["ct", "mri", "xray"]),
        ({"modality": "CT"}, ["ct"]),
        ({"modality": "computed tomography"}, ["ct"]),
        ({"modality": ["CT", "mr"]}, ["ct", "mri"]),
        ({"organ": "heart"}, ["ct"]),
        ({"region": "chest"}, ["ct", "xray"]),
        ({"disease": "glioma"}, ["mri"]),
        ({"source": "brats24"}, ["mri"]),
        ({"license": "cc by 4.0"}, ["ct", "mri", "xray"]),
        ({"roi_label": "nodule"}, ["ct"]),
        ({"roi_kind": "lesion"}, ["ct", "mri"]),
        ({"roi_area": (0.02, 0.02)}, ["ct"]),
        ({"roi_area": ":0.01"}, ["mri"]),
        ({"roi_area": [(0, 0.01), (0.2, 1)]}, ["ct", "mri"]),
        ({"roi_zone": "upper-middle left"}, ["ct"]),
        ({"roi_zone": "center"}, ["mri"]),
        ({"roi_count": (1, 1)}, ["mri"]),
        ({"roi_count": "0:0"}, ["xray"]),
        ({"roi_aspect": (1.1, None)}, ["ct"]),
        ({"has": "rois"}, ["ct", "mri"]),
        ({"missing": "rois"}, ["xray"]),
        ({"has": ["findings", "descriptions"]}, ["ct", "mri"]),
        ({"missing": ["findings", "descriptions"]}, ["ct", "mri", "xray"]),
        ({"has": "pixels"}, ["ct"]),
        ({"stale": "rois"}, []),
        ({"text": "NODULE left"}, ["ct"]),
        ({"text": "nodule right"}, []),
        ({"where": "width > 50 AND height < 60"}, ["ct"]),
        ({"where": "width > 50 -- wide"}, ["ct", "mri", "xray"]),
        ({"modality": "CT", "where": "width < 50"}, []),
    ],
)
def test_a_flag_leaves_these_images(chest_lake: catalog.Lake, said: dict[str, Any], wanted: list[str]) -> None:
    assert ids(chest_lake, **said) == wanted
    assert chest_lake.slice(**said).count() == len(wanted)


def test_roi_flags_together_ask_for_one_region_that_satisfies_all(chest_lake: catalog.Lake) -> None:
    assert ids(chest_lake, roi_label="nodule", roi_area=(0.02, 0.03)) == ["ct"]
    assert ids(chest_lake, roi_label="nodule", roi_area=(0.2, 0.3)) == []


def test_a_saved_slice_can_be_narrowed_and_combined(chest_lake: catalog.Lake) -> None:
    assert chest_lake.save_slice("thorax", region="thorax") == 2
    assert chest_lake.save_slice("brains", organ="brain") == 1
    assert ids(chest_lake, slice="thorax", modality="CT") == ["ct"]
    assert ids(chest_lake, slice=["thorax", "brains"]) == ["ct", "mri", "xray"]


def test_a_saved_slice_keeps_snapshot_count_and_digest(chest_lake: catalog.Lake) -> None:
    chest_lake.save_slice("ct", modality="CT")
    snapshot = chest_lake.snapshot()
    row = chest_lake.sql("SELECT filter, snapshot, count, digest FROM slices").fetchall()[0]
    assert row == ('{"modality": ["CT"]}', snapshot, 1, chest_lake.slice(where="image_id = 'ct'").digest())
    assert chest_lake.slice(slice="ct", at=snapshot).count() == 1
    with pytest.raises(UsageError, match="saved as it is now"):
        chest_lake.save_slice("past", at=snapshot)
    assert chest_lake.slice().digest() != chest_lake.slice(modality="CT").digest()


def test_a_name_is_saved_once_and_can_be_dropped(chest_lake: catalog.Lake) -> None:
    chest_lake.save_slice("a")
    with pytest.raises(UsageError, match="there is a slice 'a' already"):
        chest_lake.save_slice("a")
    chest_lake.drop_slice("a")
    with pytest.raises(UsageError, match="no slice 'a'"):
        chest_lake.drop_slice("a")


def test_a_sample_is_the_same_for_a_seed_and_another_for_another(lake: catalog.Lake, take_in: TakeIn) -> None:
    take_in(lake.layout, {"u": [Image(image_id=f"{n:03}", content_hash=f"{n}") for n in range(200)]})
    first, again, other = (ids(lake, sample=20, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 20
    assert first != ids(lake)[:20]


def test_a_split_leaves_its_part(chest_lake: catalog.Lake) -> None:
    with locked(chest_lake.layout) as writer:
        writer.execute("INSERT INTO splits VALUES ('s', 'train', 'ct'), ('s', 'test', 'mri')")
    assert ids(chest_lake, split="s=train") == ["ct"]
    with pytest.raises(UsageError, match="names no part"):
        ids(chest_lake, split="s")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"modality": "compted tomography"}, "did you mean 'computed tomography'"),
        ({"organ": "lng"}, "did you mean 'lung'"),
        ({"source": "clnic"}, "no source 'clnic' in the lake; did you mean 'clinic'"),
        ({"roi_label": "nodul"}, "did you mean 'Nodule'"),
        ({"slice": "x"}, "no slice 'x' in the lake; the lake has none yet"),
    ],
)
def test_an_unknown_term_names_the_nearest(chest_lake: catalog.Lake, said: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownTermError, match=message):
        chest_lake.slice(**said).count()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"modalty": "CT"}, "no slice flag 'modalty'; did you mean 'modality'"),
        ({"roi_area": "0.1"}, "is no range; write LO:HI"),
        ({"roi_area": "0.5:0.1"}, "is upside down"),
        ({"roi_area": (float("nan"), 1)}, "NaN is no end of a range"),
        ({"roi_kind": "lesions"}, "no ROI kind 'lesions'; did you mean 'lesion'"),
        ({"has": "roi"}, "no layer 'roi'; did you mean 'rois'"),
        ({"roi_zone": "uper left"}, "no zone 'uper'; did you mean 'upper'"),
        ({"modality": ""}, "an empty value for --modality"),
        ({"sample": -1}, "no whole number"),
    ],
)
def test_an_impossible_value_is_wrong_usage(chest_lake: catalog.Lake, said: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        chest_lake.slice(**said).count()


@pytest.mark.parametrize(
    "where",
    [
        "width >",
        "1 = 1); DROP TABLE images; --",
        "(",
        "no_such_column = 1",
        "true) OR (1 = 1",
        "1 = 1) UNION ALL SELECT * FROM images WHERE (1 = 1",
        "1 = 1 UNION ALL SELECT 1",
        "true ORDER BY 1",
        "true LIMIT 1",
        "width > $p0",
        "image_id IN (SELECT name FROM sqlite_scan('x', 'sqlite_master'))",
    ],
)
def test_a_where_that_does_not_parse_is_one_clear_line(chest_lake: catalog.Lake, where: str) -> None:
    with pytest.raises(QueryError) as caught:
        chest_lake.slice(where=where).count()
    assert "\n" not in str(caught.value)


def test_values_are_bound_and_never_part_of_the_sql(chest_lake: catalog.Lake) -> None:
    nasty = "x'; DROP TABLE images; --"
    slice_ = chest_lake.slice(text=nasty)
    assert slice_.count() == 0
    assert "DROP" not in slice_.sql


def test_facets_count_images(chest_lake: catalog.Lake) -> None:
    found = chest_lake.slice().facets("modality", "organs", "roi_kind", "roi_zone")
    assert sorted(map(tuple, (row.values() for row in found["modality"].to_pylist()))) == [
        ("CT", 1),
        ("MRI", 1),
        ("X-Ray", 1),
    ]
    assert {row["value"]: row["count"] for row in found["organs"].to_pylist()} == {"lung": 1, "heart": 1, "brain": 1}
    assert found["roi_kind"].to_pylist() == [{"value": "lesion", "count": 2}, {"value": "organ", "count": 1}]


def test_facets_of_regions_follow_the_roi_flags_of_the_slice(chest_lake: catalog.Lake) -> None:
    found = chest_lake.slice(modality="CT", roi_kind="lesion").facets("roi_label")["roi_label"]
    assert found.to_pylist() == [{"value": "Nodule", "count": 1}]


def test_an_unknown_facet_names_the_nearest(chest_lake: catalog.Lake) -> None:
    with pytest.raises(UsageError, match="no facet 'modalities'; did you mean 'modality'"):
        chest_lake.slice().facets("modalities")


def test_pages_follow_one_order(chest_lake: catalog.Lake) -> None:
    pages = [chest_lake.slice().page(limit=1, offset=n, columns="image_id").column(0).to_pylist() for n in range(4)]
    order = chest_lake.sql("SELECT image_id FROM images ORDER BY image_key").fetchall()
    assert pages == [*([name] for (name,) in order), []]


def test_a_slice_comes_as_arrow_polars_and_duckdb(chest_lake: catalog.Lake) -> None:
    ct = chest_lake.slice(modality="CT")
    assert ct.to_arrow().num_rows == ct.to_polars().height == len(ct.to_duckdb().fetchall()) == 1


READS = [
    "SELECT 1",
    "FROM images",
    "VALUES (1)",
    "WITH a AS (SELECT 1) FROM a",
    "DESCRIBE images",
    "SHOW TABLES",
    "SUMMARIZE images",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "PIVOT images ON modality USING count(*)",
    "SELECT * FROM images AT (VERSION => 2)",
    "SELECT zone('left', 'upper')",
]
WRITES_OR_LEAVES = [
    "DELETE FROM images",
    "INSERT INTO slices (name) VALUES ('x')",
    "CREATE TABLE t (a INT)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "COPY (SELECT 1) TO '{lake}/data/x.csv'",
    "COPY images TO '/tmp/x.parquet'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{lake}/data/x.csv'",
    "EXPLAIN (FORMAT json) DELETE FROM images",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '1TB'",
    "PRAGMA memory_limit = '1TB'",
    "RESET memory_limit",
    "USE memory",
    "DETACH lake",
    "CALL lake.set_option('parquet_compression', 'gzip')",
    "EXPORT DATABASE '/tmp/x'",
    "CHECKPOINT",
    "VACUUM",
    "SELECT 1; SELECT 2",
    "--EXPLAIN \nEXPLAIN ANALYZE COPY (SELECT 6 AS x) TO '{lake}/data/x.csv' /*\nSELECT 1 --*/\n",
    "EXPLAIN /* x */ ANALYZE COPY (SELECT 6 AS x) TO '{lake}/data/x.csv'",
    "SELECT * FROM sqlite_scan('{lake}/metadata.sqlite', 'ducklake_metadata')",
    "SELECT * FROM \"sqlite_scan\"/* ü */('{lake}/metadata.sqlite', 'ducklake_metadata')",
    "WITH a AS (SELECT 'ü' AS b) SELECT * FROM a, SQLITE_ATTACH('{lake}/metadata.sqlite')",
    "SELECT * FROM sqlite_query('lake', 'DELETE FROM ducklake_snapshot')",
    "FROM ducklake_merge_adjacent_files('lake')",
    "FROM lake.merge_adjacent_files()",
    "FROM checkpoint('lake')",
    "FROM query('SELECT * FROM sqlite_scan(''{lake}/metadata.sqlite'', ''x'')')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('{lake}/secret.key')",
    "SELECT * FROM read_blob('{lake}/data/../secret.key')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "SELEC 1",
    "",
    "-- nothing",
]


def test_every_table_function_of_this_duckdb_is_known_to_be_harmless_or_refused(chest_lake: catalog.Lake) -> None:
    """A newer DuckDB may bring functions that write: each has to be looked at."""
    kinds = "function_type IN ('table', 'pragma', 'table_macro')"
    query = f"SELECT DISTINCT function_name FROM duckdb_functions() WHERE {kinds}"
    found = {str(name) for (name,) in chest_lake.reader().execute(query).fetchall()}
    unknown = {name for name in found - HARMLESS if not guard.is_refused(name)}
    assert {name for name in unknown if not name.startswith(("duckdb_", "pragma_", "read_", "parquet_"))} == set()


HARMLESS = {
    "all_profiling_output",
    "collations",
    "database_list",
    "database_size",
    "extension_versions",
    "functions",
    "generate_series",
    "glob",
    "histogram",
    "histogram_values",
    "icu_calendar_names",
    "json_each",
    "json_tree",
    "metadata_info",
    "pg_timezone_names",
    "platform",
    "range",
    "repeat",
    "repeat_row",
    "show",
    "show_databases",
    "show_tables",
    "show_tables_expanded",
    "sniff_csv",
    "storage_info",
    "summary",
    "table_info",
    "test_all_types",
    "test_vector_types",
    "unnest",
    "user_agent",
    "version",
}


@pytest.mark.parametrize("query", READS)
def test_sql_may_read(chest_lake: catalog.Lake, query: str) -> None:
    assert guard.run(chest_lake.reader(), query).fetchall()


@pytest.mark.parametrize("query", WRITES_OR_LEAVES)
def test_sql_may_not_write_or_leave_the_lake(chest_lake: catalog.Lake, query: str) -> None:
    filled = query.format(lake=chest_lake.layout.root)
    with pytest.raises(QueryError) as caught:
        guard.run(chest_lake.reader(), filled).fetchall()
    assert "\n" not in str(caught.value)
    assert chest_lake.slice().count() == 3


def test_a_saved_slice_may_stand_beside_one_that_is_made_of_it(chest_lake: catalog.Lake) -> None:
    chest_lake.save_slice("CT", modality="CT")
    chest_lake.save_slice("brain-ct", slice="CT", organ="brain")
    assert chest_lake.slice(slice="brain-ct").count() == 0
    assert chest_lake.slice(slice=["CT", "brain-ct"]).count() == chest_lake.slice(slice=["brain-ct", "CT"]).count() == 1
