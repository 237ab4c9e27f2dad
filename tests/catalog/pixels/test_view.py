from __future__ import annotations

import io
import tarfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
import skimage.data
from PIL import Image
from pydicom.data import get_testdata_file

from catalog.errors import InputError
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.dicom import view_frame
from catalog.pixels.source import PixelSource
from catalog.pixels.view import kind_of, png_bytes, view

KEYS = KeyedHash(b"s" * 32)
CT = Path(str(get_testdata_file("CT_small.dcm")))
VOLUME = Path(nibabel.__file__).parent / "tests" / "data" / "example4d.nii.gz"


@pytest.fixture
def source() -> PixelSource:
    return PixelSource(KEYS)


def test_a_row_shows_dicom_volumes_and_rasters(source: PixelSource, tmp_path: Path) -> None:
    (tmp_path / "cell.png").write_bytes(png_bytes(skimage.data.cell()))
    assert np.array_equal(view(source, {"uri": str(CT), "frame": None}), view_frame(CT))
    assert np.array_equal(view(source, {"uri": str(tmp_path / "cell.png")}), skimage.data.cell())
    assert view(source, {"uri": str(VOLUME), "axis": 2, "frame": 3}).shape == (96, 128)
    assert view(source, {"uri": str(VOLUME), "axis": 0, "frame": 60}).shape == (24, 96)


def test_magic_bytes_say_more_than_a_name(source: PixelSource, tmp_path: Path) -> None:
    (tmp_path / "IM000001").write_bytes(CT.read_bytes())
    (tmp_path / "photo.dcm.png").write_bytes(png_bytes(skimage.data.cell()))
    assert view(source, {"uri": str(tmp_path / "IM000001")}).shape == (128, 128)
    assert view(source, {"uri": str(tmp_path / "photo.dcm.png")}).shape == (660, 550)
    assert kind_of(CT.read_bytes()[132:644], name="x") == "dicom"  # no preamble


def test_pixels_inside_a_tar_or_a_lake_look_like_the_file(tmp_path: Path) -> None:
    data, plain = VOLUME.read_bytes(), PixelSource(KEYS)
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        info = tarfile.TarInfo("brain.nii.gz")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    with tarfile.open(tmp_path / "a.tar") as tar:
        member = tar.getmember("brain.nii.gz")
    held = PixelSource(KEYS, {"ab" * 32: data, "cd" * 32: CT.read_bytes()}.__getitem__)
    place = {"axis": 1, "frame": 40}
    wanted = view(plain, {"uri": str(VOLUME), **place})
    in_tar = address.tar_member(str(tmp_path / "a.tar"), member.name, member.offset_data, member.size)
    assert np.array_equal(view(plain, {"uri": in_tar, **place}), wanted)
    assert np.array_equal(view(held, {"uri": address.lance("ab" * 32), **place}), wanted)
    assert np.array_equal(view(held, {"uri": address.lance("cd" * 32)}), view_frame(CT))


def test_slices_of_a_volume_come_in_turn_without_opening_it_again(source: PixelSource, tmp_path: Path) -> None:
    path = tmp_path / "brain.nii.gz"
    path.write_bytes(VOLUME.read_bytes())
    first = view(source, {"uri": str(path), "axis": 2, "frame": 0})
    assert first is not None
    path.write_bytes(b"\x1f\x8b")
    assert view(source, {"uri": str(path), "axis": 2, "frame": 1}).shape == first.shape


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"uri": None, "image_id": "x"}, "missing"),
        ({"uri": "/nowhere/a.png"}, "missing"),
        ({"uri": str(VOLUME), "axis": 2, "frame": 9999}, "frame"),
        ({"uri": str(CT), "frame": 1}, "frame"),
        ({"uri": str(get_testdata_file("rtplan.dcm"))}, "pixels"),
        ({"uri": __file__}, "unreadable"),
    ],
)
def test_a_row_without_pixels_is_a_failure_of_one_line(source: PixelSource, row: dict[str, object], kind: str) -> None:
    with pytest.raises(InputError) as caught:
        view(source, row)
    assert caught.value.kind == kind
    assert "\n" not in str(caught.value)


def test_a_message_about_a_hidden_file_does_not_name_it(source: PixelSource, tmp_path: Path) -> None:
    path = tmp_path / "DoeJane.nii"
    path.write_bytes(nibabel.Nifti1Image(np.zeros((9, 9, 9), np.int16), np.eye(4)).to_bytes()[:700])
    with pytest.raises(InputError) as caught:
        view(source, {"uri": KEYS.hide(path, ("Doe Jane",)), "axis": 2, "frame": 0})
    assert "Doe" not in str(caught.value)


def test_a_png_holds_the_pixels_it_was_made_from() -> None:
    for image in (skimage.data.cell(), skimage.data.retina()[:50, :40]):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(image)))), image)
