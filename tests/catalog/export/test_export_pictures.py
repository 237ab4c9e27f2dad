"""How the pixels of one image go out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from export_rows import picture
from PIL import Image
from pydicom.data import get_testdata_file

import catalog
from catalog.errors import InputError, UsageError
from catalog.export.picture import Picture, place, take
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.source import PixelSource
from catalog.records import Image as ImageRow

KEYS = KeyedHash(b"k" * 32)


def taken(uri: str, *, link: bool = False, **said: Any) -> Picture:
    row = {"image_id": "i", "uri": uri, "frame": None, "axis": None, "file_name": None, **said}
    return take(PixelSource(KEYS), row, link=link)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(("name", "suffix"), [("p.png", ".png"), ("p.jpg", ".jpg"), ("p.jpeg", ".jpg")])
def test_png_and_jpeg_are_copied_byte_for_byte(tmp_path: Path, name: str, suffix: str) -> None:
    picture(1).save(tmp_path / name)
    found = taken(str(tmp_path / name))
    assert (found.data, found.suffix, found.link) == ((tmp_path / name).read_bytes(), suffix, None)


def test_what_exif_would_turn_is_rendered_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    for name in ("p.jpg", "p.png"):
        picture(1).save(tmp_path / name, exif=turned)
        found = taken(str(tmp_path / name), link=True)
        assert pixels(found.data).shape == (60, 40, 3)
        assert found.link is None


def test_other_formats_are_rendered_as_eight_bit_png(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "p.tif")
    assert np.array_equal(pixels(taken(str(tmp_path / "p.tif")).data), np.asarray(picture(1)))
    dicom = taken(str(get_testdata_file("CT_small.dcm")), link=True)
    assert (dicom.suffix, pixels(dicom.data).dtype, pixels(dicom.data).shape) == (".png", np.uint8, (128, 128))


def test_bytes_inside_an_archive_are_copied(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "p.png")
    data = (tmp_path / "p.png").read_bytes()
    (tmp_path / "all.tar").write_bytes(b"\0" * 512 + data)
    found = taken(address.tar_member(str(tmp_path / "all.tar"), "p.png", 512, len(data)), link=True)
    assert (found.data, found.link) == (data, None)


def test_a_hidden_name_is_never_told_by_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "DOE^JANE"
    folder.mkdir()
    picture(1).save(folder / "p.png")
    hidden = KEYS.hide(folder / "p.png", ("Doe^Jane",))
    assert taken(hidden, link=True).link is None
    assert taken(str(folder / "p.png"), link=True).link == folder / "p.png"


@pytest.mark.parametrize("name", ["p.png", "p.jpg"])
def test_a_truncated_picture_is_refused(tmp_path: Path, name: str) -> None:
    picture(1).save(tmp_path / name)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:900])
    with pytest.raises(InputError):
        taken(str(tmp_path / name))


def test_bytes_after_the_end_of_a_picture_do_no_harm(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "p.png")
    data = (tmp_path / "p.png").read_bytes() + b"\0" * 500
    (tmp_path / "p.png").write_bytes(data)
    assert taken(str(tmp_path / "p.png")).data == data


@pytest.mark.parametrize("image_id", ["../../etc/passwd", "a/b", "", ".", "n" * 300, "line\nbreak", "Ärzte", "a b"])
def test_no_id_leaves_its_folder(image_id: str) -> None:
    folder, name = place(image_id, ".png").split("/")
    assert len(folder) == 2
    assert len(name) == 36


def test_links_lead_to_the_originals(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    manifest = mixed_lake.slice(source="open").export("coco", tmp_path / "out", images="link")
    links = {file.name: file for file in (tmp_path / "out" / "images").rglob("*") if file.is_symlink()}
    assert sorted(links) == ["a-png.png", "b-jpeg.jpg"]
    assert links["a-png.png"].resolve().name == "one.png"
    assert any("links" in note for note in manifest.notes)
    copied = (tmp_path / "out" / "images.sha256").read_text().splitlines()
    assert len(copied) == manifest.images - len(links)


def test_a_plain_export_names_files_that_exist(mixed_lake: catalog.Lake, tmp_path: Path) -> None:
    mixed_lake.slice(where="image_id = 'a-png'").export("llava", tmp_path / "out", images="none")
    assert "one.png" in (tmp_path / "out" / "llava.jsonl").read_text()
    assert not (tmp_path / "out" / "images").exists()


def test_pixels_copied_into_the_lake_come_out_as_they_went_in(tmp_path: Path, lake: catalog.Lake) -> None:
    originals = {}
    for number in range(20):
        file = tmp_path / f"p{number}.png"
        picture(number).save(file)
        originals[f"i{number}.png"] = file.read_bytes()
    lines = [f"{tmp_path}/p{number}.png,i{number}" for number in range(20)]
    (tmp_path / "m.csv").write_text("\n".join(["uri,image_id", *lines]))
    lake.ingest(tmp_path / "m.csv", kind="manifest", copy=True)
    for number in range(20):
        (tmp_path / f"p{number}.png").unlink()
    manifest = lake.slice().export("jsonl", tmp_path / "out", images="link")
    written = {file.name: file.read_bytes() for file in (tmp_path / "out" / "images").rglob("*.png")}
    assert (written, manifest.unread) == (originals, 0)


def test_slices_of_a_volume_and_members_of_an_archive_go_out(
    tmp_path: Path, lake: catalog.Lake, take_in: Callable[..., Any]
) -> None:
    nibabel = pytest.importorskip("nibabel")
    values = np.arange(6 * 5 * 40, dtype=np.int16).reshape(6, 5, 40)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "v.nii.gz")
    members = {f"deep/{number}.png": _png(number) for number in range(30)}
    _write_tar_zst(tmp_path / "s.tar.zst", members)
    images = [
        ImageRow(image_id=f"v{number}", uri=str(tmp_path / "v.nii.gz"), frame=number, axis=2, content_hash="v")
        for number in range(40)
    ]
    images += [
        ImageRow(image_id=f"t{number}", uri=address.tarzst_member(f"{tmp_path}/s.tar.zst", f"deep/{number}.png"))
        for number in range(30)
    ]
    take_in(lake.layout, {"all": images}, source="s", license="CC0-1.0")
    manifest = lake.slice().export("jsonl", tmp_path / "out")
    written = {file.stem: file.read_bytes() for file in (tmp_path / "out" / "images").rglob("*.png")}
    assert (manifest.count, manifest.unread, len(written)) == (70, 0, 70)
    assert [written[f"t{number}"] for number in range(30)] == list(members.values())
    assert {pixels(written[f"v{number}"]).shape for number in range(40)} == {(5, 6)}
    assert len({written[f"v{number}"] for number in range(40)}) > 30


def _png(seed: int) -> bytes:
    file = io.BytesIO()
    picture(seed).save(file, "PNG")
    return file.getvalue()


def _write_tar_zst(path: Path, members: dict[str, bytes]) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(zstandard.compress(plain.getvalue()))


def test_what_a_broken_archive_holds_before_the_break_goes_out(
    tmp_path: Path, lake: catalog.Lake, take_in: Callable[..., Any]
) -> None:
    members = {f"{number}.png": _png(number) + bytes(900) for number in range(30)}
    _write_tar_zst(tmp_path / "whole.tar.zst", members)
    _write_tar_zst(tmp_path / "broken.tar.zst", members)
    data = (tmp_path / "broken.tar.zst").read_bytes()
    (tmp_path / "broken.tar.zst").write_bytes(data[: len(data) * 2 // 3])
    uris = [address.tarzst_member(f"{tmp_path}/broken.tar.zst", name) for name in members]
    uris += [address.tarzst_member(f"{tmp_path}/whole.tar.zst", "stranger.png")]
    uris += [address.tarzst_member(f"{tmp_path}/gone.tar.zst", "1.png"), "tarzst:malformed"]
    images = [ImageRow(image_id=f"i{number:02d}", uri=uri) for number, uri in enumerate(uris)]
    take_in(lake.layout, {"all": images}, source="s", license="CC0-1.0")
    manifest = lake.slice().export("jsonl", tmp_path / "out")
    reasons = {entry["reason"]: entry["count"] for entry in manifest.excluded}
    assert 10 < manifest.count < 25
    assert reasons == {"pixels truncated": 30 - manifest.count, "pixels missing": 2, "pixels address": 1}


def test_a_file_that_has_changed_since_it_was_taken_in_is_left_out(lake: catalog.Lake, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("same", "other"):
        Image.fromarray(np.full((8, 9), 7, np.uint8)).save(folder / f"{name}.png")
    lake.ingest(folder)
    Image.fromarray(np.full((8, 9), 8, np.uint8)).save(folder / "other.png")
    manifest = lake.slice().export("jsonl", tmp_path / "out")
    assert (manifest.images, manifest.unread) == (1, 1)
    assert [entry["reason"] for entry in manifest.excluded] == ["pixels changed"]


def test_coco_leaves_out_images_of_unknown_size(lake: catalog.Lake, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("image_id,width,height\na,10,10\nb,,\n")
    lake.ingest(table, kind="manifest")
    manifest = lake.slice().export("coco", tmp_path / "out", images="none")
    assert (manifest.images, [entry["reason"] for entry in manifest.excluded]) == (1, ["no size"])


def test_an_export_into_the_lake_is_refused(lake: catalog.Lake) -> None:
    with pytest.raises(UsageError, match="lies inside the lake"):
        lake.slice().export("jsonl", lake.layout.data / "x")
