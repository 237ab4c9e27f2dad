"""The command line: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.slices.filter import Filter
from tests.tui.conftest import Triptych
from tui.overview import commands, overview
from tui.slice_flags import SliceFlags


def test_help_names_every_command(triptych: Triptych) -> None:
    said = triptych("--help")
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in commands())
    assert triptych().out == said.out == overview() + "\n"


def test_the_version_is_that_of_the_package(triptych: Triptych) -> None:
    from importlib.metadata import version

    assert triptych("--version").out == f"triptych {version('triptych')}\n"


def test_the_flags_of_a_slice_are_the_fields_of_the_filter() -> None:
    assert set(SliceFlags.__dataclass_fields__) == set(Filter.__dataclass_fields__)


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        ("", 5),
        ("--modality CT", 3),
        ("--modality CT --modality MR", 4),
        ("--modality=CT --roi-area 0.0197:0.02", 3),
        ("--modality CT --roi-area :0.01", 0),
        ("--roi-kind lesion --roi-zone upper", 3),
        ("--missing rois", 1),
        ("--where width>64", 1),
        ("--text bounding --sample 2 --seed 3", 2),
        ("--at 1", 0),
    ],
)
def test_count_prints_the_number_of_images(triptych: Triptych, flags: str, count: int) -> None:
    said = triptych("count", *flags.split())
    assert (said.code, said.out, said.err) == (0, f"{count}\n", "")


@pytest.mark.parametrize(
    "argv", [("--lake", "{}", "count"), ("count", "--lake", "{}"), ("count", "--lake={}", "--quiet")]
)
def test_the_lake_may_be_named_before_or_after_the_command(
    triptych: Triptych, head_lake: Path, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    monkeypatch.delenv("TRIPTYCH_LAKE")
    assert triptych(*(word.format(head_lake) for word in argv)).out == "5\n"


@pytest.mark.parametrize(
    ("argv", "code", "line"),
    [
        (["cout"], 2, "error: no command 'cout'; did you mean 'count'?"),
        (["--lak", "x"], 2, "error: no option '--lak'; triptych --help lists them"),
        (["count", "--lake"], 2, "error: --lake needs a folder; write: --lake PATH"),
        (["count", "extra"], 2, "error: 'extra' was not expected (see: triptych count --help)"),
        (["count", "--", "--modality", "CT"], 2, "error: '--modality' was not expected behind '--' (see: "),
        (["count", "--modality", "XX"], 2, "error: no modality 'XX' in the vocabulary or the lake"),
        (["count", "--roi-area", "5"], 2, "error: --roi-area '5' is no range; write LO:HI"),
        (["count", "--where", "widht > 3"], 1, "error: Binder Error"),
        (["count", "--at", "99"], 2, "error: no snapshot 99 in the lake; triptych snapshots lists them"),
        (["facets"], 2, "error: facets needs columns to count by; write --by modality"),
        (["facets", "--by", "modalty"], 2, "error: no facet 'modalty'; did you mean 'modality'?"),
        (["show", "nope"], 2, "error: no image 'nope' in the lake; triptych ls lists them"),
        (["ls", "--limit", "-5"], 2, "error: --limit -5 is no number of rows; -1 means all"),
        (["ls", "--format", "xml"], 2, 'error: Invalid value "xml" for --format.'),
        (["--lake", "nope", "count"], 3, "error: no lake at 'nope'; make one with: triptych init 'nope'"),
        (["ingest"], 2, "error: nothing to take in; name a file or a folder"),
        (["ingest", "x", "--copy", "--link"], 2, "error: --link and --copy exclude each other; give one"),
        (["ingest", "x", "--map", "a"], 2, "error: --map 'a' is no pair; write COL=FIELD"),
        (["export", "--to", "llava"], 2, 'error: Command "export" parameter --out requires an argument'),
    ],
)
def test_an_error_is_one_line_that_says_how_to_mend_it(
    triptych: Triptych, argv: list[str], code: int, line: str
) -> None:
    said = triptych(*argv)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1


def test_an_unexpected_error_is_one_line_and_a_traceback_only_with_debug(
    triptych: Triptych, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> int:
        raise RuntimeError("a\nb")

    monkeypatch.setattr("catalog.api.slice.Slice.count", broken)
    said = triptych("count")
    assert (said.code, said.err) == (1, "error: unexpected RuntimeError: a b; run again with --debug to see where\n")
    assert "Traceback" in triptych("count", "--debug").err


def test_facets_count_the_images_of_a_slice(triptych: Triptych) -> None:
    assert json.loads(triptych("facets", "--by", "modality,organs", "--json").out) == {
        "modality": [{"value": "CT", "count": 3}, {"value": "MRI", "count": 1}, {"value": "X-Ray", "count": 1}],
        "organs": [
            {"value": "brain", "count": 3},
            {"value": "kidney", "count": 1},
            {"value": "liver", "count": 1},
            {"value": "lung", "count": 1},
        ],
    }
    assert triptych("facets", "--by", "modality", "--organ", "liver").out.splitlines()[2:] == ["MRI            1"]


def test_status_as_json_has_the_parts_that_scripts_read(triptych: Triptych, head_lake: Path) -> None:
    found = json.loads(triptych("status", "--json").out)
    assert {"rows", "sources", "snapshot", "coverage", "failures", "path"} <= set(found)
    assert found["rows"] == {"images": 5, "rois": 5, "descriptions": 4, "findings": 1}
    assert found["path"] == str(head_lake)
    assert found["failures"] == 1
    keys = ["layer", "modality", "images", "has", "misses", "stale", "failed"]
    assert {"source": "bhx", "license": "CC-BY-NC-4.0", "images": 3}.items() <= found["sources"][0].items()
    assert dict(zip(keys, ["masks", "CT", 3, 1, 2, 0, 0], strict=True)) in found["coverage"]


def test_status_for_people_has_a_row_a_modality(triptych: Triptych) -> None:
    out = triptych("status").out
    assert "rows      5 images, 5 rois, 4 descriptions, 1 finding" in out
    assert ["CT", "3", "3", "3", "1", "0", "3", "0", "0"] in [line.split() for line in out.splitlines()]
    assert "ATTACH 'ducklake:sqlite:" in out


def test_the_printed_attach_statement_opens_the_lake_in_a_plain_duckdb(triptych: Triptych) -> None:
    import duckdb
    from duckdb_extension_ducklake import __file__ as ducklake
    from duckdb_extension_sqlite_scanner import __file__ as sqlite

    statement = triptych("status").out.splitlines()[-1].strip()
    with duckdb.connect() as connection:
        for name, module in (("ducklake", ducklake), ("sqlite_scanner", sqlite)):
            folder = Path(str(module)).parent / "extensions" / f"v{duckdb.__version__}"
            connection.execute(f"LOAD '{folder / name}.duckdb_extension'")
        assert connection.execute(f"{statement} SELECT count(*) FROM triplets").fetchone() == (6,)


def test_show_speaks_of_one_image(triptych: Triptych) -> None:
    out = triptych("show", "ct0").out
    assert "bleed [red] · lesion · 1.66% of the image · upper-middle right-center · x 40–48, y 8–22" in out
    assert "[bold]bleed[/bold]" in out
    assert "\x1b" not in out


def test_show_as_json_is_one_valid_document(triptych: Triptych) -> None:
    found = json.loads(triptych("show", "mri", "--json").out, parse_constant=pytest.fail)
    assert found["organs"] == ["liver", "kidney"]
    assert (found["rois"][0]["score"], found["rois"][0]["x1"]) == (None, 52.0)
    assert json.loads(triptych("show", "ct0", "--json").out)["extra"] == {"note": "a\x1bb", "n": 1}


def test_show_draws_the_image_with_its_rois(triptych: Triptych, tmp_path: Path) -> None:
    from PIL import Image

    said = triptych("show", "ct0", "--png", tmp_path / "ct0.png")
    assert (said.code, said.err) == (0, f"wrote {tmp_path / 'ct0.png'}\n")
    with Image.open(tmp_path / "ct0.png") as drawn:
        assert drawn.mode == "RGB"
        assert max(drawn.size) >= 512
    assert triptych("show", "xray", "--png", tmp_path / "x.png").code == 1


def test_failures_say_what_is_wrong(triptych: Triptych) -> None:
    assert triptych("failures").out == "truncated: broken.png [3]\n  'broken.png' is cut short; fetch it again\n"
    assert json.loads(triptych("failures", "--json").out)[0]["error"] == "truncated"


def test_a_lake_without_failures_says_so(triptych: Triptych, tmp_path: Path) -> None:
    triptych("init", tmp_path / "new")
    said = triptych("failures", "--lake", tmp_path / "new")
    assert (said.code, said.out, said.err) == (0, "", "no failures\n")


def test_runs_and_snapshots_say_what_was_written(triptych: Triptych) -> None:
    run = json.loads(triptych("runs", "--json").out)[0]
    assert (run["kind"], run["images"], run["options"]["license"]) == ("ingest:records", 5, "CC-BY-NC-4.0")
    assert "5 images, 5 rois" in json.loads(triptych("snapshots", "--json").out)[-1]["message"]
    assert triptych("snapshots").out.splitlines()[0].split() == ["snapshot", "time", "author", "message"]


def test_recipes_are_listed_with_their_parameters(triptych: Triptych) -> None:
    out = triptych("recipes").out
    assert "@tiny_rois\n" in out
    assert "-p share=0.001" in out
    assert "-p [modality=VARCHAR]" in out
    listed = {recipe["name"]: recipe for recipe in json.loads(triptych("recipes", "--json").out)}
    assert listed["tiny_rois"]["params"][0]["type"] == "DOUBLE"
    assert len(listed) >= 12


def test_a_slice_is_saved_shown_used_and_dropped(triptych: Triptych, tmp_path: Path, head_lake: Path) -> None:
    import shutil

    lake = shutil.copytree(head_lake, tmp_path / "lake")
    saved = triptych("slices", "save", "ct", "--modality", "CT", "--lake", lake)
    assert (saved.code, saved.out, saved.err) == (0, "", "saved the slice 'ct': 3 images\n")
    assert triptych("count", "--slice", "ct", "--lake", lake).out == "3\n"
    listed = json.loads(triptych("slices", "list", "--json", "--lake", lake).out)
    assert (listed[0]["name"], listed[0]["filter"], listed[0]["count"]) == ("ct", {"modality": ["CT"]}, 3)
    shown = json.loads(triptych("slices", "show", "ct", "--json", "--lake", lake).out)
    assert shown["count_now"] == 3
    assert triptych("slices", "save", "ct", "--lake", lake).code == 2
    assert triptych("slices", "drop", "ct", "--lake", lake).code == 0
    assert json.loads(triptych("slices", "--json", "--lake", lake).out) == []


def test_init_makes_a_lake_that_can_be_filled(triptych: Triptych, tmp_path: Path) -> None:
    lake = tmp_path / "new"
    assert triptych("init", lake).out == ""
    table = tmp_path / "table.csv"
    table.write_text("image_id,mod,organ\na,CT,brain\nb,MR,liver\n", encoding="utf-8")
    said = triptych("ingest", table, "--map", "mod=modality", "--as", "manifest", "--lake", lake, "--json")
    assert said.code == 0
    assert json.loads(said.out)["images"] == 2
    assert said.err.startswith("2 images added")
    assert triptych("--lake", lake, "count", "--modality", "MRI").out == "1\n"
    assert triptych("init", lake).code == 2


def test_ingest_exits_with_1_and_names_the_reasons_when_rows_failed(triptych: Triptych, tmp_path: Path) -> None:
    lake = tmp_path / "new"
    triptych("init", lake, "--quiet")
    table = tmp_path / "table.csv"
    table.write_text("image_id,modality,width\na,CT,10\nb,MR,many\n", encoding="utf-8")
    said = triptych("ingest", table, "--lake", lake)
    assert (said.code, said.out) == (1, "")
    assert "not read: 1; triptych failures lists them" in said.err
    assert "many" in said.err.splitlines()[-1]
    assert triptych("ingest", table, "--lake", lake, "--quiet").err == ""


def test_export_writes_a_folder_and_says_what_was_left_out(triptych: Triptych, tmp_path: Path) -> None:
    said = triptych("export", "--to", "jsonl", "--out", tmp_path / "out", "--modality", "CT")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("wrote 3 images")
    assert (tmp_path / "out" / "manifest.json").exists()
    assert triptych("export", "--to", "coco", "--out", tmp_path / "all").code == 1
    assert "no pixels" in triptych("export", "--to", "coco", "--out", tmp_path / "again").err
