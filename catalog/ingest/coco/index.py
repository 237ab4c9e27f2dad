"""Where in a COCO file each image and its annotations lie."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from catalog.errors import InputError
from catalog.ingest.bulk import damage
from catalog.ingest.bulk.scratch import Scratch
from catalog.ingest.coco import elements
from catalog.ingest.coco.text import clean, key_of
from catalog.records import Failure

_MOST_TOLD = 1_000
"""Elements of one kind of trouble that are told one by one."""
Places = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Index:
    """A COCO file that has been walked."""

    path: Path
    folder: Path
    """Where the places lie, as NumPy arrays."""
    images: int
    labels: Mapping[str, str]
    """Category id -> name."""
    licenses: Mapping[str, str]
    """Licence id -> name, or address where it has no name."""
    failures: tuple[Failure, ...]

    def image_places(self) -> Places:
        """Offset and size of each image: shape (images, 2)."""
        return _load(self.folder / "images.npy")

    def annotation_places(self) -> Places:
        """Offset and size of each annotation, in the order of the images: shape (annotations, 2)."""
        return _load(self.folder / "annotations.npy")

    def starts(self) -> Places:
        """The first annotation of each image, and one past the last annotation: shape (images + 1,)."""
        return _load(self.folder / "starts.npy")


@dataclass(slots=True)
class _Found:
    """What the walk keeps of the images or of the annotations."""

    offsets: array[int] = field(default_factory=lambda: array("Q"))
    sizes: array[int] = field(default_factory=lambda: array("Q"))
    keys: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, element: elements.Element, key: int) -> None:
        self.offsets.append(element.offset)
        self.sizes.append(element.size)
        self.keys.append(key)

    def places(self) -> Places:
        columns = [np.frombuffer(column, dtype=np.uint64) for column in (self.offsets, self.sizes)]
        return np.stack(columns, axis=1)


def build(path: Path, scratch: Scratch, *, name: str) -> Index:
    """Walk a file once; ``name`` is the folder its index gets in the scratch folder.

    Raises:
        InputError: It is damaged, or it lists no images.
    """
    damage.check(path)
    try:
        return _Builder(path).index(scratch.file(name))
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; mend the path or its rights") from error


class _Builder:
    """The walk through one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._images, self._annotations = _Found(), _Found()
        self._labels: dict[str, str] = {}
        self._licenses: dict[str, str] = {}
        self._failures: list[Failure] = []
        self._untold: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def index(self, folder: Path) -> Index:
        for element in elements.walk(self._path):
            self._take(element)
        if not self._images.keys:
            raise InputError(
                f"'{self._path}' lists no images; a COCO file has 'images' and 'annotations' side by side", kind="empty"
            )
        folder.mkdir()
        kept, keys = self._unique()
        self._save(folder, kept, keys)
        for error, count in self._untold.items():
            self._failures.append(self._failure(error, f"{count} more elements", "wrong in the same way"))
        return Index(self._path, folder, len(kept), self._labels, self._licenses, tuple(self._failures))

    def _take(self, element: elements.Element) -> None:
        if element.section == "images":
            self._keep(self._images, element, "id", "image")
        elif element.section == "annotations":
            self._keep(self._annotations, element, "image_id", "annotation")
        elif element.section == "categories":
            self._category(element)
        elif element.section == "licenses":
            self._license(element)

    def _keep(self, found: _Found, element: elements.Element, name: str, what: str) -> None:
        key = key_of(element.value.get(name)) if isinstance(element.value, dict) else None
        if key is None:
            self._tell("id", f"{what} at byte {element.offset}", f"it has no '{name}' that is a number or text")
        else:
            found.add(element, _hashed(key))

    def _category(self, element: elements.Element) -> None:
        said = self._reread(element)
        key, name = key_of(said.get("id")), said.get("name")
        if key is None or not isinstance(name, str):
            self._tell("category", f"category at byte {element.offset}", "it has no 'id' or no 'name' that is text")
        elif self._labels.setdefault(key, clean(name)) != clean(name):
            reason = f"its id is taken by '{self._labels[key]}', which stays; give '{clean(name)}' an id of its own"
            self._tell("category", f"category {clean(key)}", reason)

    def _license(self, element: elements.Element) -> None:
        said = self._reread(element)
        key, name = key_of(said.get("id")), said.get("name") or said.get("url")
        if key is not None and isinstance(name, str):
            self._licenses.setdefault(key, clean(name))

    def _reread(self, element: elements.Element) -> dict[str, Any]:
        if not isinstance(element.value, dict):
            return {}
        with self._path.open("rb") as stream:
            return _element(stream, element.offset, element.size)

    def _unique(self) -> tuple[NDArray[np.int64], Places]:
        """Places of the images to keep, in the order of the file, and their keys; the first of an id stays."""
        keys = np.frombuffer(self._images.keys, dtype=np.uint64)
        _, first, owner = np.unique(keys, return_index=True, return_inverse=True)
        repeated = np.setdiff1d(np.arange(len(keys)), first)
        self._tell_repeated(repeated, first[owner[repeated]])
        kept = np.sort(first)
        return kept, keys[kept]

    def _tell_repeated(self, repeated: NDArray[np.int64], kept: NDArray[np.int64]) -> None:
        with self._path.open("rb") as stream:
            for again, earlier in zip(repeated.tolist(), kept.tolist(), strict=True):
                one, other = self._image(stream, again), self._image(stream, earlier)
                if any(one.get(name) != other.get(name) for name in ("file_name", "width", "height")):
                    reason = (
                        f"its id is taken by '{clean(str(other.get('file_name')))}', which keeps the annotations; "
                        f"give '{clean(str(one.get('file_name')))}' an id of its own"
                    )
                    self._tell("duplicate", f"image {clean(str(one.get('id')))}", reason)

    def _image(self, stream: BinaryIO, place: int) -> dict[str, Any]:
        return _element(stream, self._images.offsets[place], self._images.sizes[place])

    def _save(self, folder: Path, kept: NDArray[np.int64], keys: Places) -> None:
        """Write the places of the images, and those of their annotations in the order of the images."""
        wanted = np.frombuffer(self._annotations.keys, dtype=np.uint64)
        order = np.argsort(keys)
        nearest = np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)
        owner = order[nearest]
        known = keys[owner] == wanted
        places = self._annotations.places()
        self._tell_unknown(places[~known])
        places, owner = places[known], owner[known]
        np.save(folder / "images.npy", self._images.places()[kept])
        np.save(folder / "annotations.npy", places[np.argsort(owner, kind="stable")])
        np.save(folder / "starts.npy", np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(keys)))]))

    def _tell_unknown(self, places: Places) -> None:
        with self._path.open("rb") as stream:
            for offset, size in places[:_MOST_TOLD].tolist():
                said = _element(stream, offset, size)
                reason = f"no image has the id {said.get('image_id')!r}; list it under 'images', or mend 'image_id'"
                self._tell("image-id", f"annotation {said.get('id')}", reason)
        if len(places) > _MOST_TOLD:
            self._untold["image-id"] = self._untold.get("image-id", 0) + len(places) - _MOST_TOLD

    def _tell(self, error: str, item: str, reason: str) -> None:
        self._told[error] = self._told.get(error, 0) + 1
        if self._told[error] > _MOST_TOLD:
            self._untold[error] = self._untold.get(error, 0) + 1
        else:
            self._failures.append(self._failure(error, item, reason))

    def _failure(self, error: str, item: str, reason: str) -> Failure:
        message = f"{item} of '{self._path}' left out: {reason}"
        return Failure(input=clean(str(self._path)), item=clean(item), error=error, message=clean(message))


def read_elements(path: Path, places: Places) -> Iterator[dict[str, Any]]:
    """The objects at some places (offset, size) of a file.

    Raises:
        ValueError: The file has changed since it was walked.
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        for offset, size in places.tolist():
            yield _element(stream, offset, size)


def _element(stream: BinaryIO, offset: int, size: int) -> dict[str, Any]:
    stream.seek(offset)
    found = elements.parse(stream.read(size))
    if not isinstance(found, dict):
        raise ValueError(f"no object at byte {offset}")  # noqa: TRY004 - the file, not its caller, is at fault
    return found


def _hashed(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _load(path: Path) -> Places:
    places: Places = np.load(path, mmap_mode="r")
    return places
