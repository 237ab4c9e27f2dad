"""Descriptions of about 100 words, written from what the rows say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.synthetic import rows, text
from benchmarks.synthetic.blocks import BLOCK, CAPTIONS, Block, stream
from benchmarks.synthetic.columns import constant, lists
from benchmarks.synthetic.distribution import Distribution, Ints

_FILE = Path(__file__).with_name("captions.toml")


@dataclass(frozen=True, slots=True)
class _Said:
    """The images that are described, and the rows of their first two regions (-1: none)."""

    image: Ints
    regions: Ints
    """(n, 2)"""


def tables(
    block: Block, known: Distribution, staged: dict[str, pa.Table], share: float, batch_id: str
) -> dict[str, pa.Table]:
    """The descriptions of a block, none if no image of it gets one."""
    # Drawn for the whole block, so that a caption does not depend on which of its images are wanted.
    drawn = stream(block.seed, block.number, CAPTIONS).random((BLOCK, len(_templates()["groups"]) + 3))[block.wanted]
    image = np.flatnonzero(drawn[:, 0] < share)
    if not len(image):
        return {}
    said = _Said(image, _first_regions(block, image))
    columns = _columns(block, known, staged, said, drawn[image])
    written = _written(columns, said, known, block, drawn[image, 3:])
    ids = staged["images"].column("image_id").chunk(0).take(pa.array(image))
    own = {
        "description_id": _ids(ids),
        "image_id": ids,
        "roi_ids": _roi_ids(staged, said),
        "kind": constant("published", len(image)),
        "text": written,
        "generator": constant("ingest:synthetic", len(image)),
        "status": constant("fresh", len(image)),
    }
    return {"descriptions": rows.descriptions(own, len(image), batch_id)}


@cache
def _templates() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _ids(ids: pa.Array) -> pa.Array:
    """The id of an image's one description: the digits of the image's own, turned round."""
    return pc.utf8_reverse(pc.replace_substring(ids, "-", ""))


def _first_regions(block: Block, image: Ints) -> Ints:
    start = (np.cumsum(block.images.regions) - block.images.regions)[image]
    count = block.images.regions[image]
    return np.stack([np.where(count > place, start + place, -1) for place in (0, 1)], axis=1)


def _roi_ids(staged: dict[str, pa.Table], said: _Said) -> pa.Array:
    every = staged["rois"].column("roi_id").chunk(0) if "rois" in staged else pa.array([], pa.string())
    return lists(every, said.regions)


def _columns(
    block: Block, known: Distribution, staged: dict[str, pa.Table], said: _Said, drawn: NDArray[np.float64]
) -> dict[str, pa.Array]:
    """What the templates name, a value an image."""
    images, cases = block.images, block.cases
    case = images.case[said.image]
    templates = _templates()
    modality = staged["images"].column("modality").chunk(0).cast(pa.string()).take(pa.array(said.image))
    phrases = pa.array([templates["modalities"][name] for name in templates["modalities"]])
    of_modality = pc.index_in(modality, pa.array(list(templates["modalities"])))
    words = {name: _drawn(templates["words"][name], drawn[:, place]) for name, place in (("texture", 1), ("border", 2))}
    return {
        **words,
        **_of_region(staged, said.regions[:, 0], ""),
        **_of_region(staged, said.regions[:, 1], "2"),
        "modality": phrases.take(of_modality),
        "organ": known.words.take(pa.array(images.organs[said.image, 0])),
        "organs": _organs(known, images.organs[said.image]),
        "region": known.words.take(pa.array(known.sites.region[cases.site[case]])),
        "disease": _diseases(known, cases.diseases[case]),
        "slice": text.numbers(images.slice[said.image] + 1),
        "case": text.numbers(cases.number[case]),
    }


def _of_region(staged: dict[str, pa.Table], place: Ints, suffix: str) -> dict[str, pa.Array]:
    """Label, zone and area of a region in words; null where there is none."""
    if "rois" not in staged:
        return {f"{name}{suffix}": pa.nulls(len(place), pa.string()) for name in ("label", "h", "v", "percent")}
    at = pa.array(place, mask=place < 0)
    column = {name: staged["rois"].column(name).chunk(0) for name in ("label", "zone_h", "zone_v", "area_ratio")}
    return {
        f"label{suffix}": column["label"].cast(pa.string()).take(at),
        f"h{suffix}": column["zone_h"].cast(pa.string()).take(at),
        f"v{suffix}": column["zone_v"].cast(pa.string()).take(at),
        f"percent{suffix}": _percent(column["area_ratio"].take(at)),
    }


def _percent(share: pa.Array) -> pa.Array:
    """Shares as percent with one decimal, at least 0.1."""
    tenths = np.maximum(np.rint(share.to_numpy(zero_copy_only=False) * 1000), 1)
    whole, rest = (text.numbers(part) for part in np.divmod(np.nan_to_num(tenths).astype(np.int64), 10))
    return pc.if_else(share.is_valid(), pc.binary_join_element_wise(whole, rest, "."), pa.scalar(None, pa.string()))


def _organs(known: Distribution, organs: Ints) -> pa.Array:
    """``lung``, ``lung and heart``, ``lung, heart and aorta``."""
    first, second, third = (known.words.take(pa.array(part, mask=part < 0)) for part in organs.T)
    two = pc.binary_join_element_wise(first, second, " and ")
    three = pc.binary_join_element_wise(pc.binary_join_element_wise(first, second, ", "), third, " and ")
    return pc.coalesce(three, two, first)


def _diseases(known: Distribution, diseases: Ints) -> pa.Array:
    first, second = (known.words.take(pa.array(part, mask=part < 0)) for part in diseases.T[:2])
    return pc.coalesce(pc.binary_join_element_wise(first, second, " and "), first)


def _drawn(words: list[str], drawn: NDArray[np.float64]) -> pa.Array:
    return pa.array(words).take(pa.array((drawn * len(words)).astype(np.int64)))


def _written(
    columns: dict[str, pa.Array], said: _Said, known: Distribution, block: Block, drawn: NDArray[np.float64]
) -> pa.Array:
    """One sentence of each group that fits the image, joined."""
    healthy = block.cases.diseases[block.images.case[said.image], 0] < 0
    has, second = said.regions[:, 0] >= 0, said.regions[:, 1] >= 0
    always = np.ones(len(healthy), bool)
    fits = {"region": has, "second": second, "absent": ~has, "texture": has, "relation": ~healthy, "healthy": healthy}
    parts = []
    for place, (group, templates) in enumerate(_templates()["groups"].items()):
        choice = (drawn[:, place] * len(templates)).astype(np.int64)
        parts.append(text.choose(templates, np.where(fits.get(group, always), choice, -1), columns))
    joined = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
    return pc.replace_substring(joined, " \n\n", "\n\n")
