"""A block as the tables of a staged batch."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.synthetic import text
from benchmarks.synthetic.blocks import Block
from benchmarks.synthetic.columns import coded, constant, lists
from benchmarks.synthetic.distribution import KINDS, Distribution, Ints
from benchmarks.synthetic.keys import keys
from catalog import records
from catalog.geometry import boxes
from catalog.geometry.zones import ZONES_H, ZONES_V
from catalog.ingest.joined import joined

_ARCHIVE = "tarzst:/data/MedTrinity-25M/25M_accessible/dataset_shard_{shard}.tar.zst!{name}"
_A_SHARD = 150_000
"""Images an archive."""

Columns = dict[str, pa.Array]


def tables(block: Block, known: Distribution, batch_id: str) -> dict[str, pa.Table]:
    """The images and regions of a block as staged rows, still to be joined by ``finish``."""
    images = _staged("images", _images(block, known), len(block.images.row), batch_id)
    place = pa.array(np.arange(images.num_rows))
    regions = _regions(block, known, images.column("image_id").chunk(0))
    staged = {"images": images.append_column("place", place)}
    if len(block.regions.image):
        staged["rois"] = _staged("rois", regions, len(block.regions.image), batch_id)
    return staged


def finish(staged: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables of a whole batch, with what rows repeat of their images: the one place that knows how."""
    return joined(staged)


def _staged(table: str, columns: Columns, count: int, batch_id: str) -> pa.Table:
    """``columns`` with those of the table that are null, and those that only staged rows have."""
    kinds = _kinds(table)
    own = [columns[name] if name in columns else pa.nulls(count, kind) for name, kind in kinds.items()]
    staged = pa.table(own, names=list(kinds)).append_column("batch_id", constant(batch_id, count))
    return staged if table == "images" else staged.append_column("content_hash", pa.nulls(count, pa.string()))


def descriptions(columns: Columns, count: int, batch_id: str) -> pa.Table:
    """Staged descriptions."""
    return _staged("descriptions", columns, count, batch_id)


@cache
def _kinds(table: str) -> dict[str, pa.DataType]:
    schema = records.schema(table)
    return dict(zip(schema.names, schema.types, strict=True))


def _images(block: Block, known: Distribution) -> Columns:
    images, cases, cohorts = block.images, block.cases, known.cohorts
    case = images.case
    cohort, diseases = cases.cohort[case], cases.diseases[case]
    hashed = {name: text.hexadecimal(cases.keys[:, place]).take(pa.array(case)) for place, name in enumerate(_KEYS)}
    volume = cohorts.slices[cohort]
    id_ = text.uuids(images.keys[:, 0])
    file_name, uri = _names(block, known, id_)
    return {
        **hashed,
        **keys(block, known),
        "image_id": id_,
        "source": coded(known.words, cohorts.source[cohort]),
        "source_raw": coded(known.words, cases.spelled[case]),
        "file_name": file_name,
        "uri": pc.if_else(pa.array(images.has_file), uri, pa.scalar(None, pa.string())),
        "width": pa.array(cases.size[case, 0], pa.int32()),
        "height": pa.array(cases.size[case, 1], pa.int32()),
        "channels": pa.array(cohorts.channels[cohort], pa.int32()),
        "bit_depth": pa.array(np.full(len(case), 8), pa.int32()),
        "modality": coded(known.words, cohorts.modality[cohort]),
        "region": coded(known.words, known.sites.region[cases.site[case]]),
        "organ": coded(known.words, images.organs[:, 0]),
        "organs": lists(known.words, images.organs),
        "disease": coded(known.words, diseases[:, 0]),
        "diseases": lists(known.words, diseases),
        "view": coded(known.words, cases.view[case]),
        "license": coded(known.words, cohorts.license[cohort]),
        "redistributable": pa.array(cohorts.redistributable[cohort]),
        "slice_index": pa.array(images.slice, pa.int32(), mask=~volume),
        "axis": pa.array(np.full(len(case), 2), pa.int32(), mask=~volume),
        "roi_count": pa.array(images.regions, pa.int32()),
        "content_hash": text.hexadecimal(images.keys[:, 1]),
    }


_KEYS = ("patient_key", "study_key", "series_key")


def _names(block: Block, known: Distribution, ids: pa.Array) -> tuple[pa.Array, pa.Array]:
    """File names as the sources write them, and where the archives have them."""
    images, cases = block.images, block.cases
    cohort = cases.cohort[images.case]
    said = {
        "case": text.numbers(cases.number[images.case]),
        "slice": text.numbers(images.slice),
        "organ": known.words.take(pa.array(images.organs[:, 0])),
        "disease": _words_or(known, cases.diseases[images.case, 0], "normal"),
        "id": ids,
        "box": _first_boxes(block),
    }
    name = text.choose(known.cohorts.files, cohort, said)
    quoted = pc.replace_substring(name, " ", "%20")  # no name has another letter that an address would quote
    shard = text.numbers(images.row // _A_SHARD)
    return name, text.render(_ARCHIVE, {"shard": shard, "name": quoted}, len(cohort))


def _words_or(known: Distribution, codes: Ints, otherwise: str) -> pa.Array:
    return pc.fill_null(known.words.take(pa.array(codes, mask=codes < 0)), otherwise)


def _first_boxes(block: Block) -> pa.Array:
    """The first box of each image as x_y_w_h in pixels, the whole image as 0_0_0_0."""
    regions, sides = block.regions, np.zeros((len(block.images.row), 4), np.int64)
    first = regions.ordinal == 0
    x0, y0, x1, y1 = (edge[first].astype(np.int64) for edge in regions.box)
    sides[regions.image[first]] = np.stack([x0, y0, x1 - x0, y1 - y0], axis=1)
    return pc.binary_join_element_wise(*(text.numbers(side) for side in sides.T), "_")


def _regions(block: Block, known: Distribution, ids: pa.Array) -> Columns:
    regions, cases = block.regions, block.cases
    case = block.images.case[regions.image]
    size, count = cases.size[case], len(case)
    derived = boxes.properties(regions.box, width=size[:, 0], height=size[:, 1])
    return {
        "roi_id": text.hexadecimal(regions.keys),
        "image_id": ids.take(pa.array(regions.image)),
        "label": coded(known.words, regions.label),
        "kind": coded(pa.array(KINDS), known.kinds[regions.label]),
        **{name: pa.array(edge) for name, edge in zip(("x0", "y0", "x1", "y1"), regions.box, strict=True)},
        **{name: pa.array(derived[name]) for name in ("area_ratio", "box_ratio", "aspect")},
        "zone_h": coded(pa.array(ZONES_H), derived["zone_h"]),
        "zone_v": coded(pa.array(ZONES_V), derived["zone_v"]),
        "origin": coded(known.words, known.cohorts.origin[cases.cohort[case]]),
        "score": pa.array(regions.score, mask=np.isnan(regions.score)),
        "generator": constant("ingest:synthetic", count),
        "status": constant("fresh", count),
    }
