"""Copied DICOM files keep their pixels and lose their patient."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_objects import KEYS, ct, real, save, take
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from catalog.ingest.dicom import deidentify
from catalog.ingest.dicom.quiet import pydicom_quiet

ENCODINGS = [
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_RLE.dcm",
    "image_dfl.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "JPEG2000.dcm",
    "emri_small_jpeg_ls_lossless.dcm",
    "examples_palette.dcm",
    "eCT_Supplemental.dcm",
    "SC_rgb_16bit_2frame.dcm",
]


def copied(path: Path) -> Dataset:
    """The only blob that comes of a file, as pydicom reads it."""
    taken = take(path, copy=True)
    ((sha256, data),) = taken.blobs.items()
    assert hashlib.sha256(data).hexdigest() == sha256
    assert {(row["sha256"], row["uri"]) for row in taken.rows("images")} == {(sha256, f"lance:{sha256}")}
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_copy_decodes_to_the_same_pixels(name: str) -> None:
    original = pydicom.dcmread(real(name))
    copy = copied(real(name))
    assert np.array_equal(copy.pixel_array, original.pixel_array)
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "PhotometricInterpretation"):
        assert copy.get(keyword) == original.get(keyword)


def test_a_copy_holds_nothing_but_what_decoding_needs(tmp_path: Path) -> None:
    image = ct(
        PatientName="Quixote^Alonso",
        PatientID="HOSP4711",
        PatientBirthDate="19330517",
        StudyDescription="after windmills",
        ImageComments="windmills again",
        WindowCenterWidthExplanation="for Quixote",
        RescaleType="windmills",
    )
    image.add_new(0x00091001, "LO", "private windmills")
    image.VOILUTSequence = Items([Dataset()])
    image.VOILUTSequence[0].LUTDescriptor = [2, 0, 16]
    image.VOILUTSequence[0].LUTData = b"\x00\x00\xff\xff"
    image.VOILUTSequence[0].LUTExplanation = "Quixote's own"
    image.preamble = b"Quixote".ljust(128, b"\0")
    path = save(image, tmp_path / "a.dcm")
    with pydicom_quiet():
        data = deidentify.strip(str(path), keys=KEYS)
    header, pixels = data[: -len(image.PixelData)], data[-len(image.PixelData) :]
    assert pixels == image.PixelData
    for word in ("uixote", "4711", "1933", "windmill", image.SOPInstanceUID, image.StudyInstanceUID):
        assert word.encode() not in header
    copy = pydicom.dcmread(io.BytesIO(data))
    assert {element.tag.group for element in copy} == {0x0008, 0x0028, 0x7FE0}
    assert copy.VOILUTSequence[0].LUTDescriptor == [2, 0, 16]
    assert copy.SOPClassUID == image.SOPClassUID


def test_a_copy_is_made_once_a_file_and_is_the_same_every_time() -> None:
    first, second = (take(real("emri_small.dcm"), copy=True) for _ in range(2))
    assert len(first.rows("images")) == 10
    assert len(first.blobs) == 1
    assert first.blobs == second.blobs


def test_copying_changes_neither_ids_nor_digests() -> None:
    linked, copy = take(real("CT_small.dcm")).rows("images")[0], take(real("CT_small.dcm"), copy=True).rows("images")[0]
    for name in ("image_id", "content_hash", "patient_key", "file_name"):
        assert linked[name] == copy[name]


def test_linking_reads_no_bytes_into_the_lake() -> None:
    assert take(real("CT_small.dcm")).blobs == {}
