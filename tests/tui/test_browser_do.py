"""What is done from the browser: a slice is saved, exported and annotated, and the jobs that do so are watched."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from filelock import FileLock

import catalog
from tests.conftest import opened_copy
from tests.generators.conftest import draw

pytest.importorskip("textual")

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList, Select

from tests.tui.test_browser import settled
from tui import jobs
from tui.browser.app import Browser
from tui.browser.do import saving
from tui.browser.do.dialog import Tick
from tui.browser.do.export import Export
from tui.browser.do.generate import Generate
from tui.browser.do.job_log import JobLog
from tui.browser.do.jobs_line import JobsLine
from tui.browser.do.jobs_screen import JobsScreen
from tui.browser.do.save import Save
from tui.jobs import Job

# textual-image asks Pillow in a way that Pillow will drop
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
PICTURES = 30
Shown = TypeVar("Shown", bound=Screen[Any])
Journey = Callable[[Browser, Pilot[Any]], Awaitable[None]]


@pytest.fixture(scope="module")
def lake_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty pictures, ten of them CT under a licence that forbids redistribution."""
    root = tmp_path_factory.mktemp("done-with")
    with catalog.init(root / "lake") as lake:
        free, bound = "CC0-1.0", "LicenseRef-Research-Only"
        lake.ingest(draw(root / "ct", count=10), source="ct", said={"modality": "CT"}, license=bound)
        lake.ingest(draw(root / "xr", count=PICTURES - 10), source="xr", said={"modality": "X-Ray"}, license=free)
    return root / "lake"


@pytest.fixture
def lake(lake_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake and a state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with opened_copy(lake_template, tmp_path / "lake") as own:
        return own.layout.root


def go(root: Path, journey: Journey, *, size: tuple[int, int] = (140, 45), **said: Any) -> None:
    """Go on a journey through a lake; then the browser ends."""

    async def run() -> None:
        app = Browser(lambda: catalog.open(root), said)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await journey(app, pilot)

    asyncio.run(run())


async def opened(app: Browser, pilot: Pilot[Any], key: str, kind: type[Shown]) -> Shown:
    """The window that a key opens, once it has read what it shows."""
    await pilot.press(key)
    await settled(app, pilot)
    assert isinstance(app.screen, kind)
    return app.screen


async def until(pilot: Pilot[Any], true: Callable[[], object], *, seconds: float = 40) -> None:
    """Wait until something is true of the screen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        await pilot.pause(0.05)


def ended(job: Job, *, seconds: float = 60) -> Job:
    """The job once its process has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := jobs.read(job.folder)) is not None and not found.is_live:
            return found
        time.sleep(0.05)
    raise AssertionError(f"it never ended: {job}")


def saved(root: Path) -> list[tuple[Any, ...]]:
    with catalog.open(root) as lake:
        return lake.sql("SELECT name, count FROM slices ORDER BY name").fetchall()


async def name(app: Browser, pilot: Pilot[Any], text: str) -> str:
    """Type a name, press enter, and say what the window says then; empty when it is gone."""
    window = app.screen
    assert isinstance(window, Save)
    window.query_one("#name", Input).value = text
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is not window or window.said not in ("", "saving …"))
    return window.said if app.screen is window else ""


