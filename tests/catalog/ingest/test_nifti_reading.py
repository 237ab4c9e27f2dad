from __future__ import annotations

import gzip
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pyarrow as pa
import pytest
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform

import catalog
from catalog.errors import InputError, UsageError
from catalog.geometry import masks
from catalog.ingest.contract import Batch, Options
from catalog.ingest.nifti import NiftiReader, names
from catalog.ingest.nifti.header import without_free_text
from catalog.lake.keys import KeyedHash
from catalog.pixels.source import PixelSource
from catalog.pixels.view import view

KEYS = KeyedHash(b"secret of a test")
DATA = Path(nibabel.__file__).parent / "tests" / "data"
TEMPLATES = Path(str(find_spec("nilearn").origin)).parent / "datasets" / "data"  # type: ignore[union-attr]
RAS = np.diag([2.0, 3.0, 4.0, 1.0])
SHAPE = (6, 7, 8)


def save(path: Path, array: np.ndarray, affine: np.ndarray = RAS, codes: str = "RAS") -> Path:
    """A canonical array stored along the axes that ``codes`` names."""
    turn = ornt_transform(axcodes2ornt(("R", "A", "S")), axcodes2ornt(tuple(codes)))
    spatial = array.shape[:3]
    stored = nibabel.orientations.apply_orientation(array, turn)
    path.parent.mkdir(exist_ok=True, parents=True)
    nibabel.save(nibabel.Nifti1Image(stored, affine @ inv_ornt_aff(turn, spatial)), path)
    return path


