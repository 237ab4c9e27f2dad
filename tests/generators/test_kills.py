"""Real processes, killed at random: nothing is lost, done twice or half seen."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from tests.generators import making
from tests.generators.conftest import draw, rows

PICTURES = 600
SECONDS = 0.02
"""Time that a batch of four takes: three seconds of work in all."""
KILLS = 20
WORKER_KILLS = 12
PRESSES = 8
MADE = {
    "rois": "SELECT * EXCLUDE (run_id, created_at) FROM rois ORDER BY ALL",
    "index": "SELECT * FROM roi_index ORDER BY ALL",
    "outcomes": "SELECT * EXCLUDE (run_id, created_at) FROM outcomes ORDER BY ALL",
    "images": "SELECT image_id, roi_count FROM images ORDER BY ALL",
    "failures": "SELECT * FROM failures",
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of 600 pictures; tests copy it."""
    root = tmp_path_factory.mktemp("many")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "drawn", count=PICTURES), source="drawn", said={"modality": "X-Ray"})
    return root / "lake"


@pytest.fixture(scope="module")
def undisturbed(many: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """What a run that nobody disturbs makes."""
    root = tmp_path_factory.mktemp("undisturbed") / "lake"
    shutil.copytree(many, root)
    finish(root)
    return made(root)


def start(root: Path, *, seconds: float = SECONDS, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.generators.runner", str(root)]
    pace = {**os.environ, making.SECONDS: str(seconds)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=pace, **options)


def finish(root: Path) -> None:
    """Run to the end, without a failure."""
    process = start(root)
    _, err = process.communicate()
    assert (process.returncode, err) == (0, "")


def made(root: Path) -> dict[str, list[tuple[object, ...]]]:
    with catalog.open(root) as lake:
        return {name: rows(lake, query) for name, query in MADE.items()}


def workers(runner: int) -> list[int]:
    """The processes that decode: children of the fork server, itself a child of the runner."""
    return [leaf for child in _children(runner) for leaf in _children(child)]


def _children(process: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def tried(root: Path) -> int:
    with catalog.open(root) as lake:
        ((count,),) = rows(lake, "SELECT count(*) FROM outcomes")
    return int(count)


def test_a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(
    many: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    root = shutil.copytree(many, tmp_path / "lake")
    chance = random.Random(4)  # noqa: S311 - when to kill is no secret
    killed = 0
    for _ in range(KILLS):
        process = start(root)
        try:
            process.wait(timeout=chance.uniform(0.2, 2.2))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.communicate()
    assert killed >= KILLS // 2
    finish(root)
    assert made(root) == undisturbed
    assert [path.name for path in (root / "staging").iterdir() if path.is_dir()] == []


def test_a_run_whose_workers_are_killed_goes_on(
    many: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    root = shutil.copytree(many, tmp_path / "lake")
    chance = random.Random(5)  # noqa: S311
    process = start(root, seconds=0.1)
    killed = 0
    while killed < WORKER_KILLS and process.poll() is None:
        time.sleep(chance.uniform(0.5, 1.5))
        if found := workers(process.pid):
            _kill(chance.choice(found))
            killed += 1
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert killed > WORKER_KILLS // 2
    assert out.split() == [str(PICTURES), "0"]
    assert made(root) == undisturbed


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_two_runs_share_the_work_while_a_reader_looks_on(
    many: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    root = shutil.copytree(many, tmp_path / "lake")
    both = [start(root, seconds=0.05), start(root, seconds=0.05)]
    seen = list(_looked_at(root, both))
    done = [int(process.communicate()[0].split()[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(done) == PICTURES
    assert min(done) > PICTURES // 10
    assert seen == sorted(seen)
    assert made(root) == undisturbed


def _looked_at(root: Path, processes: list[subprocess.Popen[str]]) -> Iterator[int]:
    """What a reader counts while processes run."""
    with catalog.open(root) as lake:
        while any(process.poll() is None for process in processes):
            ((regions, counted, tried),) = rows(
                lake,
                "SELECT (SELECT count(*) FROM rois), (SELECT coalesce(sum(roi_count), 0) FROM images), "
                "(SELECT count(*) FROM outcomes WHERE made > 0)",
            )
            assert regions == counted == tried
            yield regions


def test_ctrl_c_at_any_moment_ends_every_process_of_a_run_in_order(many: Path, tmp_path: Path) -> None:
    """A terminal sends it to those that decode as well; what they would print stands in the way of one line."""
    chance = random.Random(6)  # noqa: S311
    root = shutil.copytree(many, tmp_path / "lake")
    for _ in range(PRESSES):
        process = start(root, seconds=0.1, start_new_session=True)
        while not any((root / "staging").glob("*/run.json")):
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(chance.uniform(0.2, 1.5))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, "")


def test_ctrl_c_commits_what_is_done(many: Path, tmp_path: Path) -> None:
    root = shutil.copytree(many, tmp_path / "lake")
    process = start(root, seconds=0.1)
    while not any((root / "staging").glob("*/*/batch.json")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert 0 < tried(root) < PICTURES
