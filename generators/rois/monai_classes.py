"""From maps of classes to regions with their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from generators.contract import Region
from generators.rois.hf_tasks import BACKGROUND

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Classes:
    """The names that a bundle's metadata.json gives its classes."""

    names: dict[int, str]
    min_area: int
    """Least pixels of a part of a mask."""

    @classmethod
    def of(cls, metadata: dict[str, Any], *, min_area: int) -> Classes:
        """Those of ``network_data_format.outputs.pred.channel_def``."""
        outputs: dict[str, Any] = metadata.get("network_data_format", {}).get("outputs", {})
        pred: dict[str, Any] = outputs.get("pred") or next(iter(outputs.values()), {})
        said = pred.get("channel_def") or {}
        return cls({int(number): str(name) for number, name in said.items() if str(number).isdecimal()}, min_area)

    def regions(self, found: NDArray[np.float32], channels: int) -> list[Region]:
        """A region for every class that is seen.

        Args:
            found: (1, height, width) of class numbers, or (channels, height, width) of masks or scores.
            channels: Of the network's output.
        """
        whole = len(found) == 1 or bool((found.sum(axis=0) == 1).all())
        made = []
        for number, mask in _masks(found):
            label = self._alone(number) if channels == 1 else self._label(number, whole=whole)
            large = _without_specks(mask, self.min_area)
            if label is not None and large.any():
                made.append(Region(label=label, mask=large))
        return made

    def _alone(self, number: int) -> str | None:
        """The name of the only class of a network, which its metadata may give as number 0 or 1."""
        names = [self.names.get(1), self.names.get(0)]
        return next((name for name in names if name and not _is_background(name)), "class 1") if number else None

    def _label(self, number: int, *, whole: bool) -> str | None:
        """The name of a class; None for the background, which 0 is without a name where classes fill the image."""
        name = self.names.get(number)
        if name is None:
            return None if number == 0 and whole else f"class {number}"
        return None if _is_background(name) else name


def _is_background(name: str) -> bool:
    return name.strip().casefold() in BACKGROUND


def _masks(found: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Number and mask of every class; 0 only where the bundle may have named it."""
    if len(found) > 1 and np.isin(found, (0, 1)).all():
        yield from ((number, channel > 0) for number, channel in enumerate(found))
        return
    labels = found.argmax(axis=0) if len(found) > 1 else _numbers(found[0])
    yield from ((int(number), labels == number) for number in np.unique(labels))


def _numbers(found: NDArray[np.float32]) -> NDArray[np.int64]:
    """Class numbers; scores of a single class are cut in the middle."""
    whole = np.rint(found)
    return whole.astype(np.int64) if np.array_equal(whole, found) else (found > 0.5).astype(np.int64)


def _without_specks(mask: NDArray[np.bool_], min_area: int) -> NDArray[np.bool_]:
    """A mask without its 8-connected parts of fewer pixels."""
    if min_area <= 1:
        return mask
    from scipy import ndimage

    parts, _ = ndimage.label(mask, structure=np.ones((3, 3), dtype=bool))
    large = np.bincount(parts.ravel()) >= min_area
    large[0] = False
    kept: NDArray[np.bool_] = large[parts]
    return kept
