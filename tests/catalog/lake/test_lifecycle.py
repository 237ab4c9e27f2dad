"""A lake is made, moved, opened by others, and refused when it cannot be understood."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from pydicom.data import get_testdata_file

import catalog
from catalog import sqlfiles
from catalog.errors import LakeError, UsageError
from catalog.lake import schema
from catalog.lake.commit import locked
from catalog.lake.layout import FORMAT, locate
from catalog.lake.lifecycle import create, find
from catalog.records import Image, Roi
from catalog.sqlfiles import SqlFile
from tests.conftest import TakeIn, chest_and_brain, take_in


def edit_config(lake: catalog.Lake, **values: object) -> None:
    path = lake.layout.root / "lake.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize("metadata", ["sqlite", "duckdb"])
def test_a_new_lake_has_every_table_and_view_of_the_sql_folder(tmp_path: Path, metadata: str) -> None:
    with catalog.init(tmp_path / "l", metadata=metadata) as lake:
        found = {name for (name,) in lake.sql("SHOW TABLES").fetchall()}
    wanted = {file.name for room in ("tables", "views") for file in sqlfiles.listing(room)}
    assert found == wanted


def test_sqlite_metadata_is_in_wal_mode(lake: catalog.Lake) -> None:
    with sqlite3.connect(lake.layout.metadata) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_every_table_view_and_column_has_a_comment(lake: catalog.Lake) -> None:
    uncommented = lake.sql(
        """
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE database_name = 'lake' AND comment IS NULL
            AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake')
        UNION ALL SELECT table_name, NULL FROM duckdb_tables() WHERE database_name = 'lake' AND comment IS NULL
        UNION ALL SELECT view_name, NULL FROM duckdb_views() WHERE database_name = 'lake' AND comment IS NULL
        """
    ).fetchall()
    assert uncommented == []


def test_views_are_made_in_an_order_that_names_each_of_them() -> None:
    assert set(schema.VIEWS) == {file.name for file in sqlfiles.listing("views")}


def test_the_secret_is_for_its_owner_alone(lake: catalog.Lake) -> None:
    assert (lake.layout.root / "secret.key").stat().st_mode & 0o077 == 0


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"not empty \(it holds 'thesis.txt'\)"):
        catalog.init(tmp_path)


def test_init_killed_half_way_can_be_repeated(tmp_path: Path) -> None:
    layout = create(tmp_path / "l")
    (layout.root / "lake.json").unlink()
    with catalog.init(tmp_path / "l") as lake:
        assert lake.slice().count() == 0


def test_no_lake_is_an_error_that_names_init(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"no lake at .* triptych init"):
        catalog.open(tmp_path / "nowhere")


def test_a_newer_lake_is_refused(lake: catalog.Lake) -> None:
    edit_config(lake, format=FORMAT + 1)
    with pytest.raises(LakeError, match=f"has format {FORMAT + 1}, this Triptych reads up to {FORMAT}"):
        catalog.open(lake.layout.root)


def test_a_damaged_config_is_one_clear_error(lake: catalog.Lake) -> None:
    (lake.layout.root / "lake.json").write_text('{"format": ')
    with pytest.raises(LakeError, match="is damaged"):
        catalog.open(lake.layout.root)


def test_an_older_lake_is_migrated_when_it_is_opened(lake: catalog.Lake) -> None:
    with locked(lake.layout) as connection:
        connection.execute("DROP VIEW coverage")
    edit_config(lake, format=FORMAT - 1)
    with catalog.open(lake.layout.root) as opened:
        assert opened.sql("SELECT count(*) FROM coverage").fetchall() == [(0,)]
    assert locate(lake.layout.root).format == FORMAT


def test_a_lake_without_row_keys_is_given_them(chest_lake: catalog.Lake) -> None:
    added = {
        "images": ("image_key", "profile"),
        "rois": ("image_key", "profile"),
        "descriptions": ("image_key", "profile", "modality", "source", "organ", "disease"),
        "findings": ("image_key",),
    }
    late = Roi(image_id="late", label="l", kind="lesion", x0=1, y0=1, x1=3, y1=3, width=9, height=9)
    image = Image(image_id="late", modality="Thermography", content_hash="9", width=9, height=9)
    for name in ("one", "two"):  # rows that are updated in the commit which brings them have a rowid beyond 10^18
        told = [replace(image, image_id=name), replace(late, image_id=name), replace(late, image_id=name)]
        take_in(chest_lake.layout, {name: told})
    zone = {"roi_zone": "upper-middle left-center"}
    queries = [chest_lake.slice(organ="lung"), chest_lake.slice(roi_kind="lesion"), chest_lake.slice(**zone)]
    counts = [found.count() for found in queries]
    old = chest_lake.snapshot() + 1
    with locked(chest_lake.layout) as connection:
        connection.execute("BEGIN")
        for table, columns in added.items():
            connection.execute(f"ALTER TABLE {table} RESET SORTED BY")
            for column in columns:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("DROP TABLE image_ids")
        connection.execute("DROP TABLE profiles")
        connection.execute("DROP TABLE roi_index")
        connection.execute("COMMIT")
    edit_config(chest_lake, format=1)
    chest_lake.close()
    with catalog.open(chest_lake.layout.root) as opened:
        again = [opened.slice(organ="lung"), opened.slice(roi_kind="lesion"), opened.slice(**zone)]
        assert [found.count() for found in again] == counts
        assert counts[2] >= 2
        assert opened.sql("SELECT count(*) FROM rois JOIN images USING (image_key, image_id, profile)").fetchall() == [
            (5,)
        ]
        assert opened.sql("SELECT count(DISTINCT image_key) FROM images").fetchall() == [(5,)]
        astray = "image_key >> 34 <> image_cluster(modality, organ, disease)"
        assert opened.sql(f"SELECT count(*) FROM images WHERE {astray}").fetchall() == [(0,)]
        with pytest.raises(UsageError, match="older Triptych's format"):
            opened.slice(at=old).count()
        assert opened.snapshots().column("message").to_pylist()[-1] == f"migrated to format {FORMAT}"


def test_a_migration_runs_the_statements_between_the_two_formats(lake: catalog.Lake) -> None:
    def step(number: str, column: str) -> SqlFile:
        return SqlFile(f"{number}_{column}", "", (), "", f"ALTER TABLE images ADD COLUMN {column} VARCHAR")

    with locked(lake.layout) as connection:
        schema.migrate(
            connection, found=1, wanted=2, files=[step("0001", "old"), step("0002", "wanted"), step("0003", "later")]
        )
        columns = {name for (name, *_) in connection.execute("DESCRIBE images").fetchall()}
    assert "wanted" in columns
    assert not columns & {"old", "later"}


def test_a_moved_lake_reads_its_own_files(chest_lake: catalog.Lake, tmp_path: Path) -> None:
    chest_lake.close()
    moved = tmp_path / "elsewhere" / "lake 2"
    moved.parent.mkdir()
    chest_lake.layout.root.rename(moved)
    with catalog.open(moved) as lake:
        assert sorted(lake.slice().to_arrow().column("image_id").to_pylist()) == ["ct", "mri", "xray"]


def test_a_write_after_a_move_tells_the_metadata_where_the_files_are(chest_lake: catalog.Lake, tmp_path: Path) -> None:
    chest_lake.close()
    moved = chest_lake.layout.root.rename(tmp_path / "moved")
    with catalog.open(moved, write=True) as lake:
        lake.save_slice("all")
        with sqlite3.connect(lake.layout.metadata) as connection:
            recorded = connection.execute("SELECT value FROM ducklake_metadata WHERE key = 'data_path'").fetchone()
    assert recorded == (f"{moved}/data/",)


def test_a_copied_lake_does_not_read_the_original(chest_lake: catalog.Lake, tmp_path: Path) -> None:
    shutil.copytree(chest_lake.layout.root, tmp_path / "copy")
    chest_lake.close()
    shutil.rmtree(chest_lake.layout.data)
    with catalog.open(tmp_path / "copy") as lake:
        assert lake.sql("SELECT max(width) FROM images").fetchall() == [(200,)]


def test_a_plain_duckdb_sees_the_same_tables_and_views(chest_lake: catalog.Lake, tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import importlib.util, pathlib, duckdb
        connection = duckdb.connect()
        for name in ("ducklake", "sqlite_scanner"):
            wheel = pathlib.Path(importlib.util.find_spec(f"duckdb_extension_{{name}}").origin).parent
            connection.execute(f"LOAD '{{next(wheel.rglob('*.duckdb_extension'))}}'")
        connection.execute("ATTACH '{chest_lake.layout.ducklake_uri}' AS triptych (READ_ONLY)")
        print(connection.execute("SELECT count(*), max(width) FROM triptych.images").fetchone())
        print(connection.execute("SELECT count(roi_id) FROM triptych.triplets").fetchone())
        print(connection.execute("SELECT triptych.zone('left', 'upper')").fetchone())
        print(sorted(name for (name,) in connection.execute("SHOW TABLES FROM triptych").fetchall()))
    """)
    seen = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    rows, regions, zone, names = seen.stdout.splitlines()
    assert (rows, regions, zone) == ("(3, 200)", "(3,)", "('upper left',)")
    assert names == str(sorted(name for (name,) in chest_lake.sql("SHOW TABLES").fetchall()))


