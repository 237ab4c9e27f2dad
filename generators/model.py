"""Batches through the device: formed by shape, halved when memory runs out, and image by image when one goes wrong."""

from __future__ import annotations

import gc
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from catalog.errors import InputError, TriptychError
from generators.contract import Generator
from generators.device import Place
from generators.items import Entry, Failed, Prepared

_PENDING = 4
"""Batches' worth of images that may wait for others of their shape."""


def batches(entries: Iterable[Entry], generator: Generator, model: Model) -> Iterator[list[Entry]]:
    """Entries grouped by what may share a batch; failed ones come by themselves, at once."""
    waiting: dict[Hashable, list[Entry]] = {}
    count = 0
    for entry in entries:
        shared = _bucket(entry, generator)
        if isinstance(entry.outcome, Failed):
            yield [entry]
            continue
        bucket = waiting.setdefault(shared, [])
        bucket.append(entry)
        count += 1
        if len(bucket) >= model.size or count >= _PENDING * model.size:
            fullest = max(waiting, key=lambda name: len(waiting[name]))
            batch = waiting.pop(fullest)
            count -= len(batch)
            yield batch
    yield from (batch for batch in waiting.values() if batch)


def _bucket(entry: Entry, generator: Generator) -> Hashable:
    """What images of its batch share; an image of which that cannot be told has failed."""
    if isinstance(entry.outcome, Failed):
        return None
    try:
        shared = generator.bucket(entry.outcome.value)
        hash(shared)
    except (Exception, SystemExit) as error:  # whatever its code raises
        entry.outcome = Failed(type(error).__name__, f"{generator.name} finds no bucket for it: {error}")
        return None
    return shared


class Model:
    """A loaded generator on its device."""

    def __init__(self, generator: Generator, place: Place, *, size: int) -> None:
        self.size = size
        """Images a batch, at most; halved when memory runs out."""
        self.seconds = 0.0
        """Time spent in the generator."""
        self._generator, self._place = generator, place

    def load(self) -> None:
        """Get the generator ready on its device.

        Raises:
            TriptychError: It cannot be.
        """
        with explained(self._generator, "be loaded"):
            self._generator.load(self._place)

    def run(self, batch: list[Entry]) -> None:
        """Give every entry its results, or the reason why it has none.

        Raises:
            TriptychError: The generator broke its contract.
        """
        began = time.perf_counter()
        todo = [entry for entry in batch if isinstance(entry.outcome, Prepared)]
        for start in range(0, len(todo), self.size):
            self._run(todo[start : start + self.size])
        self.seconds += time.perf_counter() - began

    def _run(self, batch: list[Entry]) -> None:
        failed = self._try(batch)
        if failed is None:
            return
        if len(batch) == 1:
            batch[0].outcome = failed
            return
        if failed.kind == "memory":
            self.size = max(1, min(self.size, len(batch)) // 2)
        step = self.size if failed.kind == "memory" else 1
        for start in range(0, len(batch), step):
            self._run(batch[start : start + step])

    def _try(self, batch: list[Entry]) -> Failed | None:
        """Set the outcomes of a batch, or say why it went wrong."""
        try:
            with self._place.inference():
                results = self._generator.generate([entry.outcome.value for entry in batch])
        except TriptychError as error:
            if not isinstance(error, InputError):
                raise
            return Failed(error.kind, str(error))
        except (Exception, SystemExit) as error:  # a model may raise anything
            failed = _told(error, self._generator.name)
        else:
            self._set(batch, results)
            return None
        gc.collect()
        self._place.let_go()
        return failed

    def _set(self, batch: list[Entry], results: Any) -> None:
        """Give every entry its results; an answer that cannot be read through is the failure of its image."""
        if not isinstance(results, Sequence):
            raise self._broken(f"a {type(results).__name__} for {len(batch)} images")
        if len(results) != len(batch):
            raise self._broken(f"{len(results)} results for {len(batch)} images")
        for entry, made in zip(batch, results, strict=True):
            if not isinstance(made, Iterable):
                raise self._broken(f"a {type(made).__name__} for an image")
            try:
                entry.outcome = list(made)
            except (Exception, SystemExit) as error:  # an answer may be code, too
                entry.outcome = _told(error, self._generator.name)

    def _broken(self, returned: str) -> TriptychError:
        return TriptychError(
            f"the generator {self._generator.name} returned {returned}; "
            "generate must return one list for every image of its batch"
        )


@contextmanager
def explained(generator: Generator, what: str) -> Iterator[None]:
    """Name the generator in whatever its code raises.

    Raises:
        TriptychError: What was raised.
    """
    try:
        yield
    except TriptychError:
        raise
    except (Exception, SystemExit) as error:
        said = str(error).strip() or "no reason given"
        raise TriptychError(f"the generator {generator.name} cannot {what}: {type(error).__name__}: {said}") from error


def _told(error: Exception | SystemExit, name: str) -> Failed:
    text = str(error)
    if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text:
        return Failed("memory", f"{name} runs out of memory with this image alone; take a smaller model or image")
    return Failed(type(error).__name__, f"{name} fails on it: {text or type(error).__name__}")
