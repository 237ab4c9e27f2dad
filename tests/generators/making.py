"""Generators that tests run: small, exact, and bad in one way each. Workers import them, so they stand in a module."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from generators.contract import Generator, Item, Region, Text, Vector


@dataclass
class Shown:
    """An item that is nothing but pixels."""

    image: NDArray[np.uint8]
    row: Mapping[str, Any] = field(default_factory=dict)
    spoken: Sequence[Mapping[str, Any]] = ()

    def pixels(self) -> NDArray[np.uint8]:
        return self.image


BOX = Region(label="x", x0=1, y0=1, x1=5, y1=5)
SECONDS = "TEST_SECONDS_A_BATCH"
"""Environment variable: time that a batch takes."""


@dataclass
class Bright(Generator):
    """The box of what is brighter than a threshold; nothing where nothing is."""

    name = "test-bright"
    layer = "rois"
    batch_size = 4
    threshold: int = 128

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        time.sleep(float(os.environ.get(SECONDS, "0")))
        return [self._of(pixels) for pixels in batch]

    def _of(self, pixels: Any) -> list[Region]:
        grey = pixels if pixels.ndim == 2 else pixels.max(axis=2)
        mask = grey > self.threshold
        return [Region(label="bright", mask=mask, score=0.5)] if mask.any() else []


@dataclass
class Caption(Generator):
    """A sentence from a prompt and the modality."""

    name = "test-caption"
    layer = "coarse_caption"
    reads = "metadata"
    columns = ("modality",)
    prompt: str = "This is"

    def prepare(self, item: Item) -> str:
        return f"{self.prompt} {item.row['modality']} {item.row['image_id']}."

    def generate(self, batch: Sequence[Any]) -> list[list[Text]]:
        return [[Text(sentence)] for sentence in batch]


@dataclass
class Means(Generator):
    """Mean and spread of the pixels, and ``padding`` zeros."""

    name = "test-means"
    layer = "embeddings"
    padding: int = 2

    def generate(self, batch: Sequence[Any]) -> list[list[Vector]]:
        return [[Vector(np.array([pixels.mean(), pixels.std(), *[0.0] * self.padding]))] for pixels in batch]


@dataclass
class CountBoxes(Generator):
    """How many boxes an image has, as a text."""

    name = "test-count-boxes"
    layer = "coarse_caption"
    reads = "boxes"

    def prepare(self, item: Item) -> int:
        return len(item.spoken)

    def generate(self, batch: Sequence[Any]) -> list[list[Text]]:
        return [[Text(f"{count} boxes")] for count in batch]


@dataclass
class Bad(Caption):
    """Goes wrong in one way, for images whose id holds ``only``."""

    name = "test-bad"
    layer = "rois"
    columns = ("modality", "image_id")
    how: str = "raise"
    only: str = ""

    def prepare(self, item: Item) -> str:
        name = str(item.row["image_id"])
        if self.only in name and self.how == "input":
            raise InputError("this image cannot be meant; take another", kind="odd")
        if self.only in name and self.how == "die":
            os._exit(9)
        return name

    def generate(self, batch: Sequence[Any]) -> Any:
        if self.how == "few":
            return [[] for _ in batch][1:]
        if self.how == "memory" and (len(batch) > 1 or self.only in batch[0]):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return [self._one(name) if self.only in name else [] for name in batch]

    def _one(self, name: str) -> list[Any]:
        if self.how == "raise":
            raise ValueError(f"no idea of {name}")
        if self.how == "bytes":
            raise OSError("no file \udce9" + 2000 * "!")
        results: dict[str, list[Any]] = {
            "outside": [Region(label="x", x0=5000, y0=5000, x1=6000, y1=6000)],
            "infinite": [Region(label="x", x0=0, y0=0, x1=float("nan"), y1=5)],
            "mask": [Region(label="x", mask=np.ones((3, 3), dtype=bool))],
            "box": [BOX],
            "twice": [BOX, replace(BOX, score=0.5)],
            "text": [Text("no region")],
            "score": [replace(BOX, score=7)],
            "kind": [replace(BOX, kind="banana")],  # type: ignore[arg-type]
            "edges": [replace(BOX, x0="left")],  # type: ignore[arg-type]
            "probabilities": [Region(label="x", mask=np.full((40, 40), 0.2))],  # type: ignore[arg-type]
            "huge": [replace(BOX, x1=10**400)],
            "half": [replace(BOX, label="\udce9")],
            "word": ["a result?"],
        }
        return _raising() if self.how == "later" else results.get(self.how, [])


def _raising() -> Any:
    """An answer that cannot be read to its end."""
    yield BOX
    raise RuntimeError("later")


class BadText(Bad):
    """Goes wrong with texts."""

    name = "test-bad-text"
    layer = "coarse_caption"

    def _one(self, name: str) -> list[Any]:
        return {
            "empty": [Text("  ")],
            "number": [Text(5)],
            "half": [Text("\udce9")],
            "text": [Text("twice"), Text("twice")],
        }[self.how]  # type: ignore[arg-type]


class BadVector(Bad):
    """Goes wrong with embeddings."""

    name = "test-bad-vector"
    layer = "embeddings"

    def _one(self, name: str) -> list[Any]:
        one = Vector(np.array([1.0, 2.0]))
        return {
            "nan": [Vector(np.array([1.0, np.nan]))],
            "two": [one, one],
            "complex": [Vector(np.array([1j]))],
            "one": [one],
        }[self.how]


@dataclass
class Rude(Caption):
    """Breaks the contract in one way."""

    name = "test-rude"
    how: str = "none"

    def identity(self) -> str | None:
        if self.how == "number":
            return 5  # type: ignore[return-value]
        return str({}["model"]) if self.how == "identity" else None

    def load(self, device: Any) -> None:
        if self.how == "load":
            raise RuntimeError("no kernel image is available")

    def prepare(self, item: Item) -> Any:
        return (lambda: None) if self.how == "unsent" else super().prepare(item)

    def bucket(self, prepared: Any) -> Any:
        return [] if self.how == "bucket" else None

    def generate(self, batch: Sequence[Any]) -> Any:
        if self.how == "print":
            print("a word of mine")
        return {"none": None, "flat": [1 for _ in batch], "one": Text("x")}.get(self.how, [[] for _ in batch])


class NoColumn(Caption):
    """Reads what is not there."""

    name = "test-no-column"
    columns = ("modality", "colour")


class Lost(Caption):
    """Cannot be made again where it is sent."""

    name = "test-lost"

    def __reduce__(self) -> Any:
        return (int, ("not a number",))


@dataclass
class HalfSent(Bright):
    """Dies in the middle of sending its answer for the image whose id holds ``only``."""

    name = "test-half-sent"
    only: str = ""

    def prepare(self, item: Item) -> Any:
        if self.only in str(item.row["image_id"]):
            Connection._send = _send_half  # type: ignore[attr-defined]
        return item.pixels()


def _send_half(connection: Any, data: Any, write: Any = os.write) -> None:
    write(connection.fileno(), data[: len(data) // 2])
    os._exit(9)


@dataclass
class Slow(Bright):
    """Takes its time."""

    name = "test-slow"

    def generate(self, batch: Sequence[Any]) -> list[list[Region]]:
        time.sleep(0.2)
        return [self._of(pixels) for pixels in batch]
