"""Lakes of small real pictures, and work on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import catalog
from generators.contract import Generator
from generators.device import Place
from generators.run import Report, generate
from generators.work import Options, Work
from tests.conftest import opened_copy

PICTURES = 12


def draw(folder: Path, *, count: int = PICTURES) -> Path:
    """Grey PNG files of two sizes, each with a brighter rectangle; every fourth has none."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    for number in range(count):
        height, width = (48, 64) if number % 3 else (40, 40)
        pixels = rng.integers(0, 100, (height, width), dtype=np.uint8)
        if number % 4:
            pixels[number % 20 : number % 20 + 9, 5 : 12 + number % 10] = 200
        Image.fromarray(pixels).save(folder / f"picture-{number:05}.png")
    return folder


@pytest.fixture(scope="session")
def picture_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of twelve pictures, made once; tests copy it."""
    root = tmp_path_factory.mktemp("pictures")
    with catalog.init(root / "lake") as lake:
        lake.ingest(draw(root / "drawn"), source="drawn", said={"modality": "X-Ray"})
    return root / "lake"


@pytest.fixture
def pictures(picture_template: Path, tmp_path: Path) -> Iterator[catalog.Lake]:
    """A lake of twelve pictures of the test's own."""
    with opened_copy(picture_template, tmp_path / "pictures") as lake:
        yield lake


def work(lake: catalog.Lake, generator: Generator, said: dict[str, Any] | None = None, **options: Any) -> Work:
    """A generator at work on a slice, without worker processes unless told otherwise."""
    chosen = Options(**{"workers": 0, **options})
    return Work(generator, lake.slice(**(said or {})).selection, Place(), chosen)


def run(lake: catalog.Lake, generator: Generator, said: dict[str, Any] | None = None, **options: Any) -> Report:
    """Run a generator to its end."""
    return generate(work(lake, generator, said, **options))


def rows(lake: catalog.Lake, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return lake.sql(query, **values).fetchall()
