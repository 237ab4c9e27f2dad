"""How the pixels of one image go out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from export_rows import picture
from PIL import Image
from pydicom.data import get_testdata_file

import catalog
from catalog.errors import InputError
from catalog.export.picture import Picture, place, take
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.source import PixelSource

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
