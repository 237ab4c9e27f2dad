from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform

from catalog.errors import InputError
from catalog.pixels.volume import Volume, open_volume, to_uint8, volume_from_bytes

DATA = Path(nibabel.__file__).parent / "tests" / "data"
RAS = np.diag([2.0, 3.0, 4.0, 1.0])


def ramp(shape: tuple[int, ...] = (3, 4, 5)) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


def saved(folder: Path, array: np.ndarray, affine: np.ndarray = RAS, name: str = "v.nii") -> Volume:
    nibabel.save(nibabel.Nifti1Image(array, affine), folder / name)
    return open_volume(folder / name)


def turned(array: np.ndarray, codes: str) -> nibabel.Nifti1Image:
    """The same volume, stored along the axes that ``codes`` names."""
    turn = ornt_transform(axcodes2ornt(("R", "A", "S")), axcodes2ornt(tuple(codes)))
    stored = nibabel.orientations.apply_orientation(array, turn)
    return nibabel.Nifti1Image(stored, RAS @ inv_ornt_aff(turn, array.shape))


def test_an_axial_plane_has_the_patients_right_on_the_left_and_anterior_up(tmp_path: Path) -> None:
    array = np.zeros((3, 4, 5), dtype=np.int16)
    array[2, 3, 1] = 7  # rightmost, most anterior
    plane = saved(tmp_path, array).plane(2, 1)
    assert plane.shape == (4, 3)
    assert plane[0, 0] == 7


def test_a_coronal_plane_has_right_on_the_left_and_superior_up(tmp_path: Path) -> None:
    array = np.zeros((3, 4, 5), dtype=np.int16)
    array[2, 1, 4] = 7  # rightmost, most superior
    plane = saved(tmp_path, array).plane(1, 1)
    assert plane.shape == (5, 3)
    assert plane[0, 0] == 7


def test_a_sagittal_plane_has_anterior_on_the_left_and_superior_up(tmp_path: Path) -> None:
    array = np.zeros((3, 4, 5), dtype=np.int16)
    array[1, 3, 4] = 7  # most anterior, most superior
    plane = saved(tmp_path, array).plane(0, 1)
    assert plane.shape == (5, 4)
    assert plane[0, 0] == 7


@settings(deadline=None, max_examples=48)
@given(
    order=st.permutations(["RL", "AP", "SI"]),
    signs=st.tuples(*[st.integers(0, 1)] * 3),
    axis=st.integers(0, 2),
)
def test_every_way_of_storing_a_volume_shows_the_same_planes(
    order: list[str], signs: tuple[int, int, int], axis: int
) -> None:
    codes = "".join(pair[sign] for pair, sign in zip(order, signs, strict=True))
    image = turned(ramp(), codes)
    straight, other = volume_from_bytes(turned(ramp(), "RAS").to_bytes()), volume_from_bytes(image.to_bytes())
    assert other.shape == straight.shape == (3, 4, 5)
    assert other.spacing == pytest.approx((2, 3, 4))
    for index in range(straight.slices(axis)):
        np.testing.assert_array_equal(other.plane(axis, index), straight.plane(axis, index))
        assert other.place(axis, index)[0] == pytest.approx(straight.place(axis, index)[0])
        assert other.place(axis, index)[1] == pytest.approx(straight.place(axis, index)[1])


@pytest.mark.parametrize("name", ["anatomical.nii", "example4d.nii.gz", "standard.nii.gz", "functional.nii"])
def test_planes_agree_with_nibabels_own_canonical_volume(name: str) -> None:
    canonical = nibabel.as_closest_canonical(nibabel.load(DATA / name)).get_fdata()
    volume = open_volume(DATA / name)
    assert volume.shape == canonical.shape[:3]
    first = canonical.reshape((*canonical.shape[:3], -1), order="F")[..., 0]
    np.testing.assert_allclose(volume.plane(2, 1), first[::-1, ::-1, 1].T)
    np.testing.assert_allclose(volume.plane(1, 2), first[::-1, 2, ::-1].T)
    np.testing.assert_allclose(volume.plane(0, 2), first[2, ::-1, ::-1].T)


def test_a_4d_file_numbers_the_slices_of_its_volumes_in_turn() -> None:
    volume = open_volume(DATA / "example4d.nii.gz")
    canonical = nibabel.as_closest_canonical(nibabel.load(DATA / "example4d.nii.gz")).get_fdata()
    assert volume.slices(2) == 48
    np.testing.assert_allclose(volume.plane(2, 24 + 3), canonical[::-1, ::-1, 3, 1].T)


