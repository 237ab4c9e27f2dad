"""Turns what a reader yields into rows of the lake: canonical terms, properties of regions, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog import records, sqlfiles, vocabulary
from catalog.ingest import derived
from catalog.ingest.contract import Batch, Options
from catalog.ingest.joined import joined
from catalog.ingest.said import filled
from catalog.ingest.terms import anatomy_columns
from catalog.lake import staging, trouble
from catalog.lake.blobs import ROWS_A_WRITE
from catalog.lake.staging import StagedBatch

Unknown = dict[str, Counter[str]]
_COMBINED = ("modality", "region", "organ", "organs", "disease", "diseases", "source")
"""What row keys and profiles are made of."""


@dataclass(slots=True)
class Finished:
    """A staged batch, and the words in it that the vocabulary does not know, by column."""

    batch: StagedBatch
    unknown: Unknown = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def stage(batch: Batch, *, run_folder: Path, batch_id: str, name: str, kind: str, options: Options) -> Finished:
    """Write a batch into the staging folder of its run."""
    unknown: Unknown = {}
    finished = {
        table: _set(_finish(table, given, kind, options, unknown), "batch_id", batch_id)
        for table, given in batch.tables.items()
        if given.num_rows
    }
    with trouble.explained(run_folder.parent.parent), staging.new_batch(run_folder, batch_id, name) as (folder, rows):
        for table, complete in joined(finished).items():
            staging.write(folder, table, complete)
            rows[table] = complete.num_rows
        if batch.blobs is not None and batch.blobs.num_rows:
            staging.write(folder, staging.BLOBS, batch.blobs, group=ROWS_A_WRITE)
    return Finished(staging.read_batch(run_folder / batch_id), unknown, batch.notes)


def _finish(table: str, given: pa.Table, kind: str, options: Options, unknown: Unknown) -> pa.Table:
    if table == "images":
        return _finish_images(filled(records.conform(given, "images"), options.said), options, unknown)
    if table == "failures":
        return _set(records.conform(given, table), "source", options.source)
    content = (
        given.column("content_hash") if "content_hash" in given.column_names else pa.nulls(len(given), pa.string())
    )
    finished = derived.regions(given) if table == "rois" else records.conform(given, table)
    if table in derived.ID_OF:
        finished = _set(_set(finished, "generator", f"ingest:{kind}"), "status", "fresh")
        finished = derived.with_ids(finished, table)
    if table == "descriptions":
        roi_ids = finished.column("roi_ids").combine_chunks()
        finished = finished.set_column(finished.column_names.index("roi_ids"), "roi_ids", _empty_for_null(roi_ids))
    return finished.append_column("content_hash", content)


def _finish_images(images: pa.Table, options: Options, unknown: Unknown) -> pa.Table:
    columns: dict[str, Any] = {}
    source = _filled(images.column("source"), options.source)
    sources = vocabulary.load("source")
    columns["source"], _ = vocabulary.canonical_column(source, sources)
    columns["source_raw"] = pc.coalesce(images.column("source_raw"), source)
    modality = pc.coalesce(images.column("modality"), _modality_of(columns["source"], sources))
    columns["modality"], unknown["modality"] = vocabulary.canonical_column(modality, vocabulary.load("modality"))
    columns["organs"], columns["region"], unknown["organ"] = anatomy_columns(
        images.column("organs"), images.column("region")
    )
    diseases, unknown["disease"] = vocabulary.canonical_lists(images.column("diseases"), vocabulary.load("disease"))
    columns["diseases"] = _empty_for_null(diseases)
    columns["license"], columns["redistributable"] = _licences(_filled(images.column("license"), options.license))
    columns["organ"], columns["disease"] = _firsts(columns["organs"]), _firsts(columns["diseases"])
    for name, values in columns.items():
        images = images.set_column(images.column_names.index(name), name, values)
    return _with_keys(images.append_column("place", pa.array(np.arange(images.num_rows, dtype=np.int64))))


def _with_keys(images: pa.Table) -> pa.Table:
    """Row keys and profiles; they hang on few combinations of terms, so they are made once for each of those."""
    combination = _combinations(images).combine_chunks().dictionary_encode()
    numbers = np.asarray(combination.indices)
    first = np.empty(len(combination.dictionary), dtype=np.int64)
    first[numbers[::-1]] = np.arange(numbers.size - 1, -1, -1)
    with duckdb.connect() as connection:
        connection.register("combinations", images.select(_COMBINED).take(pa.array(first)))
        for macro in ("image_cluster", "image_profile"):
            connection.execute(sqlfiles.statement(f"macros/{macro}"))
        keys = connection.execute(sqlfiles.statement("stage/image_keys")).to_arrow_table().take(combination.indices)
    keyed = {"image_key": pc.add(keys.column("first_key"), images.column("place")), "profile": keys.column("profile")}
    for name, values in keyed.items():
        images = images.set_column(images.column_names.index(name), name, values)
    return images


def _combinations(images: pa.Table) -> pa.ChunkedArray:
    """A text for each image that differs where one of its terms does."""
    terms = [images.column(name) for name in _COMBINED]
    texts = [pc.binary_join(term, "\x1e") if pa.types.is_list(term.type) else term for term in terms]
    return pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="\0")


def _firsts(lists: pa.ListArray) -> pa.Array:
    """The first word of each list, null where a list is empty."""
    first = np.asarray(lists.offsets)[:-1]
    return lists.values.take(pa.array(first, mask=np.asarray(pc.list_value_length(lists).fill_null(0)) == 0))


def _empty_for_null(lists: pa.ListArray) -> pa.ListArray:
    return pa.ListArray.from_arrays(lists.offsets, lists.values)


def _licences(said: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """SPDX ids (as given where unknown) and whether they allow redistribution."""
    encoded = said.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    known = [vocabulary.license_of(word) for word in words]
    names = pa.array([licence.spdx or word for licence, word in zip(known, words, strict=True)], pa.string())
    allowed = pa.array([licence.redistributable for licence in known], pa.bool_())
    return names.take(encoded.indices), allowed.take(encoded.indices)


def _modality_of(sources: pa.Array, known: vocabulary.Vocabulary) -> pa.Array:
    """The modality of sources that have only one, by the vocabulary."""
    encoded = sources.dictionary_encode()
    terms = [known.find(name) if name else None for name in encoded.dictionary.to_pylist()]
    modalities = pa.array([term.modality if term else None for term in terms], pa.string())
    return modalities.take(encoded.indices)


def _filled(column: pa.ChunkedArray, value: str | None) -> pa.ChunkedArray:
    return column if value is None else pc.fill_null(column, value)


def _set(table: pa.Table, name: str, value: str | None) -> pa.Table:
    values = pa.repeat(pa.scalar(value, pa.string()), table.num_rows)
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)


def total_unknown(parts: Mapping[str, Counter[str]], into: Unknown) -> None:
    """Add the unknown words of one batch to those of the run."""
    for column, words in parts.items():
        into.setdefault(column, Counter()).update(words)
