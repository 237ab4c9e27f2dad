"""What the demo takes out of which package, what it shows, and under which terms."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tui.demo import packages

_PACKAGED = "the package is MIT, the file states no licence of its own"
_PLAIN = f"as the package has it; {_PACKAGED}"
_NEMA = f"NEMA WG-04 test image; {_PACKAGED}"
_TCIA = f"a case of The Cancer Imaging Archive; {_PACKAGED}"
_MNI = "ICBM 152 template (2009a); nilearn says: licence unknown"


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
    place = f"dicom/{file}.dcm"
    return Piece(file=place, shows=shows, package=package, original=f"data/{original}", license="MIT", note=note)


def _brain(file: str, shows: str, tissue: str) -> Piece:
    original = f"datasets/data/mni_icbm152_{tissue}_tal_nlin_sym_09a_converted.nii.gz"
    return Piece(file=f"brain/{file}", shows=shows, package="nilearn", original=original, note=_MNI)


def _picture(file: str, shows: str, original: str, license: str, note: str) -> Piece:
    place, original = f"pictures/{file}", f"data/{original}"
    return Piece(file=place, shows=shows, package="skimage", original=original, license=license, note=note)


DICOM = (
    _dicom("ct-abdomen", "CT of the abdomen", "explicit_VR-UN.dcm", _TCIA),
    _dicom("ct-head", "CT of the head", "test_files/J2K_pixelrep_mismatch.dcm", _PLAIN, "pydicom"),
    _dicom("mr-liver", "MRI of the liver, a lesion ringed in an overlay", "MR-SIEMENS-DICOM-WithOverlays.dcm", _PLAIN),
    _dicom("mr-shoulder", "MRI of the shoulder", "MR2_J2KI.dcm"),
    _dicom("mr-head", "MRI of the head, ten frames in one file", "emri_small_RLE.dcm", _PLAIN),
    _dicom("xr-chest", "X-ray of the chest", "RG1_J2KI.dcm"),
    _dicom("xr-tibia", "X-ray of the tibia", "RG3_J2KI.dcm"),
    _dicom("us-lymph-node", "ultrasound (Doppler) of a lymph node", "US1_J2KR.dcm"),
    _dicom("us-heart", "ultrasound of the heart", "color-pl.dcm", _PLAIN),
    _dicom("nm-bone-scan", "bone scan of the whole body", "JPEG-LL.dcm"),
    _dicom("seg-liver", "a SEG of a liver whose CT is not here", "liver.dcm", f"a dcmqi example; {_PACKAGED}"),
)
T1 = _brain("t1.nii.gz", "T1 MRI of the brain, every sixth axial slice", "t1")
TISSUES = (_brain("", "share of grey matter", "gm"), _brain("", "share of white matter", "wm"))
PICTURES = (
    _picture("retina.jpg", "fundus of a healthy left eye", "retina.jpg", "CC0-1.0", "M. Häggström, Wikimedia Commons"),
    _picture(
        "microaneurysms.png",
        "detail of a fundus, diabetic retinopathy",
        "microaneurysms.png",
        "CC0-1.0",
        "crop of 07_dr.JPG of the High-Resolution Fundus database, Andreas Maier",
    ),
    _picture(
        "colon.png",
        "colonic glands, immunohistochemistry (FHL2)",
        "ihc.png",
        "CC-PDM-1.0",
        "Center for Microscopy and Molecular Imaging; no known copyright restrictions",
    ),
    _picture("cell.png", "a cell in saline, phase", "cell.png", "CC0-1.0", "Müller et al., Optics Express 2018"),
)


def source(piece: Piece) -> Path:
    """Where the file of a piece lies in its package."""
    return packages.root(piece.package) / piece.original


def copy(piece: Piece, inputs: Path) -> Path:
    """Copy the file of a piece to its place under ``inputs``."""
    target = inputs / piece.file
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source(piece), target)
    return target


def write_list(pieces: Iterable[Piece], file: Path) -> None:
    """Write sources.csv."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [item.name for item in fields(Piece)])
        writer.writeheader()
        for piece in pieces:
            row = asdict(piece)
            writer.writerow(row | {"package": packages.DISTRIBUTIONS.get(piece.package, "made by the demo")})