def ramp(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


def corner(value: int = 1, dtype: Any = np.uint8) -> np.ndarray:
    """A block in the right, anterior, superior corner, of another extent along each axis."""
    block = np.zeros(SHAPE, dtype=dtype)
    block[5:, 5:, 5:] = value
    return block


def reader(*paths: Path, **options: Any) -> NiftiReader:
    return NiftiReader(paths, Options(keys=KEYS, **options))


def read(*paths: Path, **options: Any) -> Batch:
    """Every unit of the reader as one batch."""
    one = pickle.loads(pickle.dumps(reader(*paths, **options)))  # noqa: S301 - our own bytes
    batches = [one.read(pickle.loads(pickle.dumps(unit)), None) for unit in one.units()]  # noqa: S301
    kinds = {name for batch in batches for name in batch.tables}
    tables = {name: pa.concat_tables([b.tables[name] for b in batches if name in b.tables]) for name in kinds}
    blobs = [batch.blobs for batch in batches if batch.blobs is not None]
    return Batch(tables=tables, blobs=pa.concat_tables(blobs) if blobs else None)


def rows(batch: Batch, table: str) -> list[dict[str, Any]]:
    return batch.tables[table].to_pylist() if table in batch.tables else []


def failure(batch: Batch) -> dict[str, Any]:
    (found,) = rows(batch, "failures")
    return found


# Slices


@pytest.mark.parametrize(("axis", "plane"), [(0, "SAGITTAL"), (1, "CORONAL"), (2, "AXIAL")])
def test_a_volume_becomes_its_slices_along_an_axis(tmp_path: Path, axis: int, plane: str) -> None:
    images = rows(read(save(tmp_path / "head.nii.gz", ramp()), axis=axis), "images")
    assert [image["frame"] for image in images] == [image["slice_index"] for image in images] == [*range(SHAPE[axis])]
    across = [size for along, size in enumerate(SHAPE) if along != axis]
    assert {(image["width"], image["height"]) for image in images} == {tuple(across)}
    spacing = [size for along, size in enumerate((2.0, 3.0, 4.0)) if along != axis]
    assert images[0]["pixel_spacing"] == spacing[::-1]
    assert {(image["axis"], image["view"], image["source"]) for image in images} == {(axis, plane, "head")}
    assert len({image["image_id"] for image in images}) == SHAPE[axis]
    assert len({image["series_key"] for image in images}) == 1
    assert images[0]["series_key"] == KEYS("file", images[0]["sha256"])
    assert (images[0]["channels"], images[0]["bit_depth"], images[0]["modality"]) == (1, 16, None)


def test_neighbouring_slices_lie_apart_by_the_voxel_size(tmp_path: Path) -> None:
    images = rows(read(save(tmp_path / "head.nii", ramp(), codes="LIP")), "images")
    steps = np.diff([image["position"] for image in images], axis=0)
    np.testing.assert_allclose(steps, [[0, 0, 4.0]] * (SHAPE[2] - 1))


@pytest.mark.parametrize("name", ["anatomical.nii", "example4d.nii.gz", "example_nifti2.nii.gz", "functional.nii"])
def test_real_volumes_are_taken_in_whole(name: str) -> None:
    batch = read(DATA / name)
    stored = nibabel.load(DATA / name)
    assert not rows(batch, "failures")
    images = rows(batch, "images")
    assert len(images) == int(np.prod(stored.shape[2:]))
    assert [image["frame"] for image in images] == list(range(len(images)))
    assert [image["slice_index"] for image in images] == [frame % stored.shape[2] for frame in range(len(images))]
    picture = view(PixelSource(KEYS), images[-1])
    assert picture.shape == (images[-1]["height"], images[-1]["width"])


def test_a_folder_is_walked_in_order_and_names_the_source(tmp_path: Path) -> None:
    for name in ("b/2.nii", "b/1.nii.gz", "a/z.nii"):
        save(tmp_path / "brains" / name, ramp((2, 3, 4)))
    (tmp_path / "brains" / "a" / "loop").symlink_to(tmp_path / "brains")
    images = rows(read(tmp_path / "brains"), "images")
    assert [image["file_name"] for image in images[::4]] == ["z.nii", "1.nii.gz", "2.nii"]
    assert {image["source"] for image in images} == {"brains"}


@pytest.mark.parametrize("name", ["my head.nii", 'it\'s "x".nii.gz', "a\nb.nii", "Schädel 脑.nii.gz", "a~b!c%20.nii"])
def test_names_of_any_letters_work(tmp_path: Path, name: str) -> None:
    images = rows(read(save(tmp_path / name, ramp())), "images")
    assert images[0]["file_name"] == name
    assert view(PixelSource(KEYS), images[3]).shape == (7, 6)


@pytest.mark.parametrize("shape", [(6, 7), (6, 7, 1), (1, 7, 6), (1, 1, 1)])
def test_thin_volumes_are_taken_in(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.ones(shape, dtype=np.uint8)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "thin.nii")
    for axis in range(3):
        images = rows(read(tmp_path / "thin.nii", axis=axis), "images")
        assert len(images) == (*shape, 1)[axis]


def test_voxels_that_are_no_numbers_do_not_matter(tmp_path: Path) -> None:
    array = ramp().astype(np.float32)
    array[:2] = np.nan
    array[3, 3, 3] = np.inf
    batch = read(save(tmp_path / "holes.nii.gz", array))
    assert len(rows(batch, "images")) == SHAPE[2]
    assert not rows(batch, "failures")


# Label maps


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("codes", ["RAS", "LPS", "ASL", "PIR"])
def test_a_region_lies_where_the_viewer_shows_it(tmp_path: Path, axis: int, codes: str) -> None:
    save(tmp_path / "v.nii.gz", corner(200), codes=codes)
    save(tmp_path / "v_seg.nii.gz", corner(7), codes="LAS")
    batch = read(tmp_path / "v.nii.gz", axis=axis)
    assert not rows(batch, "failures")
    images = {image["image_id"]: image for image in rows(batch, "images")}
    rois = {roi["image_id"]: roi for roi in rows(batch, "rois")}
    source = PixelSource(KEYS)
    assert len(rois) == SHAPE[axis] - 5
    for image_id, image in images.items():
        shown = view(source, image) > 127
        if image_id not in rois:
            assert not shown.any()
            continue
        roi = rois[image_id]
        decoded = masks.decode(roi["mask"], width=image["width"], height=image["height"])
        np.testing.assert_array_equal(decoded.astype(bool), shown)
        assert (roi["x0"], roi["y0"], roi["y1"]) == (0, 0, shown.any(axis=1).sum())
        assert (roi["label"], roi["origin"], roi["mask_area"]) == ("label 7", "source_mask", shown.sum())


@pytest.mark.parametrize("word", ["_seg", "_mask", "_label", "_labels"])
def test_a_label_map_beside_is_no_volume(tmp_path: Path, word: str) -> None:
    save(tmp_path / "v.nii", ramp())
    save(tmp_path / f"v{word}.nii.gz", corner())
    for batch in (read(tmp_path), read(tmp_path / "v.nii", tmp_path / f"v{word}.nii.gz")):
        assert {image["file_name"] for image in rows(batch, "images")} == {"v.nii"}
        assert len(rows(batch, "rois")) == 3


def test_a_mask_without_a_volume_is_a_volume(tmp_path: Path) -> None:
    assert len(rows(read(save(tmp_path / "brain_mask.nii", corner())), "images")) == SHAPE[2]


def test_labels_may_be_named_as_a_file_or_a_folder(tmp_path: Path) -> None:
    first, second = save(tmp_path / "in" / "a_0000.nii.gz", ramp()), save(tmp_path / "in" / "b.nii.gz", ramp())
    labels = save(tmp_path / "in" / "labels" / "a.nii.gz", corner())
    save(tmp_path / "in" / "labels" / "b_seg.nii", corner())
    assert len(rows(read(first, labels=labels), "rois")) == 3
    batch = read(first, second, labels=labels.parent)
    assert len(rows(batch, "rois")) == 6
    walked = read(tmp_path / "in", labels=labels.parent)
    assert {image["file_name"] for image in rows(walked, "images")} == {"a_0000.nii.gz", "b.nii.gz"}


@pytest.mark.parametrize(
    ("volumes", "labels"),
    [
        (["case7-t1", "case7-t2"], "case7-seg"),
        (["imaging"], "segmentation"),
        (["sub-1_T1w"], "sub-1_T1w_dseg"),
        (["in/imagesTr/a_0000", "in/imagesTr/a_0001"], "in/labelsTr/a"),
    ],
)
def test_labels_are_found_where_data_sets_keep_them(tmp_path: Path, volumes: list[str], labels: str) -> None:
    root = tmp_path / "set"
    for name in volumes:
        save(root / f"{name}.nii.gz", ramp())
    save(root / f"{labels}.nii.gz", corner())
    batch = read(root)
    assert {image["file_name"] for image in rows(batch, "images")} == {f"{Path(name).name}.nii.gz" for name in volumes}
    assert len(rows(batch, "rois")) == 3 * len(volumes)
    assert not rows(batch, "failures")


def test_a_label_map_in_a_folder_of_labels_that_has_no_volume_is_said(tmp_path: Path) -> None:
    save(tmp_path / "imagesTr" / "a.nii", ramp())
    save(tmp_path / "labelsTr" / "b.nii", corner())
    batch = read(tmp_path)
    assert {image["file_name"] for image in rows(batch, "images")} == {"a.nii"}
    assert "'b.nii' has no volume" in failure(batch)["message"]


def test_a_folder_that_links_to_one_above_is_entered_once(tmp_path: Path) -> None:
    save(tmp_path / "real" / "a.nii", ramp())
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    assert len(rows(read(tmp_path / "real"), "images")) == SHAPE[2]


def test_a_volume_without_labels_in_the_folder_given_is_said(tmp_path: Path) -> None:
    volume = save(tmp_path / "a.nii", ramp())
    (tmp_path / "labels").mkdir()
    batch = read(volume, labels=tmp_path / "labels")
    assert len(rows(batch, "images")) == SHAPE[2]
    assert failure(batch)["error"] == "unlabelled"


def test_one_label_map_holds_for_all_volumes_of_a_file(tmp_path: Path) -> None:
    save(tmp_path / "f.nii", ramp((*SHAPE, 3)))
    save(tmp_path / "f_mask.nii", corner(2))
    batch = read(tmp_path / "f.nii")
    frames = {image["image_id"]: image["frame"] for image in rows(batch, "images")}
    assert [frames[roi["image_id"]] for roi in rows(batch, "rois")] == [5, 6, 7, 13, 14, 15, 21, 22, 23]


def test_label_maps_of_whole_floats_are_fine_and_not_numbers_are_background(tmp_path: Path) -> None:
    save(tmp_path / "v.nii", ramp())
    labels = corner(3, np.float32)
    labels[0] = np.nan
    save(tmp_path / "v_seg.nii", labels)
    batch = read(tmp_path / "v.nii")
    assert {roi["label"] for roi in rows(batch, "rois")} == {"label 3"}
    assert not rows(batch, "failures")


def shifted() -> np.ndarray:
    affine = RAS.copy()
    affine[0, 3] = 5
    return affine


@pytest.mark.parametrize(
    ("labels", "affine", "error", "said"),
    [
        (np.zeros((6, 7, 9), np.uint8), RAS, "shape", "6x7x9 voxels, its volume 'v.nii' 6x7x8"),
        (corner(), shifted(), "affine", "5 mm away"),
        (ramp() / np.float32(400), RAS, "labels", "whole numbers"),
        (np.where(corner() > 0, np.float32(np.inf), 0), RAS, "labels", "infinity"),
    ],
)
def test_labels_that_do_not_fit_fail_and_the_volume_stays(
    tmp_path: Path, labels: np.ndarray, affine: np.ndarray, error: str, said: str
) -> None:
    save(tmp_path / "v.nii", ramp())
    save(tmp_path / "v_seg.nii", labels, affine)
    batch = read(tmp_path)
    assert len(rows(batch, "images")) == SHAPE[2]
    assert not rows(batch, "rois")
    assert failure(batch)["error"] == error
    assert said in failure(batch)["message"]
    assert "v_seg.nii" in failure(batch)["message"]


def test_a_map_of_grey_matter_is_no_label_map_of_the_template(tmp_path: Path) -> None:
    volume = TEMPLATES / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
    grey = TEMPLATES / "mni_icbm152_gm_tal_nlin_sym_09a_converted.nii.gz"
    batch = read(volume, labels=grey)
    assert len(rows(batch, "images")) == 189
    assert failure(batch)["error"] == "labels"
    assert "threshold" in failure(batch)["message"]


def test_labels_that_cannot_be_meant_are_refused_at_once(tmp_path: Path) -> None:
    volume, other = save(tmp_path / "v.nii", ramp()), save(tmp_path / "w.nii", ramp())
    with pytest.raises(UsageError, match=r"no such file or folder: .*x\.nii"):
        reader(volume, labels=tmp_path / "x.nii")
    labels = save(tmp_path / "z" / "l.nii", corner())
    with pytest.raises(UsageError, match="give a folder"):
        reader(volume, other, labels=labels)
    with pytest.raises(UsageError, match="the volume itself"):
        reader(volume, labels=volume)
    with pytest.raises(UsageError, match="--axis is 3"):
        reader(volume, axis=3)


# Names


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("v_seg.txt", "# ours\n1 Precentral_L 2001\n7 left kidney\n"),
        ("v_seg.txt", "1  Precentral_L  220 216 20 0\n7\tleft kidney\t0 0 0 0\n"),
        ("v_seg.txt", "FAG\tPrecentral_L\t1\nX\tleft kidney\t7\n"),
        ("dataset.json", '{"labels": {"0": "background", "1": "Precentral_L", "7": "left kidney"}}'),
        ("v_seg.nii.txt", "\ufeff1, Precentral_L\r\n7, left kidney\r\n"),
        (
            "v_seg.label",
            '    1  255    0    0        1  1  1    "Precentral_L"\n'
            '    7    0  255    0        1  1  1    "left kidney"\n',
        ),
        ("v_seg.csv", "1,Precentral_L\n7,left kidney\n"),
        ("v_seg.csv", "color;label;Name\n#f00;1;Precentral_L\n#0f0;7;left kidney\n"),
        ("v_seg.tsv", "index\tname\tabbreviation\n1\tPrecentral_L\tPL\n7\tleft kidney\tLK\n"),
        ("v_seg.json", '{"1": "Precentral_L", "7": "left kidney"}'),
        ("v_seg.json", '{"labels": {"background": 0, "Precentral_L": 1, "left kidney": 7}}'),
        ("v_seg.json", '["background", "Precentral_L", "", "", "", "", "", "left kidney"]'),
        ("v_seg.json", '["Precentral_L", "", "", "", "", "", "left kidney"]'),
        ("v_seg.json", '[{"value": 1, "name": "Precentral_L"}, {"value": 7, "name": "left kidney"}]'),
    ],
)
def test_names_come_from_the_table_beside(tmp_path: Path, file: str, text: str) -> None:
    save(tmp_path / "v.nii", ramp())
    labels = corner(7)
    labels[0, 0, 0], labels[0, 0, 1] = 1, 9
    save(tmp_path / "v_seg.nii.gz", labels)
    (tmp_path / file).write_text(text, encoding="utf-8")
    batch = read(tmp_path)
    assert {roi["label"] for roi in rows(batch, "rois")} == {"Precentral_L", "left kidney", "label 9"}
    assert {roi["kind"] for roi in rows(batch, "rois") if roi["label"] == "left kidney"} == {"organ"}
    assert not rows(batch, "failures")


