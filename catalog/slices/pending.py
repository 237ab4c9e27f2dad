"""What a generator has to do in a slice: which images lack its rows, have stale ones, or failed.

An image is *blocked* when it lacks what rows are made from, *missing* when the generator has not tried it, *stale* when
the fingerprint or the inputs have changed since, *failed* when the last try with both as they are now failed, and
*fresh* otherwise, whether anything was found or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog import sqlfiles
from catalog.lake import guard
from catalog.lake.cube import Sight
from catalog.slices.keys import Keys, all_keys, among, bound
from catalog.slices.query import Query
from catalog.slices.selection import Selection
from catalog.slices.states import NAMES, States, not_fresh
from catalog.sqlfiles import SqlFile

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PLAIN = ("metadata", "file_name", "pixels")
"""What a row of ``images`` tells by itself."""
SPOKEN = {"boxes": True, "masks": False, "regions": True, "texts": False}
"""What other rows tell of an image, and whether its pixels are read with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose work is looked for."""

    generator: str
    fingerprint: str
    reads: str
    """One of PLAIN or SPOKEN."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The images of a slice by what is to be done for them."""

    images: int
    snapshot: int
    keys: Keys
    """Row keys of those that are not fresh, in order."""
    state: States
    """For each a place in ``states.NAMES``."""
    lacking: dict[str, int] = field(default_factory=dict)
    """What blocked images lack, and how many lack it."""

    def count(self, state: str) -> int:
        """Images in a state."""
        if state == "fresh":
            return self.images - self.keys.size
        return int(np.count_nonzero(self.state == NAMES.index(state)))

    def todo(self, *, retry_failed: bool = False) -> Keys:
        """Row keys of what can be done: missing and stale, and failed ones if asked for."""
        states = [1, 2, 3] if retry_failed else [1, 2]
        return self.keys[np.isin(self.state, states)]


def pending(selection: Selection, asked: Asked) -> Pending:
    """What a generator has to do in a slice."""
    return selection.ask(lambda sight, query: _pending(sight, query, asked))


def still(sight: Sight, asked: Asked, keys: Keys) -> Keys:
    """Those of some images that are still not fresh; others may have worked on them."""
    found, _ = _not_fresh(sight.connection, asked, keys)
    return found


def inputs(connection: duckdb.DuckDBPyConnection, asked: Asked, keys: Keys, columns: str) -> pa.Table:
    """Columns of images with the digest of their inputs, in the order of row keys.

    Args:
        connection: A reader.
        asked: Whose inputs.
        keys: Row keys, in order.
        columns: A list of columns of ``images``, as SQL.
    """
    query, values = _inputs(asked)
    sql = f"{query} SELECT {columns}, input_hash FROM inputs WHERE {among(keys)} ORDER BY image_key"
    return guard.run(connection, sql, {**values, **bound(keys)}).to_arrow_table()


def spoken(connection: duckdb.DuckDBPyConnection, asked: Asked, keys: Keys) -> pa.Table | None:
    """The rows that speak of some images and that the generator reads, by row key; None if it reads none."""
    if asked.reads in PLAIN:
        return None
    file = sqlfiles.read(f"inputs/{asked.reads}")
    sql = f"SELECT * FROM ({file.statement}) AS spoken WHERE {among(keys)} ORDER BY image_key, row_id"
    return guard.run(connection, sql, {**_named(file, asked), **bound(keys)}).to_arrow_table()


def _pending(sight: Sight, query: Query, asked: Asked) -> Pending:
    chosen = all_keys(sight.connection, query) if query.narrow else None
    images = int(chosen.size) if chosen is not None else _all(query)
    keys, state = _not_fresh(sight.connection, asked, chosen)
    lacking = _lacking(sight.connection, asked, keys[state == 0])
    return Pending(images, sight.snapshot, keys, state, lacking)


def _all(query: Query) -> int:
    return int(query.of_profiles("SELECT coalesce(sum(images), 0) FROM {profiles}").fetchall()[0][0])


def _not_fresh(connection: duckdb.DuckDBPyConnection, asked: Asked, keys: Keys | None) -> tuple[Keys, States]:
    """Row keys in order, and what is to be done for each; of some images or, with None, of all."""
    query, values = _inputs(asked)
    named = {"generator": asked.generator, "fingerprint": asked.fingerprint, **values, **bound(keys)}
    among_them = "true" if keys is None else among(keys)
    inputs = "SELECT image_key, coalesce(input_hash, 0) AS input_hash, lacks IS NOT NULL AS blocked FROM inputs"
    tried = f"SELECT * FROM ({sqlfiles.statement('generate/tried')}) AS tried WHERE {among_them}"
    return not_fresh(connection, f"{query} {inputs} WHERE {among_them}", tried, named)


def _lacking(connection: duckdb.DuckDBPyConnection, asked: Asked, keys: Keys) -> dict[str, int]:
    """What blocked images lack, and how many lack it."""
    if keys.size == 0:
        return {}
    query, values = _inputs(asked)
    sql = f"{query} SELECT lacks, count(*) FROM inputs WHERE {among(keys)} GROUP BY lacks ORDER BY count(*) DESC"
    return dict(guard.run(connection, sql, {**values, **bound(keys)}).fetchall())


def _inputs(asked: Asked) -> tuple[str, dict[str, Any]]:
    """A WITH clause that names ``inputs``, and the values bound in it."""
    if asked.reads in PLAIN:
        return f"WITH inputs AS ({sqlfiles.statement(f'inputs/{asked.reads}')})", {}
    file = sqlfiles.read(f"inputs/{asked.reads}")
    values = {**_named(file, asked), "lacking": asked.reads, "pixels": SPOKEN[asked.reads]}
    return f"WITH spoken AS ({file.statement}), inputs AS ({sqlfiles.statement('inputs/spoken')})", values


def _named(file: SqlFile, asked: Asked) -> dict[str, Any]:
    return {param.name: asked.generator for param in file.params}
