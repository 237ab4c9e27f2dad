"""The flags of ``triptych generate`` beside the slice."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from catalog.errors import UsageError

if TYPE_CHECKING:
    from generators.work import Options


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateFlags:
    """How a generator is run, and with which settings."""

    dry_run: bool = False
    """Say what is missing, what it needs first, and how long it would take, from a probe of a few batches."""
    limit: int | None = None
    """Images to work on, at most."""
    device: str = "auto"
    """auto, cpu, cuda or cuda:N."""
    batch_size: int | None = None
    """Images a batch to begin with; it is halved when memory runs out."""
    model: str | None = None
    """The model, by its id or folder."""
    said: Annotated[tuple[str, ...], Parameter(name="--set")] = ()
    """NAME=VALUE: a setting of the generator, such as a threshold or a prompt."""
    retry_failed: bool = False
    """Also try images again on which the last try failed."""
    workers: int | None = None
    """Processes that decode images; one a core unless told otherwise, 0 for none."""
    executor: Literal["local", "ray"] = "local"
    """local, or ray for actors on a Ray cluster."""

    def options(self) -> Options:
        """How the generator is run.

        Raises:
            UsageError: A number that is too small.
        """
        from generators.work import Options

        numbers = {name: getattr(self, name) for name in ("limit", "batch_size", "workers")}
        for name, number in numbers.items():
            least = 0 if name == "workers" else 1
            if number is not None and number < least:
                raise UsageError(f"--{name.replace('_', '-')} {number} is too few; give at least {least}")
        return Options(**numbers, retry_failed=self.retry_failed)

    def settings(self) -> dict[str, Any]:
        """The settings of the generator, as texts.

        Raises:
            UsageError: A ``--set`` that is no pair.
        """
        found: dict[str, Any] = {} if self.model is None else {"model": self.model}
        for text in self.said:
            name, sign, value = text.partition("=")
            if not (name and sign):
                raise UsageError(f"--set '{text}' is no pair; write NAME=VALUE, such as --set threshold=0.5")
            found[name.replace("-", "_")] = value
        return found

    def words(self) -> list[str]:
        """The flags as a command line has them, without those that are as by default."""
        words: list[str] = []
        for item in fields(self):
            value, flag = getattr(self, item.name), f"--{_NAMES.get(item.name, item.name).replace('_', '-')}"
            if value is True:
                words.append(flag)
            elif value != item.default:
                words += [f"{flag}={text}" for text in (value if isinstance(value, tuple) else [value])]
        return words


_NAMES = {"said": "set"}
"""Fields that are not named for their flag."""
Flags = Annotated[GenerateFlags, Parameter(name="*")]
DEFAULT = GenerateFlags()