def test_the_place_of_a_plane_is_where_its_first_pixel_lies() -> None:
    image = nibabel.load(DATA / "anatomical.nii")
    canonical = nibabel.as_closest_canonical(image)
    position, orientation = open_volume(DATA / "anatomical.nii").place(2, 4)
    corner = canonical.affine @ [canonical.shape[0] - 1, canonical.shape[1] - 1, 4, 1]
    assert position == pytest.approx(corner[:3] * [-1, -1, 1])
    assert orientation == pytest.approx([1, 0, 0, 0, 1, 0], abs=0.01)


def test_scaling_of_the_header_is_applied(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(ramp().astype(np.float32) / 7, RAS)
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "v.nii")
    expected = image.get_fdata()[::-1, ::-1, 2].T
    np.testing.assert_allclose(open_volume(tmp_path / "v.nii").plane(2, 2), expected, atol=0.01)


def test_an_uncompressed_volume_is_mapped_and_not_read(tmp_path: Path) -> None:
    volume = saved(tmp_path, ramp())
    assert isinstance(volume._raw.base, np.memmap) or isinstance(volume._raw, np.memmap)


def test_spacing_in_metres_becomes_millimetres(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(ramp(), np.diag([0.002, 0.003, 0.004, 1]))
    image.header.set_xyzt_units("meter")
    nibabel.save(image, tmp_path / "v.nii")
    volume = open_volume(tmp_path / "v.nii")
    assert volume.spacing == pytest.approx((2, 3, 4))
    assert volume.pixel_spacing(1) == pytest.approx([4, 2])


def test_a_colour_volume_gives_colour_planes(tmp_path: Path) -> None:
    colour = np.zeros((3, 4, 5), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    colour["G"][2, 3, 0] = 200
    volume = saved(tmp_path, colour)
    assert volume.channels == 3
    assert volume.plane(2, 0)[0, 0].tolist() == [0, 200, 0]


def test_the_window_of_a_real_brain_spreads_it_over_the_greys() -> None:
    volume = open_volume(DATA / "anatomical.nii")
    grey = to_uint8(volume.plane(2, 12), *volume.window)
    assert grey.dtype == np.uint8
    assert grey.min() == 0
    assert grey.max() > 200


def test_values_that_are_not_finite_are_black() -> None:
    assert to_uint8(np.array([[np.nan, -1.0, 2.0]]), 0, 2).tolist() == [[0, 0, 255]]


def test_a_flat_volume_does_not_divide_by_zero() -> None:
    assert to_uint8(np.full((2, 2), 5), 5, 5).tolist() == [[0, 0], [0, 0]]


def test_bytes_open_like_the_file() -> None:
    path = DATA / "example_nifti2.nii.gz"
    from_bytes, from_file = volume_from_bytes(path.read_bytes()), open_volume(path)
    np.testing.assert_array_equal(from_bytes.plane(0, 3), from_file.plane(0, 3))


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty"), (b"hello, I am text" * 40, "unreadable"), (b"\x1f\x8b\x08", "unreadable")],
)
@pytest.mark.parametrize("name", ["bad.nii", "bad.nii.gz"])
def test_what_is_not_nifti_is_an_input_error(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.nii") as caught:
        open_volume(tmp_path / name)
    assert caught.value.kind == kind
    assert str(tmp_path) not in str(caught.value)


def test_a_truncated_volume_is_an_input_error(tmp_path: Path) -> None:
    whole = (DATA / "anatomical.nii").read_bytes()
    (tmp_path / "cut.nii").write_bytes(whole[:-500])
    (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(whole)[:-500])
    with pytest.raises(InputError, match="promises 33x41x25"):
        open_volume(tmp_path / "cut.nii")
    with pytest.raises(InputError, match="cut off") as caught:
        open_volume(tmp_path / "cut.nii.gz").load()
    assert caught.value.kind == "truncated"


def test_a_header_that_promises_terabytes_is_refused_before_memory_is_asked_for(tmp_path: Path) -> None:
    header = nibabel.Nifti1Header()
    header.set_data_shape((32767, 32767, 32767))
    (tmp_path / "bomb.nii.gz").write_bytes(gzip.compress(header.binaryblock + bytes(4)))
    with pytest.raises(InputError, match="promises 32767x32767x32767"):
        open_volume(tmp_path / "bomb.nii.gz")


def test_a_slice_that_is_not_there_is_an_index_error(tmp_path: Path) -> None:
    with pytest.raises(IndexError, match="no slice 5 of 5 along axis 2"):
        saved(tmp_path, ramp()).plane(2, 5)


def test_an_affine_that_does_not_span_space_is_an_input_error(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(ramp(), RAS)
    (tmp_path / "flat.nii").write_bytes(image.to_bytes().replace(_srow_z(4.0), _srow_z(0.0)))
    with pytest.raises(InputError, match="does not span space"):
        open_volume(tmp_path / "flat.nii")


def _srow_z(step: float) -> bytes:
    return np.array([0, 0, step, 0], dtype="<f4").tobytes()
