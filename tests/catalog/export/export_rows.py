"""The pictures and the manifest of the lake that exports are tried on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.data import get_testdata_file

from catalog.geometry.masks import encode

HEIGHT, WIDTH = 40, 60
TEXT = 'A "dense" lesion\nof the temporal lobe, 5 µm; <b>no</b> shift.'
RESTRICTED = "LicenseRef-Research-Only"


def triangle() -> np.ndarray:
    """The mask of one lesion."""
    return np.tril(np.ones((HEIGHT, WIDTH), dtype=np.uint8), -10)


def picture(seed: int) -> Image.Image:
    """A picture of noise."""
    values = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return Image.fromarray(values)


def row(image_id: str, uri: Path | None, **said: object) -> dict[str, object]:
    """A row of the manifest."""
    box = {"x0": 5.0, "y0": 10.0, "x1": 25.0, "y1": 30.0, "label": "lesion", "kind": "lesion"}
    usual = {
        "modality": "MR",
        "organs": "brain",
        "width": WIDTH,
        "height": HEIGHT,
        "source": "open",
        "license": "CC0-1.0",
    }
    return {"image_id": image_id, "uri": str(uri) if uri else None, "caption": TEXT, **usual, **box, **said}


def rows(folder: Path) -> list[dict[str, object]]:
    """Ten images: seven that can be read, three that cannot."""
    folder.mkdir()
    picture(1).save(folder / "one.png")
    picture(2).save(folder / "two.jpg")
    turned = Image.Exif()
    turned[0x0112] = 6
    picture(3).save(folder / "turned.jpg", exif=turned)
    picture(4).save(folder / "four.tif")
    picture(5).save(folder / "five.png")
    picture(6).save(folder / "six.png")
    picture(7).save(folder / "broken.png")
    (folder / "broken.png").write_bytes((folder / "broken.png").read_bytes()[:700])
    dicom = Path(str(get_testdata_file("CT_small.dcm")))
    mask = {"mask": encode(triangle()), "label": "edema", "x0": 0.0, "y0": 10.0, "x1": 30.0, "y1": 40.0}
    return [
        row("a-png", folder / "one.png"),
        row("a-png", folder / "one.png", **mask),
        row("b-jpeg", folder / "two.jpg", caption=None, label=None, kind="organ"),
        row("c-turned", folder / "turned.jpg", width=HEIGHT, height=WIDTH),
        row("d/odd 'id'", folder / "four.tif"),
        row("e-dicom", dicom, modality="CT", width=128, height=128),
        row("f-restricted", folder / "five.png", source="closed", license=RESTRICTED),
        row("g-unlicensed", folder / "six.png", source="unsaid", license=None),
        row("x-broken", folder / "broken.png"),
        row("y-gone", folder / "gone.png"),
        row("z-nowhere", None),
    ]
