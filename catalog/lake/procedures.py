"""What a commit does, in order: the SQL files that look at staged rows, and those that write.

Rows that a reader took in may repeat what the lake holds, or contradict it, image by image. Rows that a generator made
speak of images that the lake holds, and replace what the same generator said of them before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Procedure:
    """One kind of commit."""

    tables: tuple[str, ...]
    """Tables that batches are staged for."""
    prepare: tuple[str, ...]
    """Statements that look at staged rows, before the transaction."""
    write: tuple[str, ...]
    counted: Mapping[str, str]
    """Writing statement to what its number of rows counts."""
    only_with: Mapping[str, str]
    """Writing statement to the temporary table without whose rows it changes nothing."""


INGEST = Procedure(
    tables=("images", "rois", "descriptions", "findings", "failures"),
    prepare=(
        "commit/known_keys",
        "commit/known_images",
        "commit/repeated_images",
        "commit/repeated_rois",
        "commit/repeated_descriptions",
        "commit/special_images",
        "commit/refused_images",
        "commit/recounted_images",
        "commit/new_images",
        "commit/special_parents",
        "commit/new_rois",
        "commit/new_descriptions",
        "commit/new_findings",
        "commit/new_failures",
        "commit/old_attempts",
        "commit/licensed",
    ),
    write=(
        "commit/insert_run",
        "commit/insert_sources",
        "commit/license_sources",
        "commit/license_images",
        "commit/license_profiles",
        "commit/insert_images",
        "commit/insert_image_ids",
        "commit/insert_profiles",
        "commit/fill_pixels",
        "commit/insert_roi_index",
        "commit/insert_rois",
        "commit/recount_rois",
        "commit/insert_descriptions",
        "commit/insert_findings",
        "commit/forget_failures",
        "commit/forget_batches",
        "commit/insert_batches",
        "commit/insert_failures",
    ),
    counted={
        "commit/insert_images": "images",
        "commit/fill_pixels": "filled",
        "commit/license_images": "relicensed",
        "commit/insert_rois": "rois",
        "commit/insert_descriptions": "descriptions",
        "commit/insert_findings": "findings",
        "commit/insert_failures": "failures",
    },
    only_with={
        "commit/license_sources": "licensed",
        "commit/license_images": "licensed",
        "commit/license_profiles": "licensed",
        "commit/recount_rois": "recounted_images",
        "commit/fill_pixels": "known_images",
        "commit/forget_failures": "old_attempts",
    },
)
GENERATE = Procedure(
    tables=("outcomes", "rois", "descriptions", "vectors"),
    prepare=(
        "generated/known_outcomes",
        "generated/new_outcomes",
        "generated/superseded",
        "generated/lost_regions",
        "generated/new_regions",
        "generated/new_rois",
        "generated/touched_images",
        "generated/new_texts",
        "generated/new_vectors",
        "generated/new_failures",
        "generated/old_attempts",
    ),
    write=(
        "commit/insert_run",
        "generated/drop_regions",
        "generated/drop_texts",
        "generated/insert_regions",
        "generated/drop_index",
        "commit/insert_roi_index",
        "generated/recount_regions",
        "generated/insert_texts",
        "generated/drop_outcomes",
        "generated/insert_outcomes",
        "generated/drop_empty_sets",
        "commit/forget_failures",
        "commit/forget_batches",
        "commit/insert_batches",
        "commit/insert_failures",
    ),
    counted={
        "generated/insert_outcomes": "outcomes",
        "generated/insert_regions": "rois",
        "generated/insert_texts": "descriptions",
        "commit/insert_failures": "failures",
    },
    only_with={
        "generated/drop_regions": "lost_regions",
        "generated/drop_index": "lost_regions",
        "generated/drop_texts": "superseded",
        "generated/insert_regions": "staged_rois",
        "commit/insert_roi_index": "touched_images",
        "generated/recount_regions": "touched_images",
        "generated/insert_texts": "staged_descriptions",
        "generated/drop_outcomes": "known_outcomes",
        "generated/drop_empty_sets": "superseded",
        "commit/forget_failures": "old_attempts",
    },
)
