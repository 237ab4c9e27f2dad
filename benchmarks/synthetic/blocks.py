"""Draws blocks of images: cases, their images, the regions of each.

A block is drawn whole from its own stream of a counter-based generator (Philox, keyed by seed and block), so that a row
depends on the seed and its number alone: not on how many rows are asked for, nor on how they are cut into batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic.distribution import Distribution, Floats, Ints

BLOCK = 65_536
"""Images drawn at once."""
_CASES, _IMAGES, _REGIONS, _KEYS, CAPTIONS = range(5)
"""Streams: what is drawn from one moves nothing in another."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cases:
    """n cases, in the order of their images."""

    number: Ints
    cohort: Ints
    site: Ints
    diseases: Ints
    """(n, 3) words, -1 for none."""
    size: Ints
    """(n, 2) width and height in pixels."""
    first: Ints
    """First image of the case within the block."""
    slice: Ints
    """Number of that image in its series."""
    spelled: Ints
    view: Ints
    centre: Floats
    """(n, 2) where the first region lies, in shares of the image."""
    area: Floats
    """Its area, against the median."""
    keys: Bytes
    """(n, 3, 16) of patient, study and series."""


@dataclass(frozen=True, slots=True)
class Images:
    """The images of a block, from the first that is wanted on."""

    row: Ints
    """Number of the image among all of its seed."""
    case: Ints
    """Its case."""
    slice: Ints
    """Its number in the case."""
    organs: Ints
    """(n, 3) words, -1 for none."""
    regions: Ints
    """How many regions it has."""
    has_file: NDArray[np.bool_]
    keys: Bytes
    """(n, 2, 16) of the id and of the content."""


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions of these images, in their order."""

    image: Ints
    """Place of the image among those of the block that are wanted."""
    ordinal: Ints
    """Place of the region in its image."""
    label: Ints
    """What it shows, a word: a disease or an organ."""
    box: tuple[Floats, Floats, Floats, Floats]
    """x0, y0, x1, y1: whole pixels, half-open."""
    score: Floats
    keys: Bytes
    """(n, 16) of the id."""


@dataclass(frozen=True, slots=True)
class Block:
    """What was drawn."""

    seed: int
    number: int
    wanted: slice
    """The images of the block that are here."""
    cases: Cases
    images: Images
    regions: Regions


def stream(seed: int, block: int, name: int) -> np.random.Generator:
    """The random numbers of one kind in one block."""
    key, counter = np.array([seed, block], dtype=np.uint64), np.array([0, 0, 0, name], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def draw(known: Distribution, *, seed: int, number: int, wanted: slice) -> Block:
    """Draw the images ``wanted`` (places within the block) of a block."""
    keys = stream(seed, number, _KEYS)
    cases = _cases(known, seed, number, keys)
    every = _images(known, cases, seed, number, keys)
    regions = _regions(known, cases, every, stream(seed, number, _REGIONS), keys)
    first, last = np.searchsorted(regions.image, [wanted.start, wanted.stop])
    return Block(seed, number, wanted, cases, _cut(every, wanted), _cut_regions(regions, slice(first, last), wanted))


def _cases(known: Distribution, seed: int, number: int, keys: np.random.Generator) -> Cases:
    rng = stream(seed, number, _CASES)
    kind = known.kind[np.searchsorted(known.start, rng.random(BLOCK))]
    fewest, most = known.cohorts.case[kind[:, 0]].T
    length = fewest + _below(rng, most - fewest + 1)
    end = np.cumsum(length)
    count = int(np.searchsorted(end, BLOCK)) + 1
    cohort, site, disease = kind[:count].T
    place = _below(rng, known.cohorts.size_count[cohort])
    return Cases(
        number=number * BLOCK + np.arange(count),
        cohort=cohort,
        site=site,
        diseases=_diseases(known, site, disease, rng),
        size=known.cohorts.sizes[cohort, place],
        first=(end - length)[:count],
        slice=np.where(known.cohorts.slices[cohort], _below(rng, np.full(count, 40)), 0),
        spelled=known.cohorts.spelled[cohort, _below(rng, known.cohorts.spelled_count[cohort])],
        view=known.cohorts.views[cohort, _below(rng, known.cohorts.view_count[cohort])],
        centre=rng.normal(0.5, known.regions["centre_spread"], (count, 2)),
        area=np.exp(rng.normal(0, known.regions["area_spread"], count)),
        keys=_bytes(keys, (count, 3, 16)),
    )


def _images(known: Distribution, cases: Cases, seed: int, number: int, keys: np.random.Generator) -> Images:
    rng = stream(seed, number, _IMAGES)
    length = np.diff(cases.first, append=BLOCK)
    case = np.repeat(np.arange(len(length)), length)
    return Images(
        row=number * BLOCK + np.arange(BLOCK),
        case=case,
        slice=cases.slice[case] + np.arange(BLOCK) - cases.first[case],
        organs=_organs(known, cases.site[case], rng),
        regions=_counts(rng, known.images["regions"], BLOCK),
        has_file=rng.random(BLOCK) >= known.images["without_file"],
        keys=_bytes(keys, (BLOCK, 2, 16)),
    )


def _regions(
    known: Distribution, cases: Cases, images: Images, rng: np.random.Generator, keys: np.random.Generator
) -> Regions:
    image = np.repeat(np.arange(BLOCK), images.regions)
    ordinal = np.arange(len(image)) - np.repeat(np.cumsum(images.regions) - images.regions, images.regions)
    case = images.case[image]
    diseases, organs = cases.diseases[case], images.organs[image]
    is_lesion = (rng.random(len(image)) < known.regions["lesion"]) & (diseases[:, 0] >= 0)
    return Regions(
        image=image,
        ordinal=ordinal,
        label=np.where(is_lesion, _nth(diseases, ordinal), _nth(organs, ordinal)),
        box=_boxes(known.regions, cases, case, ordinal, is_lesion, rng),
        score=np.where(known.cohorts.scored[cases.cohort[case]], rng.integers(500, 1000, len(image)) / 1000, np.nan),
        keys=_bytes(keys, (len(image), 16)),
    )


def _boxes(
    said: dict[str, Any],
    cases: Cases,
    case: Ints,
    ordinal: Ints,
    is_lesion: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Boxes in whole pixels inside their images; an image's first region lies where it does in the whole case."""
    count, first = len(case), ordinal == 0
    own = np.exp(rng.normal(0, said["area_spread"], count))
    spread = np.where(first, cases.area[case] * np.exp(rng.normal(0, 0.15, count)), own)
    area = np.clip(np.where(is_lesion, said["lesion_area"], said["organ_area"]) * spread, 0.0002, 0.6)
    shape = np.exp(rng.normal(0, 0.3, count))
    moved = cases.centre[case] + rng.normal(0, said["within_case"], (count, 2))
    centre = np.where(first[:, None], moved, rng.normal(0.5, said["centre_spread"], (count, 2)))
    pixels = cases.size[case].astype(np.float64)
    side = np.sqrt(area * pixels[:, 0] * pixels[:, 1])
    extent = np.stack([side * shape, side / shape], axis=1)
    extent = np.clip(np.rint(extent), 2, pixels)
    corner = np.clip(np.rint(centre * pixels - extent / 2), 0, pixels - extent)
    far = corner + extent
    return corner[:, 0], corner[:, 1], far[:, 0], far[:, 1]