def test_what_a_converter_left_beside_names_nothing(tmp_path: Path) -> None:
    (tmp_path / "v_seg.json").write_text('{"Modality": "MR", "SeriesNumber": 5}')
    assert names.read(tmp_path / "v_seg.json") == {}


@pytest.mark.parametrize(("file", "data"), [("l.txt", b"\xff\x00\x00"), ("l.csv", b""), ("l.json", b"{")])
def test_a_table_that_names_nothing_is_said(tmp_path: Path, file: str, data: bytes) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(InputError, match=file):
        names.read(tmp_path / file)


# Bad files


def cut(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) * 2 // 3]


def absurd() -> bytes:
    header = nibabel.Nifti1Header()
    header.set_data_shape((32767, 32767, 32767))
    header.set_data_dtype(np.float32)
    header["magic"], header["vox_offset"] = b"n+1\0", 352
    return bytes(header.binaryblock) + bytes(4 + 1000)


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("cut.nii.gz", cut(DATA / "example4d.nii.gz"), "truncated"),
        ("cut.nii", cut(DATA / "anatomical.nii"), "truncated"),
        ("empty.nii", b"", "empty"),
        ("empty.nii.gz", b"", "empty"),
        ("text.nii", b"dear reader, " * 50, "unreadable"),
        ("text.nii.gz", b"dear reader, " * 50, "unreadable"),
        ("pointer.nii.gz", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer"),
        ("absurd.nii", absurd(), "truncated"),
        ("absurd.nii.gz", gzip.compress(absurd(), mtime=0), "truncated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_file_fails_with_a_reason_and_the_rest_goes_on(
    tmp_path: Path, name: str, data: bytes, error: str
) -> None:
    (tmp_path / name).write_bytes(data)
    save(tmp_path / "whole.nii", ramp())
    batch = read(tmp_path)
    assert {image["file_name"] for image in rows(batch, "images")} == {"whole.nii"}
    assert failure(batch)["error"] == error
    assert name in failure(batch)["message"]


def test_headers_with_any_byte_damaged_never_raise(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray((DATA / "standard.nii.gz").read_bytes())
    plain = gzip.decompress(bytes(data))
    for place in [*range(0, 80), *range(108, 124), *range(252, 348)]:
        for value in (0, 0x7F, 0xFF):
            broken = bytearray(plain)
            broken[place] = value
            (tmp_path / "b.nii").write_bytes(broken)
            batch = read(tmp_path / "b.nii", copy=True)
            assert rows(batch, "images") or rows(batch, "failures")
    assert capfd.readouterr().err == ""


# Units and copies


def test_a_unit_is_new_when_a_file_or_an_option_changes(tmp_path: Path) -> None:
    save(tmp_path / "v.nii", ramp())
    seen = []

    def note(**options: Any) -> None:
        (unit,) = reader(tmp_path, **options).units()
        seen.append(unit.key)

    note()
    for options in ({"axis": 1}, {"copy": True}, {"source": "other"}):
        note(**options)
    labels = save(tmp_path / "v_seg.nii", corner())
    note()
    save(labels, corner(300, np.int16))
    note()
    (tmp_path / "v_seg.txt").write_text("1 liver\n")
    note()
    assert len(set(seen)) == len(seen) == 7
    note()
    assert seen[-1] == seen[-2]


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_copy_holds_the_voxels_and_no_text(tmp_path: Path, kind: Any, suffix: str) -> None:
    image = kind(ramp(), RAS)
    secret = b"Doe^Jane"
    for field in ("descrip", "aux_file", "intent_name", *(("db_name",) if kind is nibabel.Nifti1Image else ())):
        image.header[field] = secret
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", secret))
    nibabel.save(image, tmp_path / f"v{suffix}")
    batch = read(tmp_path / f"v{suffix}", copy=True)
    assert batch.blobs is not None
    (blob,) = batch.blobs.to_pylist()
    plain = gzip.decompress(blob["data"]) if suffix == ".nii.gz" else blob["data"]
    assert secret not in plain
    assert {row["uri"] for row in rows(batch, "images")} == {f"lance:{blob['sha256']}"}
    kept = PixelSource(KEYS, {blob["sha256"]: blob["data"]}.__getitem__)
    linked = rows(read(tmp_path / f"v{suffix}"), "images")
    for copied, original in zip(rows(batch, "images"), linked, strict=True):
        assert copied["image_id"] == original["image_id"]
        np.testing.assert_array_equal(view(kept, copied), view(PixelSource(KEYS), original))


def test_bytes_that_are_no_volume_have_no_text_to_blank() -> None:
    with pytest.raises(InputError, match="no NIfTI header"):
        without_free_text(b"dear reader")


# The lake


def test_a_lake_takes_a_volume_with_its_labels_once(tmp_path: Path) -> None:
    volume = save(tmp_path / "in" / "head.nii.gz", ramp())
    labels = save(tmp_path / "labels" / "atlas.nii.gz", corner(7))
    (tmp_path / "labels" / "atlas.csv").write_text("index,name\n7,left kidney\n")
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(volume, labels=labels, copy=True)
        assert lake.slice(roi_label="left kidney").count() == 3
        assert lake.sql("SELECT DISTINCT view, axis, source FROM images").fetchall() == [("AXIAL", 2, "head")]
        assert lake.sql("SELECT DISTINCT kind, zone_h FROM rois").fetchall() == [("organ", "left")]
        assert lake.sql("SELECT count(*) FROM failures").fetchall() == [(0,)]
        again = lake.ingest(volume, labels=labels, copy=True)
        assert (again.units, again.skipped) == (0, 1)
        (row,) = lake.sql("SELECT * FROM images WHERE slice_index = 6").to_arrow_table().to_pylist()
        assert view(lake.pixels(), row).shape == (7, 6)


def test_a_table_of_names_is_not_taken_for_a_manifest(tmp_path: Path) -> None:
    save(tmp_path / "in" / "v.nii", ramp())
    save(tmp_path / "in" / "v_seg.nii", corner())
    (tmp_path / "in" / "v_seg.csv").write_text("index,name\n1,liver\n")
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(tmp_path / "in")
        assert lake.slice().count() == SHAPE[2]
        assert lake.sql("SELECT DISTINCT label FROM rois").fetchall() == [("liver",)]
