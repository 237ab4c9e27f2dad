"""Facets as tables, of what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.marks import roi_codes
from catalog.marks.arrays import Numbers
from catalog.marks.counting import Counts
from catalog.marks.sums import Sums
from catalog.slices import facets

if TYPE_CHECKING:
    import pyarrow as pa


def by_profile(values: pa.ChunkedArray, images: Numbers) -> pa.Table:
    """The images by the values that their profiles have: a value or a list of values for each profile."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(values.type):
        images = images[pc.list_parent_indices(values).to_numpy()]
        values = pc.list_flatten(values)
    table = pa.table({"value": values, "images": images}).filter(pa.array(images > 0))
    summed = table.group_by("value").aggregate([("images", "sum")])
    return _sorted(summed.column("value"), summed.column("images_sum"))


def by_code(counts: Counts | Sums, column: str, *, free: str) -> pa.Table:
    """The images by the values of a column of regions, of the slice without the flag ``free``."""
    import pyarrow as pa

    found = {value: counts.bit(free, *place) for value, place in roi_codes.VALUES[column].items()}
    if column != facets.AREA:
        found = {value: count for value, count in found.items() if count}
    values, images = pa.array(list(found), pa.string()), pa.array(list(found.values()), pa.int64())
    return pa.table({"value": values, "count": images}) if column == facets.AREA else _sorted(values, images)


def _sorted(values: pa.Array, images: pa.Array) -> pa.Table:
    import pyarrow as pa

    return pa.table({"value": values, "count": images}).sort_by([("count", "descending"), ("value", "ascending")])
