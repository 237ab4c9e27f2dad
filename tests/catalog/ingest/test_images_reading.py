"""Folders of images: what becomes an image, which masks belong to it, and what they say."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Picture

import catalog
from catalog.geometry import masks
from catalog.ingest.contract import Options
from catalog.ingest.images import ImagesReader
from catalog.ingest.images.masks import regions
from catalog.lake.keys import KeyedHash


def options(**said: Any) -> Options:
    return Options(keys=KeyedHash(b"k" * 32), **said)


def read(*paths: Path, **said: Any) -> dict[str, list[dict[str, Any]]]:
    """Everything a reader finds, by table."""
    reader = pickle.loads(pickle.dumps(ImagesReader([*paths], options(**said))))  # noqa: S301 - our own object
    found: dict[str, list[dict[str, Any]]] = {"images": [], "rois": [], "failures": []}
    for unit in reader.units():
        batch = reader.read(unit, None)
        for name, table in batch.tables.items():
            found[name] += table.to_pylist()
    return found


def save(path: Path, values: NDArray[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(values).save(path)
    return path


def retina() -> NDArray[np.uint8]:
    return np.ascontiguousarray(skimage.data.retina()[::8, ::8])


def block(shape: tuple[int, int], value: int = 255, dtype: Any = np.uint8) -> NDArray[Any]:
    mask = np.zeros(shape, dtype)
    mask[2:12, 5:25] = value
    return mask


@pytest.mark.parametrize(
    "mask", ["x_mask.png", "x_seg.png", "masks/x.png", "masks/x_mask.png", "Masks/x.tif", "x_mask_1.png"]
)
def test_a_mask_beside_its_image_becomes_a_region(tmp_path: Path, mask: str) -> None:
    image = retina()
    save(tmp_path / "x.jpg", image)
    save(tmp_path / mask, block(image.shape[:2]))
    found = read(tmp_path)
    (roi,) = found["rois"]
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"], roi["mask_area"]) == (5, 2, 25, 12, 200)
    assert (roi["label"], roi["origin"], roi["components"]) == ("mask", "source_mask", 1)
    assert (len(found["images"]), found["failures"]) == (1, [])


def test_masks_stand_where_images_stand_in_the_path(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "images" / "train" / "x.png", image)
    save(tmp_path / "masks" / "train" / "x.png", block(image.shape[:2]))
    for root in (tmp_path, tmp_path / "images"):
        found = read(root)
        assert [row["subset"] for row in found["images"]] == ["train"]
        assert len(found["rois"]) == 1


def test_a_newline_in_a_name_does_not_part_a_mask_from_its_image(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "a\nb.png", image)
    save(tmp_path / "a\nb_mask.png", block(image.shape[:2]))
    found = read(tmp_path)
    assert (len(found["images"]), len(found["rois"])) == (1, 1)


def test_the_label_comes_from_the_name(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "x.png", image)
    save(tmp_path / "x_mask_optic_disc.png", block(image.shape[:2]))
    save(tmp_path / "vessel_masks" / "x.png", block(image.shape[:2]))
    assert sorted(roi["label"] for roi in read(tmp_path)["rois"]) == ["optic disc", "vessel"]


def test_an_instance_mask_has_one_region_an_instance(tmp_path: Path) -> None:
    from skimage.measure import label

    image = np.ascontiguousarray(skimage.data.immunohistochemistry()[:200, :200])
    cells = label(image[..., 0] < 110).astype(np.uint16)
    save(tmp_path / "cells.png", image)
    save(tmp_path / "cells_mask.tif", cells)
    found = read(tmp_path)
    assert len(found["rois"]) == cells.max() > 20
    assert {roi["mask_area"] for roi in found["rois"]} == set(np.bincount(cells.ravel())[1:].tolist())


def test_a_binary_mask_is_one_region_with_its_parts_counted(tmp_path: Path) -> None:
    image = retina()
    two = block(image.shape[:2], value=7)
    two[100:110, 100:110] = 7
    save(tmp_path / "x.png", image)
    save(tmp_path / "x_mask.png", two)
    (roi,) = read(tmp_path)["rois"]
    assert (roi["components"], roi["mask_area"]) == (2, 300)


def test_a_jpeg_mask_is_cut_in_the_middle(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "x.png", image)
    save(tmp_path / "x_mask.jpg", block(image.shape[:2]))
    (roi,) = read(tmp_path)["rois"]
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == (5, 2, 25, 12)


def test_each_colour_of_a_colour_mask_is_a_region(tmp_path: Path) -> None:
    image = retina()
    mask = np.zeros_like(image)
    mask[2:12, 5:25] = (255, 0, 0)
    mask[50:60, 50:60] = (0, 128, 0)
    save(tmp_path / "x.png", image)
    save(tmp_path / "x_mask.png", mask)
    assert sorted((roi["label"], roi["mask_area"]) for roi in read(tmp_path)["rois"]) == [
        ("#008000", 100),
        ("#ff0000", 200),
    ]


def test_a_picture_named_like_a_mask_is_refused(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "x.png", image)
    save(tmp_path / "x_mask.png", np.random.default_rng(0).integers(0, 60_000, image.shape[:2]).astype(np.uint16))
    found = read(tmp_path)
    assert (found["rois"], [row["error"] for row in found["failures"]]) == ([], ["mask"])


def test_a_mask_of_another_size_is_a_failure_and_the_image_goes_in(tmp_path: Path) -> None:
    save(tmp_path / "x.png", retina())
    save(tmp_path / "x_mask.png", block((20, 30)))
    found = read(tmp_path)
    assert len(found["images"]) == 1
    (failure,) = found["failures"]
    assert failure["error"] == "mask-size"
    assert "the mask is 30x20, its image 'x.png' 177x177" in failure["message"]


def test_a_mask_without_an_image_is_a_failure(tmp_path: Path) -> None:
    save(tmp_path / "x.png", retina())
    save(tmp_path / "masks" / "y.png", block((20, 30)))
    assert [row["error"] for row in read(tmp_path)["failures"]] == ["orphan"]


def test_folders_below_a_folder_of_masks_name_labels(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "images" / "x.png", image)
    save(tmp_path / "images" / "y.png", image)
    save(tmp_path / "masks" / "lesion" / "x.png", block(image.shape[:2]))
    save(tmp_path / "masks" / "vessel" / "y.png", block(image.shape[:2]))
    found = read(tmp_path)
    assert sorted(roi["label"] for roi in found["rois"]) == ["lesion", "vessel"]
    assert (len(found["images"]), found["failures"]) == (2, [])


def test_a_folder_with_one_image_owns_all_its_masks(tmp_path: Path) -> None:
    image = retina()
    save(tmp_path / "7" / "images" / "7.png", image)
    for name in ("a", "b", "c"):
        save(tmp_path / "7" / "masks" / f"{name}.png", block(image.shape[:2]))
    found = read(tmp_path)
    assert (len(found["rois"]), found["failures"]) == (3, [])


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_an_image_that_breaks_off_is_a_failure(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"x.{suffix}", retina())
    path.write_bytes(path.read_bytes()[:-900])
    found = read(tmp_path)
    assert (found["images"], [row["error"] for row in found["failures"]]) == ([], ["truncated"])


def test_a_png_with_a_flipped_bit_is_a_failure(tmp_path: Path) -> None:
    path = save(tmp_path / "x.png", retina())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert [row["error"] for row in read(tmp_path)["failures"]] == ["damaged"]


def test_an_image_turned_by_exif_is_measured_as_it_is_seen_and_so_is_its_mask(tmp_path: Path) -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6
    Picture.fromarray(np.zeros((40, 60), np.uint8)).save(tmp_path / "x.jpg", exif=exif)
    Picture.fromarray(block((40, 60))).save(tmp_path / "x_mask.png", exif=exif)
    found = read(tmp_path)
    (image,), (roi,) = found["images"], found["rois"]
    assert (image["width"], image["height"]) == (40, 60)
    assert (roi["x0"], roi["y0"], roi["x1"], roi["y1"]) == (28, 5, 38, 25)


def test_every_page_of_a_tiff_is_a_frame(tmp_path: Path) -> None:
    pages = [Picture.fromarray(np.full((8, 9), n, np.uint8)) for n in range(3)]
    pages[0].save(tmp_path / "x.tif", save_all=True, append_images=pages[1:])
    rows = read(tmp_path)["images"]
    assert [(row["frame"], row["width"], row["height"]) for row in rows] == [(0, 9, 8), (1, 9, 8), (2, 9, 8)]
    assert len({row["image_id"] for row in rows}) == 3


@pytest.mark.parametrize("name", ["with space.png", "quo'te\".png", "new\nline.png", "über-肺.png", "a;b|c.png"])
def test_names_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    save(tmp_path / name, retina())
    (image,) = read(tmp_path)["images"]
    assert (image["file_name"], image["uri"]) == (name, str(tmp_path / name))


def test_a_name_that_is_not_utf_8_is_a_failure(tmp_path: Path) -> None:
    save(tmp_path / "good.png", retina())
    (tmp_path / "good.png").rename(tmp_path / "bad\udcff.png")
    assert [row["error"] for row in read(tmp_path)["failures"]] == ["name"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "empty"),
        (b"just text", "unreadable"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer"),
    ],
)
def test_a_bad_file_is_a_failure_and_the_rest_goes_in(tmp_path: Path, content: bytes, error: str) -> None:
    save(tmp_path / "good.png", retina())
    (tmp_path / "bad.png").write_bytes(content)
    found = read(tmp_path)
    assert [row["file_name"] for row in found["images"]] == ["good.png"]
    (failure,) = found["failures"]
    assert (failure["error"], failure["input"]) == (error, str(tmp_path / "bad.png"))
    assert "bad.png" in failure["message"]


def test_a_truncated_mask_leaves_its_image(tmp_path: Path) -> None:
    save(tmp_path / "x.png", retina())
    mask = save(tmp_path / "x_mask.png", np.random.default_rng(0).integers(0, 2, (177, 177)).astype(np.uint8))
    mask.write_bytes(mask.read_bytes()[:-500])
    found = read(tmp_path)
    assert (len(found["images"]), len(found["rois"]), len(found["failures"])) == (1, 0, 1)


def test_a_unit_is_known_again_until_a_file_changes(tmp_path: Path) -> None:
    save(tmp_path / "x.png", retina())

    def key(**said: Any) -> str:
        (unit,) = ImagesReader([tmp_path], options(**said)).units()
        return unit.key

    before = key()
    assert key() == before
    assert key(copy=True) != before
    save(tmp_path / "x_mask.png", block((177, 177)))
    assert key() != before


def test_a_lake_takes_a_folder_in_and_keeps_its_pixels(lake: catalog.Lake, tmp_path: Path) -> None:
    from catalog.pixels.view import view

    image = retina()
    save(tmp_path / "eyes" / "x.png", image)
    save(tmp_path / "eyes" / "x_mask_optic_disc.png", block(image.shape[:2]))
    first = lake.ingest(tmp_path / "eyes", source="eyes", copy=True)
    again = lake.ingest(tmp_path / "eyes", source="eyes", copy=True)
    assert (first.published.images, first.published.rois, again.skipped, again.units) == (1, 1, 1, 0)
    (row,) = lake.slice(roi_label="optic disc").to_arrow().to_pylist()
    (tmp_path / "eyes" / "x.png").unlink()
    assert (view(lake.pixels(), row) == image).all()


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=5, max_size=5))
def test_the_box_of_a_mask_holds_all_of_it_and_no_more(rows: list[list[bool]]) -> None:
    mask = np.array(rows, dtype=np.uint8) * 255
    found = list(regions(mask, "mask"))
    if not mask.any():
        assert found == []
        return
    ((_, region),) = found
    ys, xs = np.nonzero(mask)
    assert (region.x0, region.y0, region.x1, region.y1) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert (masks.decode(region.counts, width=7, height=5) == (mask > 0)).all()


def test_a_file_whose_name_is_not_utf8_is_a_failure_beside_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("good.png", "caf\udce9.png"):
        save(folder / name, np.full((8, 8), 7, np.uint8))
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(folder, source="named")
        assert lake.sql("SELECT file_name FROM images").fetchall() == [("good.png",)]
        ((error, message),) = lake.sql("SELECT error, message FROM failures").fetchall()
        assert (error, "rename the file" in message) == ("name", True)
