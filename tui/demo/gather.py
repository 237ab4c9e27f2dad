"""Fills ``inputs``: copies out of packages, and annotations made from the images themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tui.demo import dicom_objects, pieces, regions
from tui.demo.pieces import DICOM, PICTURES, T1, TISSUES, Piece

_EVERY = 6
"""Of the slices of the brain."""
_TILE = 256
_FIELDS = (
    "path",
    "kind",
    "shown",
    "diagnosis",
    "finding",
    "finding_kind",
    "x",
    "y",
    "w",
    "h",
    "width",
    "height",
    "license",
    "report",
)
"""Columns of the manifest, named as a hospital might."""


def gather(inputs: Path) -> list[Piece]:
    """Fill ``inputs`` and list what lies there in sources.csv."""
    made = [*_dicom(inputs), *_brain(inputs), *_pictures(inputs), *_nuclei(inputs)]
    pieces.write_list(made, inputs / "sources.csv")
    return made


def _dicom(inputs: Path) -> Iterator[Piece]:
    for piece in DICOM:
        pieces.copy(piece, inputs)
        yield piece
    folder = inputs / "dicom"
    abdomen = dicom_objects.read(folder / "ct-abdomen.dcm")
    masks = regions.kidneys(dicom_objects.hounsfield(abdomen))
    dicom_objects.write_seg(abdomen, masks, folder / "seg-abdomen.dcm")
    yield _made("dicom/seg-abdomen.dcm", "a SEG of both kidneys in ct-abdomen.dcm", "MIT")
    head = dicom_objects.read(folder / "ct-head.dcm")
    masks = regions.head(dicom_objects.hounsfield(head))
    dicom_objects.write_rtstruct(head, masks, folder / "rtstruct-head.dcm")
    yield _made("dicom/rtstruct-head.dcm", "an RTSTRUCT of brain and outline in ct-head.dcm", "MIT")


def _brain(inputs: Path) -> Iterator[Piece]:
    """The T1 template and a label map out of its tissue maps, both thinned to every sixth axial slice."""
    import nibabel

    t1, grey, white = (nibabel.load(pieces.source(piece)) for piece in (T1, *TISSUES))
    affine = t1.affine @ np.diag([1, 1, _EVERY, 1])
    (inputs / "brain").mkdir(parents=True, exist_ok=True)
    volumes = [np.asanyarray(image.dataobj)[:, :, ::_EVERY] for image in (t1, grey, white)]
    labels = np.where(volumes[1] > volumes[2], 1, 2) * (np.maximum(volumes[1], volumes[2]) > 127)
    for name, voxels in (("t1", volumes[0]), ("t1_labels", labels)):
        nibabel.save(nibabel.Nifti1Image(voxels.astype(np.uint8), affine), inputs / "brain" / f"{name}.nii.gz")
    (inputs / "brain" / "t1_labels.tsv").write_text("index\tname\n1\tgrey matter\n2\twhite matter\n", encoding="utf-8")
    yield T1
    yield _made("brain/t1_labels.nii.gz", "label map of t1.nii.gz: voxels that nilearn's tissue maps share out", "")
    yield _made("brain/t1_labels.tsv", "the names of its labels", "")


def _pictures(inputs: Path) -> Iterator[Piece]:
    """Four pictures and a table of what is known of them, with boxes found in the pictures."""
    for piece in PICTURES:
        pieces.copy(piece, inputs)
        yield piece
    with (inputs / "pictures" / "table.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _FIELDS)
        writer.writeheader()
        writer.writerows(row | _told(inputs / "pictures" / row["path"]) for row in _rows(inputs / "pictures"))
    yield _made("pictures/table.csv", "what is known of the four pictures, one row a region", "CC0-1.0")


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    retina = {"path": "retina.jpg", "kind": "fundus photo", "shown": "retina", "diagnosis": ""}
    retina["report"] = "Fundus photograph of a healthy left eye. The optic disc is at the left edge of the field."
    yield retina | _finding("optic disc", "organ", regions.optic_disc(_read(folder / "retina.jpg")))
    detail = {"path": "microaneurysms.png", "kind": "fundus photo", "shown": "retina"}
    detail |= {"diagnosis": "diabetic retinopathy", "report": "Detail of a fundus with two microaneurysms."}
    for spot in regions.dark_spots(_read(folder / "microaneurysms.png", "L")):
        yield detail | _finding("microaneurysm", "lesion", spot)
    yield {"path": "colon.png", "kind": "IHC", "shown": "colon", "report": "Colonic glands, stained for FHL2 with DAB."}
    cell = {"path": "cell.png", "kind": "microscopy", "shown": "cell", "report": "A single round cell in saline."}
    yield cell | _finding("cell", "cell", regions.cell(_read(folder / "cell.png", "L")))


def _finding(label: str, kind: str, mask: regions.Mask) -> dict[str, Any]:
    return {"finding": label, "finding_kind": kind, **dict(zip("xywh", regions.box(mask), strict=True))}


def _told(file: Path) -> dict[str, Any]:
    license = next(piece.license for piece in PICTURES if piece.file.endswith(file.name))
    with Image.open(file) as picture:
        return {"width": picture.width, "height": picture.height, "license": license}


def _nuclei(inputs: Path) -> Iterator[Piece]:
    """The section of the colon in four tiles, each with its nuclei as an instance mask."""
    pixels = _read(inputs / "pictures" / "colon.png")
    instances = regions.nuclei(pixels)
    folder = inputs / "nuclei" / "nucleus_masks"
    folder.mkdir(parents=True, exist_ok=True)
    corners = [(y, x) for y in range(0, len(pixels), _TILE) for x in range(0, pixels.shape[1], _TILE)]
    for number, (y, x) in enumerate(corners, start=1):
        name = f"colon-{number}.png"
        Image.fromarray(pixels[y : y + _TILE, x : x + _TILE]).save(inputs / "nuclei" / name)
        Image.fromarray(instances[y : y + _TILE, x : x + _TILE]).save(folder / name)
        yield _made(f"nuclei/{name}", "a quarter of pictures/colon.png", "CC-PDM-1.0")
        yield _made(f"nuclei/{folder.name}/{name}", "its nuclei, one number each", "CC-PDM-1.0")


def _read(file: Path, mode: str = "RGB") -> NDArray[np.uint8]:
    with Image.open(file) as picture:
        return np.asarray(picture.convert(mode))


def _made(file: str, shows: str, license: str) -> Piece:
    return Piece(file=file, shows=shows, license=license, note="made by the demo from the files named")
