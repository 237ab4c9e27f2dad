"""The flags of a SLICE: the same for every command, and the same names as the keywords in Python."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any

from cyclopts import Group, Parameter

_GROUP = Group("Slice (a flag given twice means either; different flags mean both)", sort_key=10)
_Words = tuple[str, ...]


@Parameter(name="*", group=_GROUP)
@dataclass(frozen=True, slots=True, kw_only=True)
class SliceFlags:
    """Which images."""

    modality: _Words = ()
    """Imaging modality, such as CT or "computed tomography"."""
    organ: _Words = ()
    """Organ or structure shown."""
    region: _Words = ()
    """Body region, such as thorax."""
    disease: _Words = ()
    """Disease or finding."""
    source: _Words = ()
    """Collection that the image comes from."""
    license: _Words = ()
    """SPDX licence of the source."""
    roi_label: _Words = ()
    """Label of a region of interest. ROI flags together ask for one ROI that satisfies them all."""
    roi_kind: _Words = ()
    """lesion, organ, cell, device or other."""
    roi_area: _Words = ()
    """LO:HI, share of the image that the ROI covers, such as 0.005:0.05 or 0.1:"""
    roi_zone: _Words = ()
    """Where the ROI lies, such as "upper-middle left"; one of the two words is enough."""
    roi_count: _Words = ()
    """LO:HI, number of ROIs of the image."""
    roi_aspect: _Words = ()
    """LO:HI, width of the ROI's box over its height."""
    has: _Words = ()
    """Layer that the image has: pixels, rois, masks, coarse_caption, descriptions, findings, embeddings."""
    missing: _Words = ()
    """Layer that the image lacks."""
    stale: _Words = ()
    """Layer whose generator has changed since."""
    split: _Words = ()
    """NAME=PART of a split."""
    text: _Words = ()
    """Words that a description of the image holds."""
    where: _Words = ()
    """SQL predicate over images, such as "width >= 512"."""
    slice: _Words = ()
    """A saved slice."""
    sample: int | None = None
    """Only so many images, drawn at random."""
    seed: int | None = None
    """Seed of --sample; the same seed draws the same images."""
    at: int | None = None
    """Snapshot to look at; triptych snapshots lists them."""

    def said(self) -> dict[str, Any]:
        """The flags that were given, as keywords of ``Lake.slice``."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in given.items() if value not in ((), None)}


Slice = Annotated[SliceFlags, Parameter(name="*")]
NOTHING = SliceFlags()
