"""What the demo takes out of which package, what it shows, and under which terms."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tui.demo import packages

_NEMA = "NEMA WG-04 test images, as pydicom-data has them; the package is MIT, the file states no licence"
_PYDICOM = "as pydicom has it; the package is MIT, the file states no licence"
_TCIA = "a case of The Cancer Imaging Archive, as pydicom-data has it; the package is MIT, the file states no licence"
_MNI = "ICBM 152 (2009a), as nilearn has it; nilearn says: licence unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file under ``inputs``: a line of sources.csv."""

    file: str
    """Where it lies under ``inputs``."""
    shows: str
    package: str = ""
    """Import name of the package it comes from."""
    original: str = ""
    """Path inside the package."""
    license: str = ""
    """SPDX id, empty where nobody states one."""
    note: str = ""


def _dicom(file: str, shows: str, original: str, note: str = _NEMA, package: str = "data_store") -> Piece:
    return Piece(
        file=f"dicom/{file}.dcm", shows=shows, package=package, original=original, license="MIT", note=note
    )  # fmt: skip


DICOM = (
    _dicom("ct-abdomen", "CT of the abdomen", "data/explicit_VR-UN.dcm", _TCIA),
    _dicom("ct-head", "CT of the head", "data/test_files/J2K_pixelrep_mismatch.dcm", _PYDICOM, "pydicom"),
    _dicom("mr-liver", "MRI of the liver, a lesion marked by an overlay", "data/MR-SIEMENS-DICOM-WithOverlays.dcm",
           "as pydicom-data has it; the package is MIT, the file states no licence"),
    _dicom("mr-shoulder", "MRI of the shoulder", "data/MR2_J2KI.dcm"),
    _dicom("mr-head", "MRI of the head, ten frames in one file", "data/emri_small_RLE.dcm"),
    _dicom("xr-chest", "X-ray of the chest", "data/RG1_J2KI.dcm"),
    _dicom("xr-tibia", "X-ray of the tibia, with a non-ossifying fibroma", "data/RG3_J2KI.dcm"),
    _dicom("us-lymph-node", "ultrasound (Doppler) of a lymph node", "data/US1_J2KR.dcm"),
    _dicom("us-heart", "ultrasound of the heart", "data/color-pl.dcm",
           "as pydicom-data has it; the package is MIT, the file states no licence"),
    _dicom("nm-bone-scan", "bone scan of the whole body", "data/JPEG-LL.dcm"),
    _dicom("seg-liver", "a SEG of a liver whose CT is not here", "data/liver.dcm",
           "a dcmqi example, as pydicom-data has it; the package is MIT, the file states no licence"),
)  # fmt: skip
BRAIN = tuple(
    Piece(file=f"brain/{file}", shows=shows, package="nilearn", original=f"datasets/data/mni_icbm152_{original}", note=_MNI)
    for file, shows, original in (
        ("t1.nii.gz", "T1 MRI of the brain, every sixth axial slice", "t1_tal_nlin_sym_09a_converted.nii.gz"),
        ("gm", "grey matter, share of each voxel", "gm_tal_nlin_sym_09a_converted.nii.gz"),
        ("wm", "white matter, share of each voxel", "wm_tal_nlin_sym_09a_converted.nii.gz"),
    )
)  # fmt: skip
PICTURES = tuple(
    Piece(file=f"pictures/{file}", shows=shows, package="skimage", original=f"data/{original}", license=license, note=note)
    for file, shows, original, license, note in (
        ("retina.jpg", "fundus of a healthy left eye", "retina.jpg", "CC0-1.0", "Mikael Häggström, Wikimedia Commons"),
        ("microaneurysms.png", "detail of a fundus, diabetic retinopathy", "microaneurysms.png", "CC0-1.0",
         "crop of 07_dr.JPG of the High-Resolution Fundus database, Andreas Maier"),
        ("colon.png", "colonic glands, immunohistochemistry (FHL2)", "ihc.png", "CC-PDM-1.0",
         "Center for Microscopy and Molecular Imaging; no known copyright restrictions"),
        ("cell.png", "a cell in saline, quantitative phase", "cell.png", "CC0-1.0", "Müller et al., Optics Express 2018"),
    )
)  # fmt: skip


def source(piece: Piece) -> Path:
    """Where the file of a piece lies in its package."""
    return packages.root(piece.package) / piece.original


def copy(piece: Piece, inputs: Path) -> Path:
    """Copy the file of a piece to its place under ``inputs``."""
    target = inputs / piece.file
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source(piece), target)
    return target


def named(group: Iterable[Piece], file: str) -> Piece:
    """The piece of a group whose path ends so."""
    return next(piece for piece in group if piece.file.endswith(file))


def write_list(pieces: Iterable[Piece], file: Path) -> None:
    """Write sources.csv."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [item.name for item in fields(Piece)])
        writer.writeheader()
        for piece in pieces:
            row = asdict(piece)
            writer.writerow(row | {"package": packages.DISTRIBUTIONS.get(piece.package, "made by the demo")})
