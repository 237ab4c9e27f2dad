"""Small real lakes, named for what they hold."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import catalog
from catalog import records
from catalog.ingest.contract import Batch, Lookup, Options, Unit
from catalog.ingest.engine import Report, ingest
from catalog.lake.layout import Layout
from catalog.records import Description, Finding, Image, Record, Roi

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by background jobs, and so by what tests interrupt


class RecordsReader:
    """A reader over records that a test has written down: one unit a name."""

    kind = "records"
    parallel = False

    def __init__(self, units: Mapping[str, Sequence[Record]], *, after_images: Sequence[str] = ()) -> None:
        self._units = units
        self._after_images = after_images
        self.read_units: list[str] = []

    def units(self) -> Iterator[Unit]:
        for name in self._units:
            yield Unit(key=name, name=name, after_images=name in self._after_images)

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        self.read_units.append(unit.name)
        return Batch(tables=records.tables(self._units[unit.name]))


def take_in(layout: Layout, units: Mapping[str, Sequence[Record]], **said: str) -> Report:
    """Ingest records through the real engine."""
    return ingest(layout, RecordsReader(units), Options(keys=layout.keys(), **said))  # type: ignore[arg-type]


TakeIn = Callable[..., Report]


@pytest.fixture(name="take_in")
def _take_in() -> TakeIn:
    return take_in


def chest_and_brain() -> list[Record]:
    """A CT of the lung with a lesion and an organ, an MRI of the brain with a tumour, an X-ray without a region."""
    return [
        Image(image_id="ct", modality="CT", organs=["lung", "heart"], diseases=["lung cancer"], width=100, height=50,
              uri="/pixels/ct.png", content_hash="1", file_name="ct.png", patient_key="p1"),
        Roi(image_id="ct", label="Nodule", kind="lesion", x0=10, y0=10, x1=20, y1=20, width=100, height=50),
        Roi(image_id="ct", label="heart", kind="organ", x0=40, y0=20, x1=80, y1=50, width=100, height=50),
        Description(image_id="ct", text="A nodule in the [upper-middle] left zone."),
        Image(image_id="mri", modality="MR", organs=["BRAIN"], diseases=["glioma"], width=64, height=64,
              content_hash="2", source="BraTS24", patient_key="p2"),
        Roi(image_id="mri", label="tumor", kind="lesion", x0=30, y0=30, x1=34, y1=34, width=64, height=64),
        Finding(image_id="mri", concept="Edema", concept_id="SCT:79654002"),
        Image(image_id="xray", modality="DX", organs=["CHEST"], width=200, height=100, content_hash="3"),
    ]  # fmt: skip


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty lake, made once; tests copy it."""
    root = tmp_path_factory.mktemp("template") / "lake"
    catalog.init(root).close()
    return root


@pytest.fixture(scope="session")
def chest_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of ``chest_and_brain``, made once; tests copy it."""
    root = tmp_path_factory.mktemp("template") / "lake"
    with catalog.init(root) as made:
        take_in(made.layout, {"all": chest_and_brain()}, source="clinic", license="CC-BY-4.0")
    return root


def opened_copy(template: Path, root: Path) -> catalog.Lake:
    """A lake of a test's own, open for writing."""
    shutil.copytree(template, root)
    return catalog.open(root, write=True)


@pytest.fixture
def lake(tmp_path: Path, empty_template: Path) -> Iterator[catalog.Lake]:
    """An empty lake, open for writing."""
    with opened_copy(empty_template, tmp_path / "lake") as made:
        yield made


@pytest.fixture
def chest_lake(tmp_path: Path, chest_template: Path) -> Iterator[catalog.Lake]:
    """The three images of ``chest_and_brain``, of the source "clinic" where none is said."""
    with opened_copy(chest_template, tmp_path / "lake") as made:
        yield made
