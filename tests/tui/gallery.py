"""A lake of a few images that are hard to look at, with regions and texts of two makers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Picture

import catalog
from catalog.geometry import masks
from catalog.ingest.contract import Options
from catalog.ingest.engine import ingest
from catalog.records import Description, Image, Record, Roi
from tests.conftest import RecordsReader

SIDE = 64
SLICES = 4
AREA = 64
"""Pixels of the one mask."""


class Second(RecordsReader):
    """Another maker of regions and texts."""

    kind = "second"


def gallery(root: Path) -> Path:
    """Four slices of 16 bits, of which the first has regions; a crowd, a long text, a lost file and a single pixel."""
    pixels = root / "pixels"
    pixels.mkdir()
    with catalog.init(root / "lake") as lake:
        options = Options(keys=lake.layout.keys(), source="clinic", said={"modality": "CT"})
        ingest(lake.layout, RecordsReader({"all": [*_slices(pixels), *_odd(pixels)]}), options)
        ingest(lake.layout, Second({"more": _second()}, after_images=["more"]), options)
    return root / "lake"


def box(image_id: str, x: float, y: float, size: float, *, label: str = "nodule", mask: str | None = None) -> Roi:
    return Roi(image_id=image_id, label=label, kind="lesion", x0=x, y0=y, x1=x + size, y1=y + size, mask=mask,
               mask_area=AREA if mask else None, width=SIDE, height=SIDE)  # fmt: skip


def image(image_id: str, path: Path | None, **said: object) -> Image:
    return Image(image_id=image_id, uri=str(path) if path else None, file_name=path.name if path else None,
                 width=SIDE, height=SIDE, content_hash=image_id, **said)  # type: ignore[arg-type]  # fmt: skip


def _slices(folder: Path) -> list[Record]:
    found: list[Record] = []
    for number in range(SLICES):
        path = folder / f"slice{number}.png"
        ramp = np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE) * 10 + number
        Picture.fromarray(ramp).save(path)
        found.append(image(f"slice{number}", path, series_key="series", slice_index=number, bit_depth=16))
    disc = np.zeros((SIDE, SIDE), dtype=np.uint8)
    disc[12:16, 8:20] = 1
    disc[8:12, 12:16] = 1
    found += [box("slice0", 8, 8, 12, mask=masks.encode(disc)), box("slice0", 40, 40, 8, label="[bold]cyst[/]")]
    return found


def _odd(folder: Path) -> list[Record]:
    grey = folder / "grey.png"
    Picture.fromarray(np.full((SIDE, SIDE), 90, dtype=np.uint8)).save(grey)
    dot = folder / "dot.png"
    Picture.new("L", (1, 1), 200).save(dot)
    vast = folder / "vast.png"
    Picture.new("1", (20_000, 20_000)).save(vast)
    crowd = [box("crowd", number % 60, number // 60 * 7, 3) for number in range(500)]
    text = "[bold]" + "שלום 肺結節 \x1b[31m " * 1250
    return [
        image("crowd", grey), *crowd,
        image("long", grey), Description(image_id="long", text=text), box("long", 30, 30, 1),
        image("lost", folder / "lost.png"),
        image("dot", dot), image("vast", vast),
    ]  # fmt: skip


def _second() -> list[Record]:
    return [
        box("slice0", 9, 8, 12), box("slice0", 50, 4, 6, label="other"),
        Description(image_id="slice0", text="A nodule.", kind="report"),
    ]  # fmt: skip
