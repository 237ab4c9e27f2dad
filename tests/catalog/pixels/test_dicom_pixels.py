from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.pixels
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from catalog.errors import InputError
from catalog.pixels.dicom import raw_frame, view_frame

INSTALLED = Path(pydicom.__file__).parent / "data" / "test_files"
UNDECODABLE = {
    "JPEG-lossy.dcm": "unreadable",  # a scan header that the JPEG standard forbids
    "JPEG2000-embedded-sequence-delimiter.dcm": "unreadable",  # not an image: a test of parsing alone
    "MR_truncated.dcm": "truncated",
    "badVR.dcm": "unreadable",  # NumberOfFrames is '1A'
}


def real(name: str) -> Path:
    found = get_testdata_file(name)
    assert isinstance(found, str)
    return Path(found)


def made(pixels: np.ndarray[Any, Any], **elements: Any) -> bytes:
    """A DICOM file of ``pixels`` (height, width) with further header elements."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    image.Rows, image.Columns = pixels.shape[:2]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = pixels.dtype.itemsize * 8
    image.HighBit, image.PixelRepresentation = image.BitsStored - 1, int(pixels.dtype.kind == "i")
    image.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(image, name, value)
    file = io.BytesIO()
    image.save_as(file, enforce_file_format=True)
    return file.getvalue()


def holds_an_image(path: Path) -> bool:
    with warnings.catch_warnings(action="ignore"):
        return "Rows" in pydicom.dcmread(path, force=True, specific_tags=["Rows"], stop_before_pixels=True)


def failure(data: Path | bytes, frame: int = 0) -> InputError:
    with pytest.raises(InputError) as caught:
        view_frame(data, frame)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("path", sorted(filter(holds_an_image, INSTALLED.glob("*.dcm"))), ids=lambda path: path.name)
def test_every_transfer_syntax_of_pydicoms_files_becomes_eight_bit_pixels(path: Path) -> None:
    if path.name in UNDECODABLE:
        assert failure(path).kind == UNDECODABLE[path.name]
        return
    seen = view_frame(path)
    assert seen.dtype == np.uint8
    assert seen.ndim == 2 or seen.shape[2] == 3
    assert seen.min() < seen.max()
    assert np.array_equal(seen, view_frame(path.read_bytes()))


@pytest.mark.parametrize("other", ["MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm"])
def test_lossless_transfer_syntaxes_show_the_same_picture(other: str) -> None:
    assert np.array_equal(view_frame(real("MR_small.dcm")), view_frame(real(other)))


def test_a_frame_of_many_is_the_frame_pydicom_decodes() -> None:
    path = real("color3d_jpeg_baseline.dcm")
    assert np.array_equal(view_frame(path, 7), pydicom.pixels.pixel_array(path, index=7))
    assert failure(path, 120).kind == "frame"


def test_a_chest_x_ray_in_monochrome1_shows_bright_bones_on_dark_air() -> None:
    path = real("RG1_UNCR.dcm")
    seen, stored = view_frame(path), pydicom.dcmread(path).pixel_array
    assert np.corrcoef(seen[::9, ::9].ravel(), stored[::9, ::9].ravel())[0, 1] < -0.9


def test_raw_values_of_ct_are_hounsfield_units() -> None:
    path = real("CT_small.dcm")
    header = pydicom.dcmread(path)
    assert np.array_equal(raw_frame(path), header.pixel_array * header.RescaleSlope + header.RescaleIntercept)
    assert raw_frame(path).min() < -800


def test_a_window_maps_its_edges_to_black_and_white() -> None:
    ramp = np.arange(-1000, 1000, dtype=np.int16).reshape(40, 50)
    seen = view_frame(made(ramp, WindowCenter=40, WindowWidth=400)).ravel()
    assert seen[: 1000 + 40 - 200].max() == 0
    assert seen[1000 + 40 + 200 :].min() == 255
    assert abs(int(seen[1040]) - 127) <= 1


def test_the_first_of_several_windows_is_taken_and_an_empty_window_is_none() -> None:
    ramp = np.arange(2000, dtype=np.uint16).reshape(40, 50)
    several = view_frame(made(ramp, WindowCenter=[40, 900], WindowWidth=[80, 1]))
    assert np.array_equal(several, view_frame(made(ramp, WindowCenter=40, WindowWidth=80)))
    empty = view_frame(made(ramp, WindowCenter=None, WindowWidth=None))
    assert np.array_equal(empty, view_frame(made(ramp)))


def test_a_window_that_misses_all_values_gives_way_to_percentiles() -> None:
    ramp = np.arange(2000, dtype=np.uint16).reshape(40, 50)
    assert np.array_equal(view_frame(made(ramp, WindowCenter=50_000, WindowWidth=10)), view_frame(made(ramp)))


def test_padding_takes_no_part_in_the_percentiles() -> None:
    ramp = np.tile(np.arange(1000, 1100, dtype=np.int16), (100, 1))
    ramp[:50] = -32000
    assert view_frame(made(ramp, PixelPaddingValue=-32000))[60].std() > 50


def test_an_eight_bit_voi_lut_over_twelve_bit_values_does_not_wrap_around() -> None:
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [4096, 0, 8], (np.arange(4096, dtype=np.uint16) >> 4).tobytes()
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    data = made(ramp, BitsStored=12, HighBit=11, RescaleSlope=1, RescaleIntercept=0, VOILUTSequence=[item])
    assert np.array_equal(view_frame(data), (ramp >> 4).astype(np.uint8))


def test_an_enhanced_file_uses_the_window_of_its_frame() -> None:
    window, groups = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 100, 200
    groups.FrameVOILUTSequence = [window]
    ramp = np.arange(2000, dtype=np.uint16).reshape(40, 50)
    shared = made(ramp, SharedFunctionalGroupsSequence=[groups])
    assert np.array_equal(view_frame(shared), view_frame(made(ramp, WindowCenter=100, WindowWidth=200)))


def test_palette_and_rgb_copies_of_an_image_look_alike() -> None:
    names = ("OBXXXX1A.dcm", "examples_ybr_color.dcm", "SC_ybr_full_422_uncompressed.dcm")
    palette, ybr, packed = (view_frame(real(name)) for name in names)
    assert palette.shape == (600, 800, 3)
    assert ybr.shape == (240, 320, 3)
    assert packed[5, 50].tolist()[0] > 200  # the first bar is red
    assert packed[5, 50].tolist()[2] < 50


def test_a_header_that_promises_a_million_frames_is_refused_before_anything_is_allocated() -> None:
    data = made(np.zeros((8, 8), np.uint8), Rows=65535, Columns=65535, NumberOfFrames=1_000_000)
    assert failure(data).kind == "size"
    assert "1000000 frames" in str(failure(data))


def test_a_compressed_file_that_promises_too_much_is_refused_too() -> None:
    bomb = pydicom.dcmread(real("MR_small_RLE.dcm"))
    bomb.NumberOfFrames = 2_000_000_000
    file = io.BytesIO()
    bomb.save_as(file)
    assert failure(file.getvalue()).kind == "size"


def test_a_deflated_file_is_read_and_a_deflate_bomb_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert view_frame(real("image_dfl.dcm")).shape == (512, 512)
    monkeypatch.setattr("catalog.pixels.dicom.MAX_INFLATED_BYTES", 100_000)
    assert failure(real("image_dfl.dcm")).kind == "size"


@pytest.mark.parametrize("cut", [0, 100, 400, 5000])
def test_a_truncated_file_is_a_clear_failure_wherever_it_ends(cut: int) -> None:
    data = real("CT_small.dcm").read_bytes()[:cut]
    assert failure(data).kind in {"unreadable", "pixels", "truncated"}


def test_files_without_pixels_and_text_files_say_what_they_are(tmp_path: Path) -> None:
    assert failure(real("rtplan.dcm")).kind == "pixels"
    (tmp_path / "notes.dcm").write_text("Dear colleague, thank you for referring this patient. " * 20)
    assert "not a DICOM file" in str(failure(tmp_path / "notes.dcm"))


def test_warnings_of_decoders_stay_quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("pydicom").propagate = True
    view_frame(real("MR_small_padded.dcm"))
    assert capfd.readouterr() == ("", "")
