"""Counts of images by the values of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.errors import UsageError, did_you_mean
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.slices import areas
from catalog.slices.query import Query

if TYPE_CHECKING:
    import pyarrow as pa

_LISTS = ("organs", "diseases")
_OF_PROFILES = (
    "source",
    "subset",
    "modality",
    "region",
    "organ",
    "disease",
    "view",
    "laterality",
    "license",
    "redistributable",
)
_SCALARS = (
    *_OF_PROFILES,
    "source_raw",
    "channels",
    "bit_depth",
    "width",
    "height",
    "axis",
    "roi_count",
    "box_burned_in",
    "patient_key",
    "study_key",
    "series_key",
    "run_id",
)
_OF_ROIS = {
    "roi_label": "label",
    "roi_kind": "kind",
    "roi_origin": "origin",
    "roi_zone": "zone(zone_h, zone_v)",
    "zone_h": "zone_h",
    "zone_v": "zone_v",
}
AREA = "roi_area"
COLUMNS: tuple[str, ...] = (*_SCALARS, *_LISTS, *_OF_ROIS, AREA)


def facets(sight: Sight, query: Query, columns: Sequence[str]) -> dict[str, pa.Table]:
    """For each column the images of the slice by value, most first: columns value and count.

    An image counts once for each of its organs or diseases, and once for each value among its regions (those that
    satisfy the slice's ROI flags), so such counts may add up to more than the slice.

    The values of roi_area are ranges of the share of the image, LO:HI as ``--roi-area`` takes them: all ``areas.BINS``
    in the order of size, those without an image too. Both ends belong to a bin, so a region of exactly 0.1 counts in
    0.05:0.1 and in 0.1:0.25; a count is what a slice without that flag holds once it is added.

    Raises:
        UsageError: A column cannot be counted by.
    """
    require_known(columns)
    counted = [column for column in columns if query.profiles is not None and column in (*_OF_PROFILES, *_LISTS)]
    found = _of_profiles(query, counted) if counted else {}
    for column in (column for column in columns if column not in found):
        sql = _sql(query, column)
        found[column] = guard.run(sight.connection, sql, query.bound(sql)).to_arrow_table()
    return {column: found[column] for column in columns}


def require_known(columns: Sequence[str]) -> None:
    """Refuse what cannot be counted by.

    Raises:
        UsageError: A column cannot be counted by.
    """
    for column in columns:
        if column not in COLUMNS:
            known = did_you_mean(column, COLUMNS) or "; known are " + ", ".join(COLUMNS)
            raise UsageError(f"no facet '{column}'{known}")


def _of_profiles(query: Query, columns: Sequence[str]) -> dict[str, pa.Table]:
    """All facets that the profiles answer, of which the slice is chosen once."""
    source = ""
    if len(columns) > 1 and query.profiles != "true":
        chosen = ", ".join(dict.fromkeys(columns))
        query.of_profiles(f"CREATE OR REPLACE TEMP TABLE slice_profiles AS SELECT {chosen}, images FROM {{profiles}}")
        source = "temp.main.slice_profiles"
    found = {}
    for column in dict.fromkeys(columns):
        values = f"unnest(list_distinct({column}))" if column in _LISTS else column
        counted = f"SELECT {values} AS value, images FROM {{profiles}}"
        sql = f"SELECT value, sum(images)::BIGINT AS count FROM ({counted}) {_REST}"
        found[column] = query.of_profiles(sql, source).to_arrow_table()
    return found


_REST = "GROUP BY value ORDER BY count DESC, value"


def _sql(query: Query, column: str) -> str:
    if column == AREA:
        return _of_areas(query)
    if column in _OF_ROIS:
        return _of_regions(query, column)
    if column in _LISTS:
        pairs = query.select(f"image_key, unnest(list_distinct({column})) AS value")
        return f"SELECT value, count(*) AS count FROM ({pairs}) {_REST}"
    return query.select(f"{column} AS value, count(*) AS count", rest=_REST)


def _of_regions(query: Query, column: str) -> str:
    return (
        f"SELECT {_OF_ROIS[column]} AS value, count(DISTINCT image_key) AS count "
        f"FROM rois WHERE {_regions(query)} {_REST}"
    )


def _of_areas(query: Query) -> str:
    regions = f"(SELECT image_key, area_ratio FROM rois WHERE {_regions(query)}) AS regions"
    return (
        f"SELECT value, count(DISTINCT image_key) AS count "
        f"FROM {areas.as_sql()} LEFT JOIN {regions} ON area_ratio BETWEEN low AND high "
        f"GROUP BY place, value ORDER BY place"
    )


def _regions(query: Query) -> str:
    """A predicate over ``rois`` for the regions of the slice that satisfy its ROI flags."""
    inside = f" AND image_key IN ({query.select('image_key')})" if query.narrow and query.regions is None else ""
    return f"{query.regions or query.rois}{inside}"
