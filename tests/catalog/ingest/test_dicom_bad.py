"""Bad DICOM input becomes failures that say what is wrong; the rest goes on."""

from __future__ import annotations

import logging
import zlib
from pathlib import Path

import pydicom
import pytest
from dicom_objects import Taken, ct, real, save, take
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from catalog.errors import InputError
from catalog.ingest.dicom.deflated import inflate

IMAGE_FAILURES = ("truncated", "no-pixels", "no-size", "frames", "unreadable", "not-dicom")


def failure(taken: Taken) -> tuple[str, str]:
    """The error and message of the only failure."""
    (row,) = taken.rows("failures")
    return row["error"], row["message"]


@pytest.mark.parametrize("keep", [200, 1000, 3000, 5000, 20_000, -200])
def test_a_truncated_file_is_a_failure_wherever_it_ends(tmp_path: Path, keep: int) -> None:
    path = save(ct(), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:keep])
    save(ct(), tmp_path / "b.dcm")
    taken = take(tmp_path)
    error, message = failure(taken)
    assert error == "truncated"
    assert "the file ends inside its" in message
    assert len(taken.rows("images")) == 1


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_RLE.dcm", "emri_small_jpeg_2k_lossless.dcm"])
def test_truncated_compressed_pixels_are_seen_without_decoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(real(name).read_bytes()[:-1000])
    taken = take(path)
    assert failure(taken)[0] == "truncated"
    assert taken.rows("images") == []


@pytest.mark.parametrize("name", ["rtplan.dcm", "waveform_ecg.dcm", "priv_SQ.dcm"])
def test_an_object_without_pixels_is_a_failure(name: str) -> None:
    error, message = failure(take(real(name)))
    assert error == "no-pixels"
    assert "no pixel data" in message


def test_a_text_file_named_dcm_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "notes.dcm").write_text("These are notes, not an image.\n" * 30)
    save(ct(), tmp_path / "z.dcm")
    taken = take(tmp_path)
    assert failure(taken)[0] == "not-dicom"
    assert len(taken.rows("images")) == 1


def test_a_file_that_the_user_names_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are notes.")
    assert failure(take(tmp_path / "notes.txt"))[0] == "not-dicom"


def test_an_empty_file_and_a_missing_one_are_failures(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").touch()
    assert failure(take(tmp_path / "a.dcm")) == ("empty", "the file has 0 bytes; fetch it again")
    assert failure(take(tmp_path / "b.dcm"))[0] == "missing"


@pytest.mark.parametrize("count", ["2147483647", "999999999999", "-3", "12"])
def test_more_frames_than_the_pixels_can_hold_are_a_failure(tmp_path: Path, count: str) -> None:
    save(ct(NumberOfFrames=count), tmp_path / "a.dcm")
    taken = take(tmp_path)
    error, message = failure(taken)
    assert error == "frames"
    assert count in message
    assert taken.rows("images") == []


def test_more_frames_than_compressed_fragments_are_a_failure(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(real("emri_small_jpeg_2k_lossless.dcm"))
    dataset.NumberOfFrames = 50_000
    assert failure(take(save(dataset, tmp_path / "a.dcm"))) == (
        "frames",
        "50000 frames are announced, 10 are there; the header or the file is damaged",
    )


def test_a_frame_count_that_is_no_number_is_a_failure() -> None:
    assert failure(take(real("badVR.dcm")))[0] == "frames"


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated"])
def test_an_image_without_size_is_a_failure(tmp_path: Path, keyword: str) -> None:
    dataset = ct()
    delattr(dataset, keyword)
    assert failure(take(save(dataset, tmp_path / "a.dcm")))[0] == "no-size"


def test_a_header_whose_values_cannot_be_decoded_is_a_failure(tmp_path: Path) -> None:
    dataset = ct()
    dataset.add_new(0x52009230, "OB", b"\xfe\xff\x00\xe0\xff\xff\xff\x7fgarbage!")
    path = save(dataset, tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"\x00\x52\x30\x92OB", b"\x00\x52\x30\x92SQ"))
    taken = take(path)
    assert len(taken.rows("images")) + len(taken.rows("failures")) == 1


def test_video_is_refused_with_its_transfer_syntax(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(real("JPEG2000.dcm"))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    error, message = failure(take(save(dataset, tmp_path / "a.dcm")))
    assert error == "video"
    assert "1.2.840.10008.1.2.4.102" in message


def test_a_deflate_bomb_is_not_inflated(tmp_path: Path) -> None:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    (tmp_path / "bomb").write_bytes(b"head" + engine.compress(bytes(5_000_000)) + engine.flush())
    assert len(inflate(str(tmp_path / "bomb"), 4).getvalue()) == 5_000_000
    with pytest.raises(InputError, match="inflates to more than 1000000 bytes"):
        inflate(str(tmp_path / "bomb"), 4, most=1_000_000)


def test_a_truncated_deflated_file_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(real("image_dfl.dcm").read_bytes()[:-2000])
    assert failure(take(path))[0] == "truncated"


def test_a_folder_that_holds_no_dicom_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    taken = take(tmp_path)
    assert taken.units == []


def test_pydicom_says_nothing_and_is_left_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from pydicom import config

    before = config.settings.reading_validation_mode
    with config.disable_value_validation():
        dataset = ct(PatientBirthDate="not a date", PatientSex="lower")
        dataset["PixelSpacing"] = RawDataElement(Tag("PixelSpacing"), "DS", 4, b"a\\b ", 0, False, True)
        save(dataset, tmp_path / "a.dcm")
    caplog.set_level(logging.DEBUG)
    taken = take(tmp_path, real("badVR.dcm"))
    assert len(taken.rows("images")) == 1
    assert taken.rows("images")[0]["pixel_spacing"] is None
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    assert config.settings.reading_validation_mode == before
    assert not logging.getLogger("pydicom").disabled


def test_every_file_of_pydicom_is_an_image_or_a_failure_and_nothing_raises() -> None:
    folder = real("CT_small.dcm").parent
    taken = take(folder, source="pydicom")
    kinds = {row["error"] for row in taken.rows("failures")}
    assert len(taken.rows("images")) > 150
    assert kinds <= {*IMAGE_FAILURES, "missing-image", "no-image", "no-content"}
