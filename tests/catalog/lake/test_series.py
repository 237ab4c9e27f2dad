"""The images of a series in the order of its slices."""

from __future__ import annotations

import catalog
from catalog.records import Image
from tests.conftest import TakeIn


def _image(name: str, *, frame: int | None = None, slice_index: int | None = None, uri: str = "/a") -> Image:
    return Image(
        image_id=name, content_hash=name, series_key="s", frame=frame, slice_index=slice_index, uri=uri, modality="CT"
    )


def test_slices_are_in_their_order_whatever_disease_they_show(lake: catalog.Lake, take_in: TakeIn) -> None:
    images = [_image(f"i{number}", slice_index=number, uri=f"/{number}") for number in (3, 1, 2, 0)]
    images[0].diseases = ["lung cancer"]
    take_in(lake.layout, {"all": [*images, Image(image_id="other", content_hash="o", series_key="t")]}, source="c")
    assert lake.series("s") == ["i0", "i1", "i2", "i3"]
    assert lake.series("unknown") == []


def test_frames_follow_each_other_file_by_file(lake: catalog.Lake, take_in: TakeIn) -> None:
    frames = [_image(f"{file}{frame}", frame=frame, slice_index=frame % 2, uri=f"/{file}")
              for frame in range(4) for file in ("b", "a")]  # fmt: skip
    take_in(lake.layout, {"all": frames}, source="c")
    assert lake.series("s") == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]
