"""Which readers an input is for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from pydicom.data import get_testdata_file

import catalog
from catalog.errors import UsageError
from catalog.ingest.detect import detect


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(np.full((8, 8), 7, np.uint8)).save(path)
    return path


def table(path: Path, header: str = "image_id,modality") -> Path:
    path.write_text(f"{header}\na,CT\n")
    return path


def test_a_folder_of_several_kinds_is_for_several_readers(tmp_path: Path) -> None:
    picture(tmp_path / "deep" / "x.png")
    (tmp_path / "scan").write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    assert detect([tmp_path]) == (("dicom", "images"), [])


def test_a_table_alone_is_a_manifest(tmp_path: Path) -> None:
    assert detect([table(tmp_path / "t.csv")]) == (("manifest",), [])


def test_a_table_with_ids_captions_and_file_names_is_medtrinity(tmp_path: Path) -> None:
    assert detect([table(tmp_path / "t.jsonl", '{"id": "1", "caption": "c", "file_name": "a.jpg"}')])[0] == (
        "medtrinity",
    )


def test_a_table_among_images_is_left_alone_and_said(tmp_path: Path) -> None:
    picture(tmp_path / "x.png")
    table(tmp_path / "notes.csv")
    kinds, notes = detect([tmp_path])
    assert kinds == ("images",)
    assert notes == [f"left alone: manifest input such as '{tmp_path / 'notes.csv'}'; take it in with --as manifest"]


def test_a_table_that_is_named_is_taken_beside_a_folder(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "x.png")
    named = table(tmp_path / "t.csv")
    assert detect([tmp_path / "pictures", named])[0] == ("images", "manifest")


def test_coco_owns_the_images_beside_it(tmp_path: Path) -> None:
    picture(tmp_path / "x.png")
    (tmp_path / "instances.json").write_text(json.dumps({"images": [], "annotations": []}))
    kinds, notes = detect([tmp_path])
    assert kinds == ("coco",)
    assert "left alone: images input such as" in notes[0]


def test_what_lies_beside_medtrinity_is_left_alone_and_said(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    table(tmp_path / "metadata.jsonl", '{"id": "1", "caption": "c", "file_name": "a.jpg"}')
    (tmp_path / "scan.dcm").write_bytes(b"x")
    kinds, notes = detect([tmp_path])
    assert kinds == ("medtrinity",)
    assert "left alone: dicom input such as" in notes[0]


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    picture(tmp_path / "x.png")
    os.mkfifo(tmp_path / "pipe")
    assert detect([tmp_path])[0] == ("images",)


def test_an_empty_folder_names_the_kinds(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is an empty folder; .*--as dicom\|nifti"):
        detect([tmp_path])


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: '.*gone'"):
        detect([tmp_path / "gone"])


def test_a_mixed_folder_goes_in_with_one_call(lake: catalog.Lake, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    picture(folder / "x.png")
    (folder / "scan.dcm").write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    table(folder / "notes.csv")
    report = lake.ingest(folder)
    assert (report.published.images, len(report.notes)) == (2, 1)
    assert lake.ingest(folder).published.images == 0
