"""A small lake with pictures on disk, and the command line over it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

import catalog
from catalog.geometry import masks
from catalog.records import Description, Failure, Finding, Image, Record, Roi
from tests.conftest import take_in
from tui.main import main

SIDE = 64
CAPTION = (
    "The image is a CT of the brain. A region of interest is located at {h} part of the image horizontally and {v} "
    "part of image vertically, occupying approximately {percent}% of the total area."
)


@dataclass(frozen=True)
class Said:
    """What one command line gave back."""

    code: int
    out: str
    err: str


Triptych = Callable[..., Said]


def picture(folder: Path, name: str, *, seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 255, (SIDE, SIDE), dtype=np.uint8)
    path = folder / name
    Picture.fromarray(pixels).save(path)
    return str(path)


def box(image_id: str, x: int, y: int, size: int, **said: object) -> Roi:
    return Roi(image_id=image_id, x0=x, y0=y, x1=x + size, y1=y + size, width=SIDE, height=SIDE, **said)  # type: ignore[arg-type]


def lesion_mask(image_id: str) -> Roi:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[8:16, 40:48] = True
    mask[20:22, 40:42] = True
    return Roi(
        image_id=image_id, label="bleed [red]", kind="lesion", x0=40, y0=8, x1=48, y1=22, width=SIDE, height=SIDE,
        mask=masks.encode(mask), mask_area=int(mask.sum()), components=2, origin="source_mask",
    )  # fmt: skip


def head_records(folder: Path) -> list[Record]:
    """Three slices of a CT with bleeding, a liver MRI without text, an X-ray without ROI and without pixels."""
    found: list[Record] = []
    claims = [("left", "upper", "2.0"), ("right", "upper", "2.0"), ("center", "middle", "30")]
    for i, (h, v, percent) in enumerate(claims):
        caption = CAPTION.format(h=h, v=v, percent=percent) + "\nIn the green bounding box: [bold]bleed[/bold]."
        name = f"ct{i}"
        found += [
            Image(image_id=name, source="bhx", modality="CT", organs=["brain"], diseases=["hemorrhage"], width=SIDE,
                  height=SIDE, uri=picture(folder, f"{name}.png", seed=i), file_name=f"{name}.png", series_key="s1",
                  patient_key="p1", slice_index=i, content_hash=name, extra='{"note": "a\\u001bb", "n": 1}'),
            box(name, 4, 4, 9, label="bleed", kind="lesion"),
            Description(image_id=name, text=caption),
        ]  # fmt: skip
    found += [
        lesion_mask("ct0"),
        Image(image_id="mri", source="kits", modality="MR", organs=["liver", "kidney"], diseases=["carcinoma"],
              width=SIDE, height=SIDE, uri=picture(folder, "mri.png", seed=9), file_name="mri.png", content_hash="m"),
        box("mri", 50, 50, 2, label="tumor", kind="lesion", score=float("nan")),
        Image(image_id="xray", source="padchest", modality="DX", organs=["lung"], width=200, height=100,
              content_hash="x"),
        Description(image_id="xray", text=CAPTION.format(h="left", v="upper", percent="2.0")),
        Finding(image_id="xray", concept="Edema", concept_id="SCT:79654002"),
        Failure(input="broken.png", item="3", message="'broken.png' is cut short; fetch it again", error="truncated"),
    ]  # fmt: skip
    return found


@pytest.fixture(scope="session")
def head_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``head_records``; tests only look at it."""
    folder = tmp_path_factory.mktemp("head")
    with catalog.init(folder / "lake") as made:
        take_in(made.layout, {"all": head_records(folder)}, license="CC-BY-NC-4.0")
    return folder / "lake"


@pytest.fixture
def triptych(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, head_lake: Path) -> Triptych:
    """Runs a command line in this process; the lake is ``head_lake`` unless it says another."""
    monkeypatch.setenv("TRIPTYCH_LAKE", str(head_lake))

    def run(*argv: object) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in argv])
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture
def process(head_lake: Path, tmp_path: Path) -> Triptych:
    """Runs the real command in a process of its own."""

    def run(*argv: object, stdin: str = "") -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "tui", *map(str, argv)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "TRIPTYCH_LAKE": str(head_lake), "HOME": str(tmp_path)},
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What terminals remember stays out of the person's own state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