def test_a_slice_is_saved_under_a_name_and_a_taken_or_bad_name_is_told(lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await opened(app, pilot, "w", Save)
        assert await name(app, pilot, "small") == ""
        assert saved(lake) == [("small", 10)]
        assert [note.message for note in app._notifications][-1].startswith("saved the slice 'small': 10 images")
        await opened(app, pilot, "w", Save)
        taken = "there is a slice 'small' already; drop it with: triptych slices drop small"
        assert taken in await name(app, pilot, "small")
        assert "not done: a slice needs a name, such as small-ct" in await name(app, pilot, "  ")
        assert "'a b' is no name for a slice" in await name(app, pilot, "a b")
        await pilot.press("escape")
        assert saved(lake) == [("small", 10)]

    go(lake, journey, modality=("CT",))


def test_windows_are_used_with_the_mouse(lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "w", Save)
        await pilot.click("#leave")
        await until(pilot, lambda: app.screen is not window)
        assert saved(lake) == []
        window = await opened(app, pilot, "w", Save)
        window.query_one("#name", Input).value = "clicked"
        await pilot.click("#done")
        await until(pilot, lambda: app.screen is not window)
        assert [name for name, _ in saved(lake)] == ["clicked"]

    go(lake, journey)


def test_a_slice_is_not_saved_while_another_process_commits(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "PATIENCE", 0.2)

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await opened(app, pilot, "w", Save)
        with FileLock(lake / "commit.lock"):
            assert "another process is committing to this lake; try again" in await name(app, pilot, "small")
        assert await name(app, pilot, "small") == ""

    go(lake, journey)
    assert saved(lake) == [("small", PICTURES)]


def test_a_slice_of_a_lake_that_one_process_holds_is_saved_and_the_rows_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with catalog.init(tmp_path / "lake", metadata="duckdb") as own:
        own.ingest(draw(tmp_path / "drawn", count=5), source="drawn")
    root = tmp_path / "lake"

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        await opened(app, pilot, "w", Save)
        assert await name(app, pilot, "five") == ""
        await settled(app, pilot)
        assert "5 images" in app.screen.query_one("Status").text  # type: ignore[attr-defined]
        window = await opened(app, pilot, "x", Export)
        window.query_one("#out", Input).value = str(tmp_path / "out")
        await pilot.press("f5")
        await until(pilot, lambda: "leave the browser and run: triptych --lake" in window.said)
        await pilot.press("escape")
        chosen = await opened(app, pilot, "a", Generate)
        await pilot.press("f5")
        assert chosen.said.endswith(f"leave the browser and run: triptych --lake {root} generate coarse-caption")

    go(root, journey)
    assert saved(root) == [("five", 5)]


def test_an_export_says_what_stays_out_goes_on_without_the_browser_and_overwrites_nothing(
    lake: Path, tmp_path: Path
) -> None:
    out = tmp_path / "train"

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "x", Export)
        told = window.query_one("#allowed").content  # type: ignore[attr-defined]
        assert told == "30 images in the slice; 10 stay out: their licences forbid redistribution"
        window.query_one("#restricted", Tick).value = True
        await pilot.pause()
        assert "10 of them under licences" in window.query_one("#allowed").content  # type: ignore[attr-defined]
        window.query_one("#restricted", Tick).value = False
        await pilot.press("f5")
        await until(pilot, lambda: "the export needs a folder" in window.said)
        window.query_one("#to", Select).value = "jsonl"
        window.query_one("#out", Input).value = str(out)
        await pilot.press("f5")
        await until(pilot, lambda: app.screen is not window)

    go(lake, journey)
    (job,) = jobs.all_jobs(lake)
    assert ended(job).state == "done"
    manifest = (out / "manifest.json").read_bytes()
    assert json.loads(manifest)["images"] == 20

    async def again(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "x", Export)
        window.query_one("#out", Input).value = str(out)
        await pilot.press("f5")
        await until(pilot, lambda: "holds an export; name another folder, or choose to replace it" in window.said)
        window.query_one("#overwrite", Tick).value = True
        await pilot.press("f5")
        await until(pilot, lambda: app.screen is not window)

    go(lake, again)
    replaced = ended(jobs.all_jobs(lake)[0])
    assert replaced.words[-1] == "--overwrite"
    assert (out / "manifest.json").read_bytes() != manifest


def test_an_annotation_is_planned_begun_and_goes_on_when_the_browser_is_left(lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "a", Generate)
        assert window.chosen is not None
        assert window.chosen.told.startswith("coarse-caption: coarse_caption from metadata\n")
        assert window.query_one("#done", Button).disabled
        await pilot.press("f9")
        assert window.said == "not done: plan it first, with f5"
        await pilot.press("f5")
        await until(pilot, lambda: "starts it" in window.said)
        assert "to do      10 in 1 batch" in window.plan
        assert f"triptych --lake {lake} generate coarse-caption --modality CT" in window.plan
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not window)

    go(lake, journey, modality=("CT",))
    (job,) = jobs.all_jobs(lake)
    done = ended(job)
    assert (done.state, done.summary and done.summary["done"]) == ("done", 10)
    with catalog.open(lake) as own:
        assert own.slice(has="coarse_caption").count() == 10


