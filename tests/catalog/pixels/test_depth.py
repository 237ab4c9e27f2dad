"""Images of more than 8 bits through windows of a person's choice."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file

from catalog.lake.keys import KeyedHash
from catalog.pixels.depth import Look, Window
from catalog.pixels.dicom import raw_frame, view_frame
from catalog.pixels.source import PixelSource
from catalog.pixels.view import look, view

CT = Path(str(get_testdata_file("CT_small.dcm")))
VOLUME = Path(nibabel.__file__).parent / "tests" / "data" / "example4d.nii.gz"
BRAIN = Window(level=40, width=80)


@pytest.fixture
def source() -> PixelSource:
    return PixelSource(KeyedHash(b"s" * 32))


def test_a_ct_is_looked_at_in_hounsfield_units(source: PixelSource) -> None:
    looked = look(source, {"uri": str(CT)})
    assert looked.values is not None
    assert np.array_equal(looked.values, raw_frame(CT))
    assert np.array_equal(looked.picture, view_frame(CT))
    seen = looked.through(BRAIN)
    assert (seen[looked.values <= 0] == 0).all()
    assert (seen[looked.values >= 80] == 255).all()


def test_the_window_of_the_file_is_the_default(source: PixelSource, tmp_path: Path) -> None:
    dataset = dcmread(CT)
    dataset.WindowCenter, dataset.WindowWidth = [50, 500], [350, 2000]
    dataset.save_as(tmp_path / "windowed.dcm")
    looked = look(source, {"uri": str(tmp_path / "windowed.dcm")})
    assert looked.window == Window(50, 350)
    assert np.array_equal(looked.through(Window(50, 350)), looked.picture)
    assert np.array_equal(looked.through(None), looked.picture)
    assert looked.function == "LINEAR"


def test_monochrome1_stays_inverted_through_every_window(source: PixelSource, tmp_path: Path) -> None:
    dataset = dcmread(CT)
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.save_as(tmp_path / "inverted.dcm")
    inverted = look(source, {"uri": str(tmp_path / "inverted.dcm")})
    plain = look(source, {"uri": str(CT)})
    assert np.array_equal(inverted.through(BRAIN), 255 - plain.through(BRAIN))


def test_sixteen_bit_pictures_and_volumes_have_values_and_a_window(source: PixelSource, tmp_path: Path) -> None:
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64) * 16
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    for row in ({"uri": str(tmp_path / "ramp.png")}, {"uri": str(VOLUME), "axis": 2, "frame": 3}):
        looked = look(source, row)
        assert looked.values is not None
        assert looked.window is not None
        assert np.array_equal(looked.picture, view(source, row))
        narrow = looked.through(looked.window.widened(-4))
        assert narrow.std() > looked.picture.std()


def test_eight_bits_and_colour_have_no_window(source: PixelSource, tmp_path: Path) -> None:
    for name, shape in (("grey.png", (8, 8)), ("colour.png", (8, 8, 3))):
        Image.fromarray(np.full(shape, 9, dtype=np.uint8)).save(tmp_path / name)
        looked = look(source, {"uri": str(tmp_path / name)})
        assert (looked.values, looked.window) == (None, None)
        assert looked.through(BRAIN) is looked.picture


def test_windows_are_moved_by_a_share_of_their_width() -> None:
    assert Window(40, 400).moved(1) == Window(80, 400)
    assert Window(40, 400).widened(1) == Window(40, 500)
    assert Window.between(5, 5).width > 0
    values = np.array([[0, 100]])
    assert Look(np.zeros((1, 2), np.uint8), values, BRAIN).through(Window(50, 1e-6)).tolist() == [[0, 255]]
