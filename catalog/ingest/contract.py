"""What a reader is: a listing of units, and a way to read one unit into Arrow tables.

A reader never touches the lake. ``units`` is cheap and streams, in an order that is the same every time; ``read`` may
run in another process, so readers and units pickle. Bad data never raises out of ``read``: it becomes a ``Failure`` in
the batch and the rest goes on. Terms (modality, organ, disease) are yielded as given; the vocabulary is applied when
the batch is finished. Annotations of images that other files hold (SEG, RTSTRUCT) come in units with ``after_images``:
when such a unit is read, every image before it is in the lake, and ``lookup`` finds it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from catalog.lake.keys import KeyedHash

if TYPE_CHECKING:
    import pyarrow as pa

SAYABLE = ("modality", "region", "organ", "disease", "view", "subset")
"""Fields that ``--set`` may say of a whole input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to take an input in."""

    keys: KeyedHash
    """Hashes identifiers with the lake's secret."""
    source: str | None = None
    """Collection the images belong to; a reader names its own when this is None."""
    license: str | None = None
    """SPDX licence of the source."""
    copy: bool = False
    """Take the bytes into the lake; otherwise pixels stay where they are."""
    labels: Path | None = None
    """Label map of a NIfTI volume."""
    axis: int = 2
    """Axis of a volume that its slices are perpendicular to."""
    said: Mapping[str, str] = field(default_factory=dict)
    """What is known of images whose input does not say it: field of ``SAYABLE`` -> value, from ``--set``."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Input column -> our field, from ``--map``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A piece of input that is read and committed as a whole."""

    key: str
    """Digest of what it reads (names, sizes, modification times): a unit with this key is never taken in twice."""
    name: str
    """What it reads, for people."""
    payload: Any = None
    """Whatever ``read`` needs; pickles."""
    items: int = 1
    """Files or rows in it, for progress."""
    after_images: bool = False
    """Read only when every image of the units before it is in the lake."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one unit holds."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    """Arrow tables by name (images, rois, descriptions, findings, failures), as ``records.tables`` makes them.

    Regions, descriptions and findings may carry the content_hash of the image row they came with: they are refused with
    it when its id turns out to be taken by another content.
    """
    blobs: pa.Table | None = None
    """With ``copy``: columns sha256 (string), name (string), data (large_binary)."""
    notes: list[str] = field(default_factory=list)
    """What a person should hear of once, and is no failure."""


class Lookup(Protocol):
    """Finds images that are in the lake already."""

    def images(self, ids: Sequence[str]) -> pa.Table:
        """Rows of ``images`` with these ids, in any order; absent ones are left out."""

    def in_frame_of_reference(self, key: str) -> pa.Table:
        """Rows of ``images`` with this frame_of_reference_key."""


class Reader(Protocol):
    """Reads one kind of input."""

    kind: ClassVar[str]
    parallel: ClassVar[bool]
    """Whether units are better read in several processes; a reader whose library uses every core itself says no."""

    def units(self) -> Iterator[Unit]:
        """The pieces of the input, in a stable order, without reading more than their listing needs."""

    def read(self, unit: Unit, lookup: Lookup) -> Batch:
        """Read one unit. Bad data becomes failures of the batch."""
