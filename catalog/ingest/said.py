"""Fills what the user said of a whole input into the images that say nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from catalog.errors import UsageError, did_you_mean
from catalog.ingest.contract import SAYABLE

_LISTS = {"organ": "organs", "disease": "diseases"}


def check(said: Mapping[str, str]) -> None:
    """Whether every field may be said of a whole input.

    Raises:
        UsageError: One may not.
    """
    for name, value in said.items():
        if name not in SAYABLE:
            raise UsageError(
                f"no field '{name}' to set{did_you_mean(name, SAYABLE) or '; known are ' + ', '.join(SAYABLE)}"
            )
        if not value.strip():
            raise UsageError(f"--set {name}= says nothing; write {name}=VALUE")


def filled(images: pa.Table, said: Mapping[str, str]) -> pa.Table:
    """``images`` with what was said where a column is null or a list is empty; several words stand apart by ``;``."""
    for name, value in said.items():
        column = _LISTS.get(name, name)
        given = images.column(column).combine_chunks()
        values = _filled_list(given, value) if name in _LISTS else pc.fill_null(given, value)
        images = images.set_column(images.column_names.index(column), column, values)
    return images


def _filled_list(lists: pa.ListArray, value: str) -> pa.Array:
    words = pa.scalar([word.strip() for word in value.split(";") if word.strip()], lists.type)
    empty = pc.equal(pc.fill_null(pc.list_value_length(lists), 0), 0)
    return pc.if_else(empty, words, lists)