def _diseases(known: Distribution, site: Ints, first: Ints, rng: np.random.Generator) -> Ints:
    """The first disease of each case and, in some, others of the same site after it."""
    many = known.sites.disease_count[site]
    more = _counts(rng, known.images["more_diseases"], len(site))
    step = _below(rng, np.maximum(many - 1, 1))
    chosen = np.full((len(site), 3), -1)
    sick = first >= 0
    chosen[sick, 0] = known.sites.diseases[site, first][sick]
    for place in (1, 2):
        other = (first + 1 + (step + place - 1) % np.maximum(many - 1, 1)) % many
        here = sick & (more >= place) & (many > place)
        chosen[here, place] = known.sites.diseases[site, other][here]
    return chosen


def _organs(known: Distribution, site: Ints, rng: np.random.Generator) -> Ints:
    """The organ of the site and, in some images, what is seen beside it."""
    many = known.sites.also_count[site]
    more = _counts(rng, known.images["more_organs"], len(site))
    start = _below(rng, many)
    chosen = np.stack([known.sites.organ[site], *(np.full(len(site), -1) for _ in range(2))], axis=1)
    for place in (1, 2):
        here = (more >= place) & (many >= place)
        chosen[here, place] = known.sites.also[site, (start + place - 1) % many][here]
    return chosen


def _counts(rng: np.random.Generator, shares: list[float], count: int) -> Ints:
    """Numbers from 0 on, each as often as ``shares`` says."""
    drawn: Ints = np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right")
    return drawn


def _below(rng: np.random.Generator, limit: Ints) -> Ints:
    """Whole numbers from 0 to under ``limit``; 0 where that is 0."""
    return (rng.random(len(limit)) * limit).astype(np.int64)


def _nth(words: Ints, ordinal: Ints) -> Ints:
    """The n-th word of each row, round and round."""
    count = np.maximum((words >= 0).sum(axis=1), 1)
    chosen: Ints = words[np.arange(len(words)), ordinal % count]
    return chosen


def _bytes(rng: np.random.Generator, shape: tuple[int, ...]) -> Bytes:
    return np.frombuffer(rng.bytes(int(np.prod(shape))), np.uint8).reshape(shape)


def _cut(images: Images, wanted: slice) -> Images:
    return Images(
        images.row[wanted],
        images.case[wanted],
        images.slice[wanted],
        images.organs[wanted],
        images.regions[wanted],
        images.has_file[wanted],
        images.keys[wanted],
    )


def _cut_regions(regions: Regions, part: slice, wanted: slice) -> Regions:
    return Regions(
        regions.image[part] - wanted.start,
        regions.ordinal[part],
        regions.label[part],
        tuple(edge[part] for edge in regions.box),  # type: ignore[arg-type] # four in, four out
        regions.score[part],
        regions.keys[part],
    )
