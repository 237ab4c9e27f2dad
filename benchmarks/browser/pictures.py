"""A small lake of real pictures, linked: JPEG files as they are published, and CT images of 512 x 512 as DICOM."""

from __future__ import annotations

import csv
from pathlib import Path

import catalog

SIDE = 512


def lake_of_pictures(folder: Path, *, each: int) -> Path:
    """A lake of so many JPEG files, each with a region and a text, and as many DICOM files."""
    folder.mkdir(parents=True, exist_ok=True)
    table = _jpegs(folder / "jpeg", each)
    _dicoms(folder / "dicom", each)
    with catalog.init(folder / "lake") as lake:
        lake.ingest(table, kind="manifest", source="pictures")
        lake.ingest(folder / "dicom", kind="dicom", source="scans")
    return folder / "lake"


def _jpegs(folder: Path, count: int) -> Path:
    """Parts of a fundus photograph and of a histological section, each a file, and a table of them."""
    from PIL import Image
    from skimage import data

    folder.mkdir()
    originals = [Image.fromarray(data.retina()), Image.fromarray(data.immunohistochemistry())]
    table = folder / "pictures.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["image_id", "uri", "modality", "text", "label", "x0", "y0", "x1", "y1"])
        for number in range(count):
            original = originals[number % len(originals)]
            left, upper = (number * 13 % max(1, side - SIDE + 1) for side in original.size)
            path = folder / f"{number:04}.jpg"
            original.crop((left, upper, left + SIDE, upper + SIDE)).save(path, quality=90)
            edges = [number % 200, number % 300, number % 200 + 150, number % 300 + 100]
            rows.writerow([f"jpeg-{number:04}", path.resolve(), "Microscopy", "A field of view.", "tissue", *edges])
    return table


def _dicoms(folder: Path, count: int) -> None:
    """The same CT image, moved by some pixels, 16 bits a pixel and not compressed."""
    import numpy as np
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    from tui.demo.pieces import DICOM, source

    folder.mkdir()
    image = pydicom.dcmread(source(DICOM[0]))
    pixels = np.asarray(image.pixel_array, np.int16)
    assert pixels.shape == (SIDE, SIDE)
    for number in range(count):
        image.PixelData = np.roll(pixels, number, axis=1).tobytes()
        image["PixelData"].VR = "OW"
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(number)])
        image.InstanceNumber = number + 1
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