def test_a_time_travel_reader_sees_the_past(chest_lake: catalog.Lake) -> None:
    before_anything = int(chest_lake.snapshots().column("snapshot")[1].as_py())
    assert chest_lake.slice(at=before_anything).count() == 0
    assert chest_lake.slice().count() == 3


def test_a_snapshot_that_is_not_there_is_an_error(chest_lake: catalog.Lake) -> None:
    with pytest.raises(UsageError, match="no snapshot 999"):
        chest_lake.slice(at=999).count()


def test_damaged_metadata_is_one_clear_error(chest_lake: catalog.Lake) -> None:
    chest_lake.close()
    chest_lake.layout.metadata.write_bytes(b"not a database, not at all" * 100)
    for suffix in ("-wal", "-shm"):
        Path(f"{chest_lake.layout.metadata}{suffix}").unlink(missing_ok=True)
    with pytest.raises(LakeError, match="cannot open the lake"):
        catalog.open(chest_lake.layout.root).slice().count()


def test_find_leaves_a_current_lake_alone(lake: catalog.Lake) -> None:
    before = (lake.layout.root / "lake.json").stat().st_mtime_ns
    find(lake.layout.root)
    assert (lake.layout.root / "lake.json").stat().st_mtime_ns == before


def test_the_extension_of_another_duckdb_is_named(monkeypatch: pytest.MonkeyPatch, lake: catalog.Lake) -> None:
    monkeypatch.setattr(duckdb, "__version__", "9.9.9")
    with pytest.raises(LakeError, match=r"not for DuckDB 9\.9\.9"):
        lake.slice().count()


def test_a_lake_with_a_duckdb_file_takes_annotations_of_its_images_and_keeps_slices(
    tmp_path: Path, take_in: TakeIn
) -> None:
    with catalog.init(tmp_path / "l", metadata="duckdb") as lake:
        assert lake.slice().count() == 0
        lake.ingest(Path(str(get_testdata_file("CT_small.dcm"))))
        take_in(lake.layout, {"more": chest_and_brain()})
        assert lake.save_slice("ct", modality="CT") == 2
        assert lake.slice(slice="ct").count() == 2
        lake.drop_slice("ct")
