"""SEG objects become regions on the images they refer to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_objects import FRAME_OF_REFERENCE, KEYS, Taken, ct, item, real, reference, save, seg, seg_frame, take
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from catalog.geometry import masks


def drawn(*, height: int = 128, width: int = 128) -> np.ndarray:
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[10:31, 20:52] = 1
    mask[15:20, 30:35] = 0
    return mask


def taken_mask(row: dict) -> np.ndarray:
    return masks.decode(row["mask"], width=row["width"], height=row["height"])


def lake(tmp_path: Path, *images: Dataset) -> Taken:
    for index, image in enumerate(images):
        save(image, tmp_path / "images" / f"{index}.dcm")
    return take(tmp_path / "images")


def test_a_segment_becomes_a_region_on_its_source_image(tmp_path: Path) -> None:
    image = ct()
    save(image, tmp_path / "z.dcm")
    save(seg([drawn()], [seg_frame(reference(image))]), tmp_path / "a.dcm")
    taken = take(tmp_path)
    (roi,) = taken.rows("rois")
    assert roi["image_id"] == KEYS("image", image.SOPInstanceUID, 0) == taken.rows("images")[0]["image_id"]
    assert (roi["label"], roi["kind"], roi["origin"]) == ("Liver, as drawn", "organ", "source_mask")
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == (20, 10, 52, 31)
    assert np.array_equal(taken_mask(roi), drawn())
    assert roi["score"] is None


def test_a_real_liver_segmentation_lands_on_the_slices_it_names(tmp_path: Path) -> None:
    header = pydicom.dcmread(real("liver.dcm"))
    for index, group in enumerate(header.PerFrameFunctionalGroupsSequence):
        source = group.DerivationImageSequence[0].SourceImageSequence[0]
        place = group.PlanePositionSequence[0].ImagePositionPatient
        image = ct(SOPInstanceUID=source.ReferencedSOPInstanceUID, Rows=512, Columns=512, ImagePositionPatient=place)
        image.PixelSpacing = header.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
        image.PixelData = bytes(512 * 512 * 2)
        save(image, tmp_path / f"{index}.dcm")
    taken = take(tmp_path, real("liver.dcm"))
    rois = taken.rows("rois")
    assert taken.rows("failures") == []
    assert {(roi["label"], roi["kind"]) for roi in rois} == {("Liver", "organ")}
    assert np.array_equal(np.stack([taken_mask(roi) for roi in rois]), header.pixel_array)


def test_frames_that_share_a_byte_keep_their_pixels(tmp_path: Path) -> None:
    images = [ct(z=z, Rows=3, Columns=3, PixelData=bytes(18)) for z in range(3)]
    rng = np.random.default_rng(0)
    wanted = [(rng.random((3, 3)) > 0.4).astype(np.uint8) for _ in images]
    taken = lake(tmp_path, *images)
    made = seg(wanted, [seg_frame(reference(image)) for image in images])
    take(save(made, tmp_path / "seg.dcm"), into=taken)
    found = {roi["image_id"]: taken_mask(roi) for roi in taken.rows("rois")}
    for image, mask in zip(images, wanted, strict=True):
        assert np.array_equal(found[KEYS("image", image.SOPInstanceUID, 0)], mask)


def test_a_fractional_mask_is_cut_at_half_of_its_maximum(tmp_path: Path) -> None:
    image = ct()
    fractions = np.zeros((128, 128), dtype=np.uint8)
    fractions[5, 5:10] = [0, 1, 99, 100, 200]
    made = seg([fractions], [seg_frame(reference(image))], BitsAllocated=8, BitsStored=8, HighBit=7)
    made.SegmentationType, made.MaximumFractionalValue, made.SegmentationFractionalType = "FRACTIONAL", 200, "OCCUPANCY"
    taken = lake(tmp_path, image)
    take(save(made, tmp_path / "seg.dcm"), into=taken)
    (roi,) = taken.rows("rois")
    assert (roi["x0"], roi["x1"], roi["mask_area"]) == (8, 10, 2)


def test_a_label_map_has_a_region_for_each_of_its_segments(tmp_path: Path) -> None:
    image = ct()
    labels = np.zeros((128, 128), dtype=np.uint8)
    labels[2:4, 2:4], labels[8:12, 8:12] = 1, 2
    made = seg([labels], [seg_frame(reference(image))], BitsAllocated=8, BitsStored=8, HighBit=7)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66.7"
    made.SegmentationType = "LABELMAP"
    taken = lake(tmp_path, image)
    take(save(made, tmp_path / "seg.dcm"), into=taken)
    assert [(roi["label"], roi["mask_area"]) for roi in taken.rows("rois")] == [
        ("Liver, as drawn", 4),
        ("segment 2", 16),
    ]


def test_a_mask_without_source_lies_on_the_image_of_its_plane(tmp_path: Path) -> None:
    taken = lake(tmp_path, *[ct(z=z) for z in (0, 2, 4)])
    take(save(seg([drawn()], [seg_frame(z=2)]), tmp_path / "seg.dcm"), into=taken)
    (roi,) = taken.rows("rois")
    (image,) = [row for row in taken.rows("images") if row["image_id"] == roi["image_id"]]
    assert image["position"][2] == 2


def test_of_several_sources_the_one_in_the_plane_is_meant(tmp_path: Path) -> None:
    images = [ct(z=z) for z in (0, 2, 4)]
    taken = lake(tmp_path, *images)
    take(save(seg([drawn()], [seg_frame(*map(reference, images), z=4)]), tmp_path / "seg.dcm"), into=taken)
    (roi,) = taken.rows("rois")
    assert roi["image_id"] == KEYS("image", images[2].SOPInstanceUID, 0)


def test_a_frame_of_a_multi_frame_source_is_meant(tmp_path: Path) -> None:
    image = ct(NumberOfFrames=3)
    image.PixelData = image.PixelData * 3
    taken = lake(tmp_path, image)
    take(save(seg([drawn()], [seg_frame(reference(image, 3))]), tmp_path / "seg.dcm"), into=taken)
    assert taken.rows("rois")[0]["image_id"] == taken.rows("images")[2]["image_id"]


@pytest.mark.parametrize(
    ("category", "kind", "expected"),
    [
        (("49755003", "SCT"), ("108369006", "SCT"), "lesion"),
        (("M-01000", "SRT"), ("M-80003", "SRT"), "lesion"),
        (("T-D0050", "SRT"), ("T-62000", "SRT"), "organ"),
        (("260787004", "SCT"), ("33894003", "SCT"), "device"),
        (("123037004", "SCT"), ("84640000", "SCT"), "cell"),
        (("309825002", "SCT"), ("123", "99X"), "organ"),
    ],
)
def test_the_kind_is_told_by_the_category(
    tmp_path: Path, category: tuple[str, str], kind: tuple[str, str], expected: str
) -> None:
    image = ct()
    made = seg([drawn()], [seg_frame(reference(image))])
    for codes, (value, scheme) in (("Category", category), ("Type", kind)):
        coded = getattr(made.SegmentSequence[0], f"SegmentedProperty{codes}CodeSequence")[0]
        coded.CodeValue, coded.CodingSchemeDesignator = value, scheme
    taken = lake(tmp_path, image)
    take(save(made, tmp_path / "seg.dcm"), into=taken)
    assert taken.rows("rois")[0]["kind"] == expected


def test_an_empty_label_gives_way_to_the_meaning_of_the_code(tmp_path: Path) -> None:
    image = ct()
    made = seg([drawn()], [seg_frame(reference(image))])
    made.SegmentSequence[0].SegmentLabel = ""
    taken = lake(tmp_path, image)
    take(save(made, tmp_path / "seg.dcm"), into=taken)
    assert taken.rows("rois")[0]["label"] == "Liver"


def test_an_empty_mask_makes_no_region_and_no_failure(tmp_path: Path) -> None:
    image = ct()
    taken = lake(tmp_path, image)
    take(save(seg([drawn() * 0], [seg_frame(reference(image))]), tmp_path / "seg.dcm"), into=taken)
    assert taken.rows("rois") == taken.rows("failures") == []


def test_a_mask_of_another_size_is_a_failure_that_says_both_sizes(tmp_path: Path) -> None:
    image = ct()
    taken = lake(tmp_path, image)
    take(save(seg([drawn(width=64, height=64)], [seg_frame(reference(image))]), tmp_path / "seg.dcm"), into=taken)
    (failure,) = taken.rows("failures")
    assert (failure["error"], failure["item"]) == ("mask-size", "segment 1")
    assert "64x64" in failure["message"]
    assert "128x128" in failure["message"]
    assert failure["image_id"] == taken.rows("images")[0]["image_id"]
    assert taken.rows("rois") == []


def test_a_mask_on_a_shifted_grid_is_a_failure(tmp_path: Path) -> None:
    image = ct(z=0)
    frame = seg_frame(reference(image), z=0)
    frame.PlanePositionSequence[0].ImagePositionPatient = [-30.0, -20.0, 0]
    taken = lake(tmp_path, image)
    take(save(seg([drawn()], [frame]), tmp_path / "seg.dcm"), into=taken)
    assert [failure["error"] for failure in taken.rows("failures")] == ["other-grid"]


def test_an_image_that_is_not_in_the_lake_is_asked_for(tmp_path: Path) -> None:
    frames = [seg_frame(reference(ct())), seg_frame(reference(ct()))]
    taken = take(save(seg([drawn(), drawn()], frames), tmp_path / "seg.dcm"))
    (failure,) = taken.rows("failures")
    assert failure["error"] == "missing-image"
    assert failure["message"].startswith("2 masks are of images that are not in the lake; ingest those images first")


def test_truncated_masks_are_a_failure(tmp_path: Path) -> None:
    image = ct()
    path = save(seg([drawn()], [seg_frame(reference(image))]), tmp_path / "seg.dcm")
    path.write_bytes(path.read_bytes()[:-500])
    taken = take(path, into=lake(tmp_path, image))
    assert [failure["error"] for failure in taken.rows("failures")] == ["truncated"]


def test_two_series_in_one_plane_are_told_apart_by_the_series_named(tmp_path: Path) -> None:
    images = [ct(), ct(SeriesInstanceUID="1.2.3.4.5.6")]
    taken = lake(tmp_path, *images)
    made = seg([drawn()], [seg_frame(z=0)])
    take(save(made, tmp_path / "a.dcm"), into=taken)
    assert [failure["error"] for failure in taken.rows("failures")] == ["ambiguous"]
    made.ReferencedSeriesSequence = Items([item(SeriesInstanceUID="1.2.3.4.5.6")])
    take(save(made, tmp_path / "b.dcm"), into=taken)
    assert taken.rows("rois")[0]["image_id"] == KEYS("image", images[1].SOPInstanceUID, 0)
    assert made.FrameOfReferenceUID == FRAME_OF_REFERENCE
