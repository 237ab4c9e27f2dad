"""The same generator in actors of a real Ray, started here."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import catalog
from catalog.errors import TriptychError
from generators import ray_run
from generators.contract import Generator
from generators.run import Report
from tests.generators import making
from tests.generators.conftest import PICTURES, rows, run, work
from tests.generators.making import Bad, Bright

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own: unclosed sockets and files, deprecations
MADE = "SELECT * EXCLUDE (run_id, created_at) FROM rois ORDER BY ALL"


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """A Ray of this machine alone, that reaches nobody else."""
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
    yield
    ray.shutdown()


def on_ray(lake: catalog.Lake, generator: Generator) -> Report:
    return ray_run.generate(work(lake, generator, batch_size=1))


def test_actors_make_what_a_local_run_makes(pictures: catalog.Lake, picture_template: Path) -> None:
    report = on_ray(pictures, Bright())
    assert (report.tally.done, report.committed) == (PICTURES, PICTURES)
    made = rows(pictures, MADE)
    assert on_ray(pictures, Bright()).pending.count("fresh") == PICTURES
    run(pictures, Bright(threshold=255))
    run(pictures, Bright())
    assert rows(pictures, MADE) == made


def test_the_loss_of_an_actor_loses_no_image(pictures: catalog.Lake) -> None:
    killed: list[int] = []
    killer = threading.Thread(target=_kill_an_actor, args=(killed,))
    killer.start()
    report = on_ray(pictures, making.Slow())
    killer.join()
    assert len(killed) == 1
    assert report.tally.done == PICTURES
    assert rows(pictures, "SELECT count(*), count(DISTINCT image_key) FROM outcomes") == [(PICTURES, PICTURES)]


def _kill_an_actor(killed: list[int]) -> None:
    """Kill the process of an actor once it is at work."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not killed:
        for process in Path("/proc").glob("[0-9]*"):
            if _title(process).startswith("ray::Worker.do"):
                os.kill(int(process.name), signal.SIGKILL)
                killed.append(int(process.name))
                return
        time.sleep(0.02)


def _title(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""


def test_what_goes_wrong_in_an_actor_is_told_in_one_line(chest_lake: catalog.Lake) -> None:
    with pytest.raises(TriptychError, match="test-bad returned"):
        on_ray(chest_lake, Bad(how="few"))
    assert on_ray(chest_lake, Bad(how="raise", only="ct")).tally.reasons == {"ValueError": 1}
