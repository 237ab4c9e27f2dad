"""One generator at work on one slice: who it is, and how its rows are known again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog import records
from catalog.errors import TriptychError, UsageError, did_you_mean
from catalog.lake.keys import digest
from catalog.slices.keys import Keys
from catalog.slices.pending import Asked, Pending, pending
from catalog.slices.selection import Selection
from generators.contract import Generator
from generators.device import Place, choose
from generators.model import explained
from generators.registry import make, settings_of
from generators.rows import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a generator is run; none of it changes what it makes."""

    batch_size: int | None = None
    """Images a batch; the generator's own choice when None."""
    workers: int | None = None
    """Processes that decode; one a core when None, none decodes in the process of the model."""
    limit: int | None = None
    """Images at most."""
    retry_failed: bool = False
    """Also images on which the last try failed."""


@dataclass(frozen=True)
class Work:
    """A generator, the slice, the device and the options."""

    generator: Generator
    selection: Selection
    place: Place
    options: Options

    @cached_property
    def model(self) -> str | None:
        """Model and revision."""
        with explained(self.generator, "tell its model"):
            said = self.generator.identity()
            str(said).encode()  # as the catalog stores it
        if said is not None and not isinstance(said, str):
            raise TriptychError(f"the generator {self.generator.name} names its model by {said!r}, which is no text")
        return said

    @cached_property
    def fingerprint(self) -> str:
        """Digest of code version, model and settings: rows with another one are stale."""
        generator = self.generator
        said = json.dumps(self.settings, sort_keys=True, default=str)
        return digest(generator.name, generator.version, self.model or "", said)

    @property
    def settings(self) -> dict[str, Any]:
        """The fields of the generator."""
        named = settings_of(type(self.generator))
        return {item.name: getattr(self.generator, item.name) for item in named}

    @property
    def kind(self) -> str:
        """What the runs and rows of the generator are known by."""
        return self.generator.kind

    @property
    def asked(self) -> Asked:
        """What is looked for in the lake."""
        return Asked(generator=self.kind, fingerprint=self.fingerprint, reads=self.generator.reads)

    @property
    def provenance(self) -> Provenance:
        """What every row says of where it comes from."""
        return Provenance(
            generator=self.kind,
            layer=self.generator.layer,
            reads=self.generator.reads,
            model=self.model,
            fingerprint=self.fingerprint,
        )

    @property
    def decodes(self) -> bool:
        """Whether pixels are read."""
        return self.generator.reads in ("pixels", "boxes", "regions")

    def find(self) -> tuple[Pending, Keys]:
        """What there is to do in the slice, and the row keys of what a run would work on.

        Raises:
            TriptychError: The generator reads a column that is not there.
            UsageError: The slice is one of an older snapshot.
        """
        if self.selection.said.at is not None:
            at = self.selection.said.at
            raise UsageError(f"a generator works on what the lake holds now, not on snapshot {at}; leave --at out")
        self._check_columns()
        found = pending(self.selection, self.asked)
        return found, found.todo(retry_failed=self.options.retry_failed)[: self.options.limit]

    def _check_columns(self) -> None:
        known = records.schema("images").names
        for column in self.generator.columns:
            if column not in known:
                reads = f"the generator {self.generator.name} reads the column '{column}'"
                raise TriptychError(f"{reads}, which images does not have{did_you_mean(column, known)}")

    def workers(self, cores: int) -> int:
        """Processes that prepare images."""
        if self.options.workers is not None:
            return self.options.workers
        return cores if self.decodes else 0

    @property
    def batch_size(self) -> int:
        """Images a batch to begin with; a GPU takes four times as many."""
        return self.options.batch_size or self.generator.batch_size * (4 if self.place.is_cuda else 1)


def work_on(
    selection: Selection,
    name: str,
    *,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    options: Options | None = None,
) -> Work:
    """A generator by its name, at work on a slice.

    Args:
        selection: The slice, as ``Slice.selection`` gives it.
        name: The generator; ``triptych generators`` lists them.
        settings: Its fields; texts become their types.
        device: auto, cpu, cuda or cuda:N.
        options: How it is run.

    Raises:
        UsageError: No such generator, setting or device.
        MissingExtraError: A package that it needs is not installed.
    """
    generator = make(name, dict(settings or {}))
    return Work(generator, selection, choose(device, uses_torch=generator.torch), options or Options())
