"""``distribution.toml`` as arrays to draw from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog import vocabulary
from catalog.ingest.roi_kinds import kind_of
from catalog.records import RoiKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_FILE = Path(__file__).with_name("distribution.toml")
_MOST = 16
"""Most organs or diseases of a site."""
KINDS = get_args(RoiKind)


@dataclass(frozen=True, slots=True)
class Sites:
    """Places in the body; organs and diseases are places in ``Distribution.words``."""

    organ: Ints
    """(n,) the organ."""
    region: Ints
    """(n,) its region."""
    also: Ints
    """(n, 16) what else is seen."""
    also_count: Ints
    diseases: Ints
    """(n, 16) its diseases."""
    disease_count: Ints


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The images of one modality from one source; words are places in ``Distribution.words``, -1 for none."""

    source: Ints
    modality: Ints
    license: Ints
    redistributable: NDArray[np.bool_]
    spelled: Ints
    """(n, 4) how the source is spelled."""
    spelled_count: Ints
    views: Ints
    """(n, 4) projections."""
    view_count: Ints
    sizes: Ints
    """(n, 4, 2) width and height in pixels."""
    size_count: Ints
    case: Ints
    """(n, 2) fewest and most images of a case."""
    slices: NDArray[np.bool_]
    channels: Ints
    origin: Ints
    scored: NDArray[np.bool_]
    files: list[str]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Everything that rows are drawn from."""

    words: pa.Array
    sites: Sites
    cohorts: Cohorts
    start: Floats
    """(m,) how many of the cases, as a share, come before each kind of case and with it."""
    kinds: Ints
    """For each word the kind of a region that shows it, a place in ``KINDS``."""
    region_of: Ints
    """For each word that is the first organ of a site its region."""
    kind: Ints
    """(m, 3) cohort, site and disease (place in the site's list, -1: healthy) of each kind of case."""
    images: dict[str, Any]
    regions: dict[str, Any]


@cache
def load() -> Distribution:
    """Read the file, once."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    words = _Words()
    sites = _sites(list(said["sites"].values()), words)
    cohorts = _cohorts(said["cohorts"], words)
    start, kind = _kinds(said)
    every = words.array()
    region_of = np.full(len(every), -1)
    region_of[sites.organ] = sites.region
    kinds = np.array([KINDS.index(kind_of(word)) for word in every.to_pylist()])
    return Distribution(every, sites, cohorts, start, kinds, region_of, kind, said["images"], said["regions"])


class _Words:
    """Numbers words in the order they come."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        return self._places.setdefault(word, len(self._places))

    def padded(self, lists: list[list[str]], width: int) -> tuple[Ints, Ints]:
        """Lists of words as a matrix filled up with -1, and their lengths."""
        rows = [[self(word) for word in row] + [-1] * (width - len(row)) for row in lists]
        return np.array(rows), np.array([len(row) for row in lists])

    def array(self) -> pa.Array:
        return pa.array(list(self._places), pa.string())


def _sites(said: list[dict[str, Any]], words: _Words) -> Sites:
    organs = vocabulary.load("organ")
    regions = [getattr(organs.find(site["organ"]), "parent", None) or "other" for site in said]
    also, also_count = words.padded([site["also"] for site in said], _MOST)
    diseases, disease_count = words.padded([site["diseases"] for site in said], _MOST)
    return Sites(
        organ=np.array([words(site["organ"]) for site in said]),
        region=np.array([words(region) for region in regions]),
        also=also,
        also_count=also_count,
        diseases=diseases,
        disease_count=disease_count,
    )


def _cohorts(said: list[dict[str, Any]], words: _Words) -> Cohorts:
    spelled, spelled_count = words.padded([one.get("spelled", [one["source"]]) for one in said], 4)
    views, view_count = words.padded([one.get("views", ["AXIAL"] if "slices" in one else []) for one in said], 4)
    sizes = np.array([(one["sizes"] * 4)[:4] for one in said])
    grey = {"MRI", "CT", "X-Ray", "PET", "Ultrasound"}
    return Cohorts(
        source=np.array([words(one["source"]) for one in said]),
        modality=np.array([words(one["modality"]) for one in said]),
        license=np.array([words(one["license"]) for one in said]),
        redistributable=np.array([bool(vocabulary.license_of(one["license"]).redistributable) for one in said]),
        spelled=spelled,
        spelled_count=spelled_count,
        views=views,
        view_count=view_count,
        sizes=sizes,
        size_count=np.array([len(one["sizes"]) for one in said]),
        case=np.array([one["case"] for one in said]),
        slices=np.array([one.get("slices", False) for one in said]),
        channels=np.array([1 if one["modality"] in grey else 3 for one in said]),
        origin=np.array([words(one["origin"]) for one in said]),
        scored=np.array([one["origin"] == "expert_model" for one in said]),
        files=[one["file"] for one in said],
    )


def _kinds(said: dict[str, Any]) -> tuple[Floats, Ints]:
    """Every (cohort, site, disease) and how many of the cases are of it, added up."""
    kinds: list[tuple[int, int, int]] = []
    shares: list[float] = []
    names, total, images = list(said["sites"]), sum(said["modalities"].values()), said["images"]
    for place, cohort in enumerate(said["cohorts"]):
        ours = said["modalities"][cohort["modality"]] / total * cohort["share"]
        cases = ours / (sum(cohort["case"]) / 2)
        for site, of_site in zip(cohort["sites"], _zipf(len(cohort["sites"]), images["zipf_sites"]), strict=True):
            diseases = _zipf(len(said["sites"][site]["diseases"]), images["zipf_diseases"])
            parts = [images["healthy"], *(diseases * (1 - images["healthy"]))]
            kinds += [(place, names.index(site), disease - 1) for disease in range(len(parts))]
            shares += [cases * of_site * part for part in parts]
    start = np.cumsum(shares)
    return start / start[-1], np.array(kinds)


def _zipf(count: int, exponent: float) -> Floats:
    weights = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    share: Floats = weights / weights.sum()
    return share