def test_settings_that_cannot_be_meant_are_told_and_other_ones_need_another_plan(lake: Path) -> None:
    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "a", Generate)
        window.query_one("#flag-limit", Input).value = "many"
        await pilot.press("f5")
        assert window.said == "not done: limit: 'many' is no whole number"
        window.query_one("#flag-limit", Input).value = "0"
        await pilot.press("f5")
        assert window.said == "not done: --limit 0 is too few; give at least 1"
        window.query_one("#flag-limit", Input).value = "2"
        window.query_one("#flag-said", Input).value = "prompt=x"
        await pilot.press("f5")
        await until(pilot, lambda: "coarse-caption has no setting 'prompt'; it has none" in window.said)
        window.query_one("#flag-said", Input).value = ""
        await pilot.press("f5")
        await until(pilot, lambda: "to do      2 in 1 batch" in window.plan)
        window.query_one("#flag-limit", Input).value = "3"
        await pilot.pause()
        assert window.query_one("#done", Button).disabled
        assert window.plan.startswith("f5 plans it")
        await pilot.press("f5", "escape")
        assert app.screen is window
        assert window.said == "the plan was cancelled"
        await pilot.press("escape")
        assert app.screen is not window

    go(lake, journey, size=(80, 24))
    assert jobs.all_jobs(lake) == []


def test_a_generator_that_lacks_packages_says_which_and_a_plan_without_work_cannot_be_begun(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generators.extras._is_installed", lambda name: name != "onnxruntime")

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        window = await opened(app, pilot, "a", Generate)
        names = window.query_one(OptionList)
        prompts = [str(names.get_option_at_index(place).prompt) for place in range(names.option_count)]
        assert "embed-text (lacks packages)" in prompts
        assert "coarse-caption" in prompts
        names.highlighted = prompts.index("embed-text (lacks packages)")
        await pilot.pause()
        assert window.chosen is not None
        assert window.chosen.told.endswith("lacks onnxruntime: pip install 'triptych[onnx]'")
        names.highlighted = prompts.index("coarse-caption")
        await pilot.press("f5")
        await until(pilot, lambda: window.said == "nothing to do")
        assert window.query_one("#done", Button).disabled

    go(lake, journey, missing=("pixels",))


def test_a_job_is_seen_moving_stopped_and_told_of_by_a_browser_that_did_not_start_it(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_generator(tmp_path, monkeypatch)
    job = jobs.start(lake, "test-bright", ["generate", "test-bright", "--workers=0", "--batch-size=1"])

    async def journey(app: Browser, pilot: Pilot[Any]) -> None:
        line = app.screen.query_one(JobsLine)
        await until(pilot, lambda: "of 30" in line.text)
        assert line.display
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, JobsScreen) and app.screen.rows)
        screen = app.screen
        assert isinstance(screen, JobsScreen)
        (row,) = screen.rows
        await until(pilot, lambda: "waits for the device" in str(row.query_one(".how").content))  # type: ignore[attr-defined]
        bar = row.query_one("ProgressBar")
        assert bar.display
        assert bar.total == PICTURES  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert isinstance(app.screen, JobLog)
        log = app.screen
        await until(pilot, lambda: "generate test-bright --workers=0" in log.text)
        await pilot.press("escape", "k")
        await pilot.pause(1)
        assert row.job.state == "running"  # who means to move up stops nothing
        await pilot.press("k")
        await until(pilot, lambda: row.job.state == "stopped")
        assert not bar.display
        await pilot.press("escape")
        await until(pilot, lambda: not line.display)
        told = [note.message for note in app._notifications]
        assert any(text.startswith("test-bright stopped at ") for text in told)

    go(lake, journey)
    assert ended(job).state == "stopped"


def slow_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a generator that takes a while for each image, for what the test starts."""
    info = tmp_path / "site" / "slow-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[triptych.generators]\ntest-bright = tests.generators.making:Bright\n")
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    monkeypatch.setenv("TEST_SECONDS_A_BATCH", "0.3")
