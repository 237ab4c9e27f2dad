"""DICOM headers become rows of images."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pydicom
import pytest
from dicom_objects import KEYS, ct, item, real, save, take
from pydicom import config
from pydicom.sequence import Sequence as Items

from catalog.ingest.contract import Options
from catalog.ingest.dicom import DicomReader
from catalog.ingest.dicom.frames import plane


def test_a_ct_slice_is_described_by_its_header() -> None:
    (image,) = take(real("CT_small.dcm")).rows("images")
    header = pydicom.dcmread(real("CT_small.dcm"))
    assert image["image_id"] == KEYS("image", header.SOPInstanceUID, 0)
    assert (image["modality"], image["view"], image["frame"]) == ("CT", "AXIAL", None)
    assert (image["width"], image["height"], image["channels"], image["bit_depth"]) == (128, 128, 1, 16)
    assert image["position"] == [float(value) for value in header.ImagePositionPatient]
    assert image["pixel_spacing"] == [float(value) for value in header.PixelSpacing]
    assert image["slice_index"] == header.InstanceNumber - 1
    assert image["uri"] == str(real("CT_small.dcm"))
    assert image["sha256"] is None


@pytest.mark.parametrize(
    "name",
    ["MR_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm", "image_dfl.dcm"],
)
def test_every_encoding_says_the_same_as_pydicom(name: str) -> None:
    (image,) = take(real(name)).rows("images")
    header = pydicom.dcmread(real(name))
    assert (image["height"], image["width"]) == header.pixel_array.shape
    assert image["bit_depth"] == header.BitsStored
    assert image["modality"] == header.get("Modality")


def test_a_file_without_meta_header_is_an_image_when_its_name_says_dicom() -> None:
    (image,) = take(real("OT-PAL-8-face.dcm")).rows("images")
    assert (image["width"], image["height"]) == (640, 480)


def test_each_frame_of_a_multi_frame_file_is_an_image() -> None:
    images = take(real("examples_ybr_color.dcm")).rows("images")
    assert [image["frame"] for image in images] == list(range(30))
    assert [image["slice_index"] for image in images] == list(range(30))
    assert len({image["image_id"] for image in images}) == 30
    assert {image["channels"] for image in images} == {3}


def test_frames_of_an_enhanced_object_have_places_of_their_own() -> None:
    header = pydicom.dcmread(real("eCT_Supplemental.dcm"))
    images = take(real("eCT_Supplemental.dcm")).rows("images")
    groups = header.PerFrameFunctionalGroupsSequence
    expected = [list(map(float, group.PlanePositionSequence[0].ImagePositionPatient)) for group in groups]
    assert [image["position"] for image in images] == expected
    assert {image["view"] for image in images} == {"AXIAL"}


def test_frames_of_a_dose_lie_at_their_grid_offsets() -> None:
    images = take(real("rtdose.dcm")).rows("images")
    header = pydicom.dcmread(real("rtdose.dcm"))
    first, last = images[0]["position"], images[-1]["position"]
    assert last[2] - first[2] == pytest.approx(float(header.GridFrameOffsetVector[-1]))


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        ([1, 0, 0, 0, 1, 0], "AXIAL"),
        ([1, 0, 0, 0, 0, -1], "CORONAL"),
        ([0, 1, 0, 0, 0, -1], "SAGITTAL"),
        ([0.7071, 0.7071, 0, 0, 0, -1], "OBLIQUE"),
        (None, None),
    ],
)
def test_the_view_is_the_plane_of_the_image(orientation: list[float] | None, expected: str | None) -> None:
    assert plane(orientation) == expected


def test_view_position_laterality_and_body_part_are_taken_as_given(tmp_path: Path) -> None:
    save(ct(ViewPosition="PA", ImageLaterality="L", BodyPartExamined="CHEST"), tmp_path / "a.dcm")
    (image,) = take(tmp_path).rows("images")
    assert (image["view"], image["laterality"], image["organs"]) == ("PA", "L", ["CHEST"])


def test_a_projection_without_view_position_is_frontal_by_its_patient_orientation(tmp_path: Path) -> None:
    dataset = ct(Modality="DX", PatientOrientation=["L", "F"])
    del dataset.ImageOrientationPatient
    save(dataset, tmp_path / "a.dcm")
    assert take(tmp_path).rows("images")[0]["view"] == "FRONTAL"


def test_images_of_one_patient_study_and_series_share_keys(tmp_path: Path) -> None:
    save(ct(z=0), tmp_path / "a.dcm")
    save(ct(z=1), tmp_path / "b.dcm")
    save(ct(z=2, PatientID="another"), tmp_path / "c.dcm")
    a, b, c = take(tmp_path).rows("images")
    for level in ("patient_key", "study_key", "series_key", "frame_of_reference_key"):
        assert a[level] == b[level] is not None
    assert c["patient_key"] != a["patient_key"]


def test_the_same_patient_id_of_two_issuers_is_two_patients(tmp_path: Path) -> None:
    save(ct(IssuerOfPatientID="north"), tmp_path / "a.dcm")
    save(ct(IssuerOfPatientID="south"), tmp_path / "b.dcm")
    a, b = take(tmp_path).rows("images")
    assert a["patient_key"] != b["patient_key"]


def test_a_second_file_with_the_same_uid_and_another_content_is_told_apart(tmp_path: Path) -> None:
    original = ct()
    save(original, tmp_path / "a.dcm")
    shutil.copy(tmp_path / "a.dcm", tmp_path / "b.dcm")
    original.WindowCenter = 77
    save(original, tmp_path / "c.dcm")
    original.PixelData = bytes(len(original.PixelData))
    save(original, tmp_path / "d.dcm")
    rows = take(tmp_path).rows("images")
    assert len({row["image_id"] for row in rows}) == 1
    a, b, c, d = (row["content_hash"] for row in rows)
    assert a == b
    assert len({a, c, d}) == 3


def test_an_image_without_uid_is_known_by_its_content(tmp_path: Path) -> None:
    dataset = ct()
    del dataset.SOPInstanceUID
    save(dataset, tmp_path / "a.dcm")
    dataset.Rows, dataset.PixelData = 64, dataset.PixelData[: 64 * 128 * 2]
    save(dataset, tmp_path / "b.dcm")
    a, b = take(tmp_path).rows("images")
    assert a["image_id"] != b["image_id"]
    assert take(tmp_path).rows("images")[0]["image_id"] == a["image_id"]


def test_a_header_longer_than_the_first_block_is_read_whole(tmp_path: Path) -> None:
    dataset = ct()
    dataset.add_new(0x00091001, "LO", "ours")
    dataset.add_new(0x00091010, "OB", bytes(200_000))
    save(dataset, tmp_path / "a.dcm")
    (image,) = take(tmp_path).rows("images")
    assert (image["width"], image["bit_depth"]) == (128, 16)


def test_a_folder_is_walked_by_name_and_other_files_are_passed_over(tmp_path: Path) -> None:
    save(ct(), tmp_path / "b" / "IM0001")
    save(ct(), tmp_path / "a" / "x.jpg.anything")
    (tmp_path / "README").write_text("about this folder")
    (tmp_path / "notes.txt").write_text("more")
    (tmp_path / "._a.dcm").write_bytes(b"\0\5\x16\7")
    taken = take(tmp_path)
    assert [Path(image["uri"]).parent.name for image in taken.rows("images")] == ["a", "b"]
    assert taken.rows("failures") == []


def test_linked_folders_are_entered_and_circles_left(tmp_path: Path) -> None:
    save(ct(), tmp_path / "far" / "a.dcm")
    (tmp_path / "lake" / "deep").mkdir(parents=True)
    (tmp_path / "lake" / "deep" / "up").symlink_to(tmp_path / "lake")
    (tmp_path / "lake" / "far").symlink_to(tmp_path / "far")
    (tmp_path / "far" / "back").symlink_to(tmp_path / "lake")
    assert [Path(image["uri"]).name for image in take(tmp_path / "lake").rows("images")] == ["a.dcm"]


@pytest.mark.parametrize("name", ['a "b".dcm', "it's.dcm", "two\nlines.dcm", "Röntgen 像.dcm", "-r ;x.dcm"])
def test_any_name_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    save(ct(), tmp_path / name)
    (image,) = take(tmp_path).rows("images")
    assert image["file_name"] == name
    assert Path(image["uri"]).is_file()


def test_a_name_that_is_not_utf_8_is_found_again_by_its_key(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.dcm"
    save(ct(), tmp_path / "a.dcm").rename(os.fsdecode(path))
    (image,) = take(tmp_path).rows("images")
    assert os.fsencode(KEYS.find(image["uri"])) == path


def test_the_source_is_the_folder_unless_it_is_named(tmp_path: Path) -> None:
    path = save(ct(), tmp_path / "liver set" / "deep" / "a.dcm")
    assert take(tmp_path / "liver set").rows("images")[0]["source"] == "liver set"
    assert take(path).rows("images")[0]["source"] == "deep"
    assert take(path, source="lits").rows("images")[0]["source"] == "lits"


def test_units_are_the_same_every_time_and_change_with_their_files(tmp_path: Path) -> None:
    path = save(ct(), tmp_path / "a.dcm")
    options = Options(keys=KEYS)
    first = [unit.key for unit in DicomReader([tmp_path], options).units()]
    assert [unit.key for unit in DicomReader([tmp_path], options).units()] == first
    assert [unit.key for unit in DicomReader([tmp_path], Options(keys=KEYS, copy=True)).units()] != first
    os.utime(path, ns=(1, 1))
    assert [unit.key for unit in DicomReader([tmp_path], options).units()] != first


def test_a_file_more_changes_one_unit_of_many(tmp_path: Path) -> None:
    for index in range(1500):
        (tmp_path / f"{index:05}.dcm").touch()
    reader = DicomReader([tmp_path], Options(keys=KEYS))
    before = {unit.key for unit in reader.units()}
    (tmp_path / "00003b.dcm").touch()
    after = {unit.key for unit in reader.units()}
    assert len(before) > 3
    assert len(after - before) <= 2


def test_annotations_come_after_all_images() -> None:
    folder = real("CT_small.dcm").parent
    units = list(DicomReader([folder, real("liver_1frame.dcm")], Options(keys=KEYS)).units())
    late = [unit.after_images for unit in units]
    assert late == sorted(late)
    assert {late[0], late[-1]} == {False, True}


def test_reader_and_units_travel_to_other_processes() -> None:
    reader = DicomReader([real("CT_small.dcm")], Options(keys=KEYS))
    (unit,) = reader.units()
    travelled, one = pickle.loads(pickle.dumps((reader, unit)))  # noqa: S301 - our own bytes
    assert travelled.read(one, take()).tables["images"].num_rows == 1


def test_a_dicomdir_brings_the_files_that_it_names() -> None:
    directory = real("dicomdirtests").parent / "dicomdirtests" / "DICOMDIR"
    taken = take(directory)
    assert len(taken.rows("images")) == 31
    assert {image["modality"] for image in taken.rows("images")} == {"CR", "CT", "MR"}
    assert taken.rows("failures") == []


def test_a_dicomdir_that_names_a_missing_file_says_so_and_the_rest_goes_on(tmp_path: Path) -> None:
    shutil.copytree(real("dicomdirtests").parent / "dicomdirtests", tmp_path / "disk")
    (tmp_path / "disk" / "77654033" / "CR1" / "6154").unlink()
    for given in (tmp_path / "disk" / "DICOMDIR", tmp_path / "disk"):
        taken = take(given)
        missing = [row for row in taken.rows("failures") if row["error"] == "missing"]
        patient = KEYS("77654033")  # the folder spells the Patient ID
        assert {row["item"] for row in missing} == {f"~{patient}/CR1/6154"}
        assert len(taken.rows("images")) >= 30


def test_a_dicomdir_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    save(ct(), tmp_path / "secret.dcm")
    directory = pydicom.dcmread(real("dicomdirtests").parent / "dicomdirtests" / "DICOMDIR")
    with config.disable_value_validation():
        record = item(DirectoryRecordType="IMAGE", ReferencedFileID=["..", "secret.dcm"])
    directory.DirectoryRecordSequence = Items([record])
    taken = take(save(directory, tmp_path / "disk" / "DICOMDIR"))
    assert taken.rows("images") == []
    assert [row["error"] for row in taken.rows("failures")] == ["missing"]
