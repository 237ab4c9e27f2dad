"""Both lungs on a frontal chest X-ray, found by the package lungs-finder (HOG and cascade classifiers, no network)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError
from generators.contract import Device, Generator, Item, Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST = 512
"""Pixels of the longer side that the finder is given, as in the example of its authors."""
_SMALLEST = (64, 32)
"""Height and width of the HOG window; OpenCV crashes on pictures below it instead of finding nothing."""

_LEAST = 0.03
"""Share of the image that a lung covers at least; on chest X-rays each takes a tenth and more."""

_Box = tuple[float, float, float, float]
"""x, y, width, height."""


@dataclass
class Lungs(Generator):
    """A box for each lung that is found, on X-rays of the chest and on images of which nothing else is known.

    The labels name the patient's sides, as the field does: on a frontal view the "right lung" is the one on the
    viewer's left. An image that is mirrored, or seen from the side, is not recognised as such.
    """

    name = "roi-lungs"
    layer = "rois"
    version = 2
    columns = ("modality", "region")
    batch_size = 64
    extra = "lungs"

    def identity(self) -> str:
        """Package and version.

        Raises:
            MissingExtraError: It is not installed.
        """
        try:
            return f"lungs-finder@{version('lungs-finder')}"
        except PackageNotFoundError as error:
            raise MissingExtraError("lungs-finder", extra="lungs") from error

    def load(self, device: Device) -> None:
        """Ask for OpenCV here, so that its absence is told once and not by every worker."""
        if find_spec("cv2") is None:
            raise MissingExtraError("opencv-python-headless", extra="lungs")

    def prepare(self, item: Item) -> list[Region]:
        """The regions themselves: the finder takes one image at a time, and workers run side by side."""
        if not _may_be_chest(item.row.get("modality"), item.row.get("region")):
            return []
        pixels = item.pixels()
        grey = _shrunk(pixels)
        if grey.shape[0] < _SMALLEST[0] or grey.shape[1] < _SMALLEST[1]:
            return []
        across, down = pixels.shape[1] / grey.shape[1], pixels.shape[0] / grey.shape[0]
        return [
            Region(label=label, kind="organ", x0=x * across, y0=y * down, x1=(x + w) * across, y1=(y + h) * down)
            for label, (x, y, w, h) in _found(grey).items()
            if w * h >= _LEAST * grey.size
        ]

    def generate(self, batch: Sequence[Any]) -> Sequence[list[Region]]:
        """What the workers found."""
        return batch


def _may_be_chest(modality: str | None, region: str | None) -> bool:
    return modality in (None, "X-Ray") and (region in (None, "other") or "thorax" in region)


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey, with even contrast and without specks, as the finder was trained."""
    import cv2

    cv2.setNumThreads(1)  # there is a worker for every core already
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    share = min(1.0, _LONGEST / max(grey.shape))
    size = (max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    blurred: NDArray[np.uint8] = cv2.medianBlur(cv2.equalizeHist(small), 3)
    return blurred


def _found(grey: NDArray[np.uint8]) -> dict[str, _Box]:
    """The lungs by label, in the order of methods of the package's ``get_lungs``, which only returns a crop.

    Unlike there, a lung that is not found is not guessed from the other one, and no margin is added.
    """
    import lungs_finder as finder

    right, left = _box(finder.find_right_lung_hog(grey)), _box(finder.find_left_lung_hog(grey))
    if clash(right, left):
        right, left = _box(finder.find_right_lung_lbp(grey)), _box(finder.find_left_lung_lbp(grey))
    right = right or _box(finder.find_right_lung_haar(grey)) or _box(finder.find_right_lung_lbp(grey))
    left = left or _box(finder.find_left_lung_haar(grey)) or _box(finder.find_left_lung_lbp(grey))
    if clash(right, left):
        return {}
    found = {"right lung": right, "left lung": left}
    return {label: box for label, box in found.items() if box is not None}


def _box(found: Any) -> _Box | None:
    if found is None:
        return None
    x, y, width, height = (float(value) for value in found)
    return x, y, width, height


def clash(right: _Box | None, left: _Box | None) -> bool:
    """Whether two boxes cannot be two lungs: the patient's right one must lie left of the other by its width."""
    return right is not None and left is not None and left[0] - right[0] < min(right[2], left[2])
