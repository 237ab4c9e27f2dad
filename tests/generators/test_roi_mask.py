"""Parts of masks: each piece of a mask in several pieces is a region of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import catalog
from catalog.errors import InputError, UsageError
from catalog.geometry import masks
from catalog.records import Image, Record, Roi
from generators.contract import Region
from generators.registry import make
from generators.rois.mask import MaskParts
from tests.conftest import TakeIn
from tests.generators.conftest import rows, run

Mask = NDArray[np.bool_]


@dataclass
class Masked:
    """An image with masks, as the engine hands it over."""

    row: Mapping[str, Any]
    spoken: list[Mapping[str, Any]]

    def pixels(self) -> NDArray[np.uint8]:
        raise AssertionError("masks are read without the pixels")


def item(*drawn: Mask, **size: int | None) -> Masked:
    height, width = drawn[0].shape
    spoken = [
        {"row_id": f"r{number}", "label": "nodule", "kind": "lesion", "mask": masks.encode(mask)}
        for number, mask in enumerate(drawn)
    ]
    return Masked({"width": width, "height": height, **size}, spoken)


def parts(*drawn: Mask, min_area: float = 0.0) -> list[Region]:
    generator = MaskParts(min_area=min_area)
    (found,) = generator.generate([generator.prepare(item(*drawn))])
    return found


def blobs(*places: tuple[slice, slice], shape: tuple[int, int] = (40, 60)) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    for place in places:
        mask[place] = True
    return mask


def test_every_piece_is_a_region_with_label_and_kind_of_its_mask() -> None:
    found = parts(blobs(np.s_[2:10, 3:20], np.s_[20:30, 30:55]))
    assert [(part.label, part.kind, part.origin) for part in found] == [("nodule", "lesion", "source_mask")] * 2
    assert [part.mask.sum() for part in found if part.mask is not None] == [8 * 17, 10 * 25]


def test_a_mask_of_one_piece_yields_nothing() -> None:
    assert parts(blobs(np.s_[2:10, 3:20]), blobs(np.s_[20:30, 30:55])) == []


def test_pixels_that_meet_at_a_corner_are_one_piece() -> None:
    assert parts(blobs(np.s_[2:10, 3:20], np.s_[10:20, 20:30])) == []


def test_small_pieces_are_left_out() -> None:
    mask = blobs(np.s_[0:10, 0:24], np.s_[20:22, 30:33], np.s_[30:31, 50:51])
    assert [len(parts(mask, min_area=share)) for share in (0.0, 6 / 2400, 7 / 2400, 1.0)] == [3, 2, 1, 0]


@given(arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_the_pieces_of_a_mask_are_the_mask(mask: Mask) -> None:
    found = [part.mask for part in parts(mask) if part.mask is not None]
    measured = masks.region(mask)
    assert len(found) == (measured.components if measured and measured.components > 1 else 0)
    if found:
        assert (np.sum(found, axis=0) == mask).all()
        assert all(masks.region(part).components == 1 for part in found)  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [{"width": None}, {"height": None}])
def test_an_image_of_unknown_size_is_refused(size: dict[str, None]) -> None:
    with pytest.raises(InputError, match="width and height") as raised:
        MaskParts().prepare(item(blobs(np.s_[2:10, 3:20]), **size))
    assert raised.value.kind == "size"


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match=r"region r0: .*2400 pixels") as raised:
        MaskParts().prepare(item(blobs(np.s_[2:10, 3:20]), width=61))
    assert raised.value.kind == "mask"


@pytest.mark.parametrize("share", ["-0.1", "1.5", "nan"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(UsageError, match="min_area"):
        make("roi-mask", {"min_area": share})


def records(image_id: str, mask: Mask) -> list[Record]:
    height, width = mask.shape
    measured = masks.region(mask)
    assert measured is not None
    image = Image(image_id=image_id, width=width, height=height, content_hash=image_id)
    published = Roi(image_id=image_id, label="nodule", kind="lesion", origin="source_mask", width=width, height=height,
                    **measured.fields())  # fmt: skip
    return [image, published]


def test_pieces_arrive_in_the_lake_beside_the_mask(lake: catalog.Lake, take_in: TakeIn) -> None:
    several = records("several", blobs(np.s_[2:10, 3:20], np.s_[20:30, 30:55]))
    one = records("one", blobs(np.s_[2:10, 3:20]))
    take_in(lake.layout, {"all": [*several, *one, Image(image_id="bare", width=9, height=9, content_hash="b")]})
    report = run(lake, make("roi-mask", {}))
    assert (report.tally.done, report.tally.failed, report.pending.lacking) == (2, 0, {"masks": 1})
    query = (
        "SELECT image_id, label, kind, origin, components, x0, y0, x1, y1 FROM rois "
        "WHERE generator = 'roi-mask' ORDER BY x0"
    )
    assert rows(lake, query) == [
        ("several", "nodule", "lesion", "source_mask", 1, 3, 2, 20, 10),
        ("several", "nodule", "lesion", "source_mask", 1, 30, 20, 55, 30),
    ]
    assert rows(lake, "SELECT count(*) FROM rois WHERE generator <> 'roi-mask'") == [(2,)]
    assert run(lake, make("roi-mask", {})).tally.done == 0
