"""Images on their way to a generator: read from the lake in chunks, prepared in workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import InputError, TriptychError
from catalog.pixels.view import view
from generators.contract import Generator

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from catalog.pixels.source import PixelSource

CARRIED = ("image_key", "image_id", "profile", "modality", "source", "organ", "disease")
"""Columns that rows of other tables repeat of their image."""
SEEN = ("image_id", "width", "height", "file_name")
"""Columns that every item has."""
OF_PIXELS = ("uri", "frame", "axis")
"""Columns that lead to the pixels."""

_LONGEST = 1_000
"""Characters of a reason that are kept."""

Row = dict[str, Any]


@dataclass(slots=True)
class Failed:
    """Why nothing could be made of an image."""

    kind: str
    """One word."""
    message: str

    def __post_init__(self) -> None:
        """Whatever code raised becomes a text that can be stored and read."""
        whole = self.message.encode("utf-8", "backslashreplace").decode("utf-8")
        self.message = whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]} ..."


@dataclass(slots=True)
class Prepared:
    """What a worker made of one image."""

    value: Any
    size: tuple[int, int] | None
    """Height and width of the pixels, if they were read."""


@dataclass(slots=True)
class Seen:
    """One image as a generator's ``prepare`` sees it."""

    row: Row
    spoken: Sequence[Row]
    source: PixelSource | None = None
    size: tuple[int, int] | None = None

    def pixels(self) -> NDArray[np.uint8]:
        """See ``contract.Item``."""
        assert self.source is not None, "whoever prepares gives a source of pixels"  # noqa: S101
        found = view(self.source, self.row)
        self.size = (found.shape[0], found.shape[1])
        known = (self.row.get("height"), self.row.get("width"))
        if None not in known and known != self.size:
            was, now = (f"{width}x{height}" for height, width in (known, self.size))
            raise InputError(
                f"'{self.row['uri']}' has changed since it was taken in: it is {now}, not {was}; put the old "
                "file back, or ingest the new one as an image of its own",
                kind="changed",
            )
        return found


@dataclass(slots=True)
class Chunk:
    """Images that were read together."""

    images: pa.Table
    """The columns of CARRIED and input_hash."""
    rows: list[Row]
    """For each image what ``prepare`` sees of it."""
    spoken: list[list[Row]] = field(default_factory=list)
    """For each image the rows that speak of it; nothing where the generator reads none."""

    def part(self, start: int, stop: int) -> Chunk:
        """Some of its images, as a chunk of their own."""
        return Chunk(self.images.slice(start, stop - start), self.rows[start:stop], self.spoken[start:stop])

    def spoken_of(self, place: int) -> Sequence[Row]:
        """The rows that speak of one image."""
        return self.spoken[place] if self.spoken else ()


@dataclass(slots=True)
class Entry:
    """One image of a chunk and what became of it so far."""

    chunk: Chunk
    place: int
    outcome: Any = None
    """Prepared, then a list of results; or Failed."""
    size: tuple[int, int] | None = None

    @property
    def row(self) -> Row:
        """The columns that ``prepare`` sees."""
        return self.chunk.rows[self.place]


def prepare(generator: Generator, seen: Seen) -> Prepared | Failed:
    """What a generator makes of one image, or why it cannot."""
    try:
        value = generator.prepare(seen)
    except InputError as error:
        return Failed(error.kind, str(error))
    except TriptychError:
        raise
    except MemoryError:
        return Failed("memory", "the image does not fit into memory; leave it out, or give the machine more")
    except (Exception, SystemExit) as error:  # whatever its code raises, one image must not end the run
        return Failed(type(error).__name__, f"{generator.name} cannot prepare it: {error}")
    return Prepared(value, seen.size)


def grouped(keys: NDArray[np.int64], spoken: pa.Table) -> list[list[Row]]:
    """Rows that speak of images as a list for each of ``keys``; both are in the order of row keys."""
    of_image = spoken.column("image_key").to_numpy()
    rows = spoken.drop_columns(["image_key"]).to_pylist()
    ends = [*np.searchsorted(of_image, keys).tolist(), len(rows)]
    last = np.searchsorted(of_image, keys, side="right").tolist()
    return [rows[start:end] for (start, _), end in zip(pairwise(ends), last, strict=True)]
