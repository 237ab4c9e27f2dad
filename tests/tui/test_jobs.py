"""Jobs: real processes that outlive whoever started them, found again and told of as what they are."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import catalog
from catalog.errors import TriptychError
from tests.conftest import opened_copy
from tests.generators.conftest import draw
from tests.generators.making import SECONDS
from tests.tui.conftest import Triptych
from tui import jobs
from tui.generate_flags import GenerateFlags
from tui.jobs import files, register, words
from tui.jobs.record import Job, Progress

PICTURES = 40
CAPTION = ["generate", "coarse-caption"]
NOPE = ["generate", "nope"]
SLOW = ["generate", "test-bright", "--workers=0", "--batch-size=1"]


@pytest.fixture(scope="module")
def lake_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures."""
    root = tmp_path_factory.mktemp("of-jobs")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "drawn", count=PICTURES), source="drawn", said={"modality": "X-Ray"})
    return root / "lake"


@pytest.fixture
def lake(lake_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake of the test's own, and a state folder; generators of the tests are installed for what it starts."""
    site = tmp_path / "site" / "slow-1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (site / "entry_points.txt").write_text("[triptych.generators]\ntest-bright = tests.generators.making:Bright\n")
    monkeypatch.setenv("PYTHONPATH", str(site.parent))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with opened_copy(lake_template, tmp_path / "lake") as own:
        return own.layout.root


def until(job: Job, true: Callable[[Job], bool], *, seconds: float = 60) -> Job:
    """The job once something is true of it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = jobs.read(job.folder)
        assert found is not None
        if true(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"it never came: {found}, {files.tail(job.folder)}")


def ended(job: Job) -> Job:
    return until(job, lambda found: not found.is_live)


def tried(lake: Path) -> int:
    with catalog.open(lake) as opened:
        return int(opened.sql("SELECT count(*) FROM outcomes").fetchall()[0][0])


def pid(job: Job) -> int:
    return int(files.read_json(job.folder / files.BEGUN)["pid"])


def test_a_job_does_what_its_command_says_and_tells_it_in_numbers(lake: Path) -> None:
    job = jobs.start(lake, "coarse-caption", CAPTION)
    assert (job.state, job.command) == ("running", f"triptych --lake {lake} generate coarse-caption")
    assert os.getsid(pid(job)) == pid(job)
    done = ended(job)
    assert (done.state, done.code, tried(lake)) == ("done", 0, PICTURES)
    assert done.progress is not None
    assert (done.progress.completed, done.progress.total) == (PICTURES, PICTURES)
    assert words.outcome(done) == "done: 40 images, 40 made"
    again = ended(jobs.start(lake, "coarse-caption", CAPTION))
    assert words.outcome(again) == "done: there was nothing to do"
    assert [found.id for found in jobs.all_jobs(lake)] == [again.id, done.id]
    assert (jobs.live_jobs(lake), jobs.all_jobs(lake.parent)) == ([], [])
    assert {path.stat().st_mode & 0o077 for path in (job.folder, job.folder.parent.parent)} == {0}


def test_a_job_goes_on_when_the_process_that_started_it_is_killed(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.05")
    script = (
        "import sys, time; from pathlib import Path; from tui import jobs\n"
        f"jobs.start(Path({str(lake)!r}), 'test-bright', {SLOW!r}); print('begun', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "begun\n"
        os.kill(starter.pid, signal.SIGKILL)
    (job,) = jobs.live_jobs(lake)
    assert ended(job).state == "done"
    assert tried(lake) == PICTURES


def test_a_job_that_is_stopped_commits_what_is_done(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.2")
    job = jobs.start(lake, "test-bright", SLOW)
    going = until(job, lambda found: found.progress is not None and found.progress.done >= 3)
    assert going.progress is not None
    assert (going.progress.total, going.progress.bottleneck) == (PICTURES, "the device")
    assert jobs.stop(going)
    stopped = ended(job)
    assert stopped.state == "stopped"
    assert stopped.progress is not None
    assert 3 <= stopped.progress.done <= tried(lake) < PICTURES
    assert "what was done is in the lake" in words.outcome(stopped)
    assert not jobs.stop(stopped)


def test_a_machine_that_goes_down_lets_a_job_commit(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.2")
    job = jobs.start(lake, "test-bright", SLOW)
    until(job, lambda found: found.progress is not None and found.progress.done >= 2)
    os.kill(pid(job), signal.SIGTERM)
    assert ended(job).state == "stopped"
    assert tried(lake) >= 2


def test_a_killed_job_is_told_as_killed_and_the_next_goes_on(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "0.2")
    job = jobs.start(lake, "test-bright", SLOW)
    until(job, lambda found: found.progress is not None and found.progress.done >= 2)
    os.kill(pid(job), signal.SIGKILL)
    killed = ended(job)
    assert (killed.state, killed.code) == ("killed", None)
    assert words.outcome(killed).startswith("killed: its process ended without a word")
    monkeypatch.setenv(SECONDS, "0")
    assert ended(jobs.start(lake, "test-bright", SLOW)).state == "done"
    assert tried(lake) == PICTURES


def test_a_process_id_that_someone_else_has_now_is_not_taken_for_the_job(lake: Path) -> None:
    job = ended(jobs.start(lake, "nope", NOPE))
    (job.folder / files.END).unlink()
    files.write_json(job.folder / files.BEGUN, {"pid": os.getpid()})
    found = jobs.read(job.folder)
    assert found is not None
    assert found.state == "killed"
    assert not jobs.stop(found)


def test_a_failed_job_says_its_last_error(lake: Path) -> None:
    failed = ended(jobs.start(lake, "roi-greenbox", ["generate", "roi-greenbox", "--set=greeness=3"]))
    assert (failed.state, failed.code) == ("failed", 2)
    assert (
        words.outcome(failed)
        == "failed: roi-greenbox has no setting 'greeness'; did you mean 'greenness' or 'completeness'?"
    )


def test_an_export_runs_as_a_job_and_is_there(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "train"
    done = ended(jobs.start(lake, "export jsonl", ["export", "--to=jsonl", f"--out={out}", "--images=copy"]))
    assert done.state == "done"
    assert json.loads((out / "manifest.json").read_text())["images"] == PICTURES
    assert words.outcome(done).startswith(f"done: 40 images in {out}; no licence is known for the source 'drawn'")
    assert done.progress is not None
    assert (done.progress.done, done.progress.total) == (PICTURES, PICTURES)
    again = ended(jobs.start(lake, "export jsonl", ["export", "--to=jsonl", f"--out={out}"]))
    assert (again.state, "is not empty" in words.outcome(again)) == ("failed", True)


def test_a_job_with_failures_is_done_and_counts_them_by_kind_alone(lake: Path, tmp_path: Path) -> None:
    lake_files = tmp_path / "jane-doe"
    with catalog.open(lake, write=True) as own:
        own.ingest(draw(lake_files, count=2), source="more", said={"modality": "CT"})
    shutil.rmtree(lake_files)
    slice_ = ["--source=more", "--workers=0"]
    done = ended(jobs.start(lake, "roi-greenbox", ["generate", "roi-greenbox", *slice_]))
    assert (done.state, done.code) == ("done", 1)
    assert "2 failed (2 missing; triptych failures says why)" in words.outcome(done)
    kept = b"".join(file.read_bytes() for file in done.folder.iterdir())
    assert b"jane-doe" not in kept


def test_old_jobs_are_forgotten_but_none_that_lives(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "KEPT", 2)
    monkeypatch.setenv(SECONDS, "0.1")
    slow = jobs.start(lake, "test-bright", SLOW)
    short = [ended(jobs.start(lake, "nope", NOPE)) for _ in range(3)]
    assert [job.id for job in jobs.all_jobs(lake)] == [short[2].id, short[1].id, slow.id]
    jobs.stop(slow)
    ended(slow)


def test_a_damaged_record_is_passed_over(lake: Path) -> None:
    job = ended(jobs.start(lake, "nope", NOPE))
    (job.folder / files.PROGRESS).write_text("{")
    assert [found.progress for found in jobs.all_jobs(lake)] == [None]
    (job.folder / files.JOB).write_text("[]")
    assert jobs.all_jobs(lake) == []


def test_a_state_folder_that_cannot_be_written_is_told(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(TriptychError, match=r"cannot start a job in '.*': Not a directory"):
        jobs.start(lake, "coarse-caption", CAPTION)


def test_any_command_writes_its_progress_where_it_is_told(
    lake: Path, tmp_path: Path, triptych: Triptych, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPTYCH_PROGRESS", str(tmp_path / "progress.json"))
    assert triptych("--lake", lake, "generate", "coarse-caption").code == 0
    said = json.loads((tmp_path / "progress.json").read_text())
    assert {"done": PICTURES, "failed": 0, "total": PICTURES}.items() <= said.items()
    monkeypatch.setenv("TRIPTYCH_PROGRESS", str(tmp_path / "gone" / "progress.json"))
    assert triptych("--lake", lake, "generate", "coarse-caption").code == 0


def test_a_job_in_motion_in_words() -> None:
    progress = Progress(done=1180, failed=20, total=12000, rate=85.0)
    assert words.moving(progress) == "1,200 of 12,000 · 20 failed · 85/s · 2 min left"
    assert words.moving(Progress(total=10)) == "0 of 10"


def test_flags_become_the_words_that_mean_them() -> None:
    given = GenerateFlags(limit=5, said=("a=1", "b=x y"), model="-odd", retry_failed=True)
    assert given.words() == ["--limit=5", "--model=-odd", "--set=a=1", "--set=b=x y", "--retry-failed"]
    assert GenerateFlags().words() == []


def test_an_export_as_json_says_what_was_written(triptych: Triptych, lake: Path, tmp_path: Path) -> None:
    said = triptych("--lake", lake, "--quiet", "export", "--to", "jsonl", "--out", tmp_path / "out", "--json")
    assert (said.code, json.loads(said.out)["images"], json.loads(said.out)["unread"]) == (0, PICTURES, 0)
