"""Embeddings: appended through a commit beside bare Lance, and made by EfficientNet in the engine beside a bare loop.

    python -m benchmarks.vectors [--vectors 100000] [--dimension 512] [--images 1024] [--turns 3]

The loop and the engine embed the same pictures, made ready beforehand, with the same loaded model on the same threads;
what the engine adds is all its own: planning, reading, batching, staging and committing. They take turns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.lakes import SEED
from benchmarks.timing import THREADS, timed, two_cores
from generators.contract import Device, Generator, Item, Vector
from generators.device import Place
from generators.embeddings.image import EmbedImage, Parts

APPEND_GOAL = 2.0
"""Seconds of an append, at most."""
RATE_GOAL = 0.9
"""Share of the bare loop's images a second, at least."""
_BATCH = 16
_PICTURES = 128
"""Different pictures; they are embedded over and over."""


@dataclass
class Told(Generator):
    """Vectors that were drawn beforehand."""

    name = "bench-told"
    layer = "embeddings"
    reads = "metadata"
    batch_size = 4_096
    dimension: int = 512
    turn: int = 0

    def load(self, device: Device) -> None:
        """Draw them."""
        drawn = np.random.default_rng(SEED).standard_normal((self.batch_size, self.dimension), dtype=np.float32)
        self._drawn = [Vector(row) for row in drawn]

    def prepare(self, item: Item) -> None:
        """Nothing."""

    def generate(self, batch: Sequence[Any]) -> list[list[Vector]]:
        """One vector an image."""
        return [[vector] for vector in self._drawn[: len(batch)]]


@dataclass
class Preloaded(EmbedImage):
    """EfficientNet on pictures that lie ready in memory; another turn does all of them again."""

    name = "bench-preloaded"
    reads = "metadata"  # type: ignore[assignment]
    batch_size = _BATCH
    turn: int = 0

    def load(self, device: Device) -> None:
        """Loaded before the clock starts."""

    def lay_ready(self) -> None:
        """Load the weights and the pictures."""
        drawn = np.random.default_rng(SEED).integers(0, 256, (_PICTURES, 224, 224, 3), dtype=np.uint8)
        self._encoder.load(Place())
        self._parts = [Parts([None], [picture], True) for picture in drawn]
        self._next = 0

    def prepare(self, item: Item) -> Parts:
        """The next picture."""
        self._next = (self._next + 1) % _PICTURES
        return self._parts[self._next]


def main() -> None:
    """Print seconds, rates and ratios, and one line of JSON."""
    asked = _asked()
    two_cores()
    with tempfile.TemporaryDirectory() as folder:
        told = _append(asked, Path(folder)) | _embed(asked, Path(folder))
    print(f"{'':44}{'ours':>12}{'floor':>12}{'goal':>12}")
    title = f"append {asked.vectors:,} x {asked.dimension}, s"
    print(f"{title:44}{told['append_s']:12.2f}{told['append_floor_s']:12.2f}{'<=' + str(APPEND_GOAL):>12}")
    print(f"{'  the whole commit, s':44}{told['commit_s']:12.2f}")
    print(f"{'EfficientNet-Lite0, images/s':44}{told['rate']:12.1f}{told['rate_floor']:12.1f}")
    print(f"{'  share of the bare loop':44}{told['share']:12.2f}{'':12}{'>=' + str(RATE_GOAL):>12}")
    print(json.dumps(told))


def _append(asked: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Seconds in ``vectors.append`` and in whole commits, and of bare Lance that writes as many; medians of turns."""
    lake = _lake(folder / "append", asked.vectors)
    ours, commits, floors = [], [], []
    for turn in range(asked.turns):
        with _clocked() as seconds:
            _run(lake, Told(dimension=asked.dimension, turn=turn))
        ours.append(sum(seconds["append"]))
        commits.append(sum(seconds["publish"]))
        floors.append(_bare_lance(folder / "floor.lance", asked.vectors, asked.dimension))
    return {"append_s": median(ours), "commit_s": median(commits), "append_floor_s": median(floors)}


def _embed(asked: argparse.Namespace, folder: Path) -> dict[str, float]:
    import torch

    torch.set_num_threads(THREADS)
    lake = _lake(folder / "embed", asked.images)
    first = Preloaded()
    first.lay_ready()
    _bare_loop(first, 2 * _BATCH)
    ours, floors = [], []
    for turn in range(asked.turns):
        generator = Preloaded(turn=turn)
        generator.__dict__.update({**first.__dict__, "turn": turn})
        floors.append(asked.images / _bare_loop(first, asked.images))
        ours.append(asked.images / timed(lambda generator=generator: _run(lake, generator))[0])  # type: ignore[misc]
    shares = [mine / bare for mine, bare in zip(ours, floors, strict=True)]
    return {"rate": median(ours), "rate_floor": median(floors), "share": median(shares)}


def _bare_loop(generator: Preloaded, images: int) -> float:
    """Seconds of a loop over pictures that lie ready, which keeps the vectors."""
    encoder, kept = generator._encoder, []
    pictures = [parts.pictures[0] for parts in generator._parts]
    began = time.perf_counter()
    with Place(uses_torch=True).inference():
        for start in range(0, images, _BATCH):
            places = range(start, min(start + _BATCH, images))
            kept.append(encoder.encode([pictures[place % _PICTURES] for place in places]))
    return time.perf_counter() - began


def _bare_lance(path: Path, rows: int, dimension: int) -> float:
    import lance
    import pyarrow as pa

    drawn = np.random.default_rng(SEED).standard_normal(rows * dimension, dtype=np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(drawn), dimension)
    table = pa.table({"image_key": pa.array(np.arange(rows)), "vector": vectors})
    seconds, _ = timed(lambda: lance.write_dataset(table, str(path), data_storage_version="2.2"))
    shutil.rmtree(path)
    return seconds


def _lake(path: Path, rows: int) -> Path:
    import catalog
    from benchmarks.synthetic import generate

    catalog.init(path).close()
    generate(path, rows=rows, seed=SEED, captions=0)
    return path


def _run(lake: Path, generator: Generator) -> None:
    import catalog
    from generators.run import generate
    from generators.work import Options, Work

    with catalog.open(lake, write=True) as opened:
        work = Work(generator, opened.slice().selection, Place(uses_torch=generator.torch), Options(workers=0))
        report = generate(work)
    assert report.tally.failed == 0, report.tally.examples
    assert report.committed == report.pending.images


@contextmanager
def _clocked() -> Iterator[dict[str, list[float]]]:
    """Seconds of every append and every commit while the block lasts."""
    from catalog.lake import publishing, vectors

    seconds: dict[str, list[float]] = {"append": [], "publish": []}
    kept = vectors.append, publishing.publish

    def clocked(name: str, work: Any) -> Any:
        def timed_work(*given: Any) -> Any:
            took, made = timed(lambda: work(*given))
            seconds[name].append(took)
            return made

        return timed_work

    vectors.append = clocked("append", kept[0])
    publishing.publish = clocked("publish", kept[1])
    try:
        yield seconds
    finally:
        vectors.append, publishing.publish = kept


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vectors", description=__doc__)
    for name, default in (("vectors", 100_000), ("dimension", 512), ("images", 1_024), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
